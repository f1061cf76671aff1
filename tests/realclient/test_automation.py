"""Booked sessions in the real client: they start by themselves, once, and are given their handoff."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.commands.scene import Scene
from tests.realclient import session as sessions
from tests.realclient.exchanges import Exchange
from tests.realclient.messages import Turn, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.realclient.test_handoff import MARK, SAID, plan_call, written
from tests.support import daemons
from tests.support.user_manager import UserManager
from watchkeeper.automation import doors
from watchkeeper.core import state
from watchkeeper.core.ledger import Ledger
from watchkeeper.handoff.start_time import AFTER_RESET

pytestmark = pytest.mark.realclient

_TMUX_SOCKETS = "TMUX_TMPDIR"


@pytest.fixture
def product(claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """Watchkeeper, installed for somebody who is logged in where no terminal is, and whose windows open in tmux."""
    allowed = ["--permission-mode", "default", "--allowedTools", "Bash(git:*),Bash(python3:*)"]
    monkeypatch.setattr(sessions, "_permissions", lambda: allowed)
    claude.make_git_repository()
    claude.use_oauth_token()
    made = Product(claude)
    made.install(quota__plan="pro")
    settings = json.loads(claude.settings_file.read_text(encoding="utf-8"))
    claude.write_settings(
        {**settings, "env": {"CLAUDE_CODE_OAUTH_TOKEN": claude.environment.pop("CLAUDE_CODE_OAUTH_TOKEN")}}
    )
    # Sockets have short paths, and the client is found as a person finds it.
    claude.environment |= {
        _TMUX_SOCKETS: claude.environment["TMPDIR"],
        "PATH": os.pathsep.join([str(claude.client.parent), claude.environment["PATH"]]),
    }
    claude.user.environ.update(claude.environment)
    yield made
    subprocess.run(["tmux", "kill-server"], env=claude.environment, capture_output=True, check=False)


def windows(claude: Claude) -> list[str]:
    """The windows of the user's tmux, each by its session's name."""
    done = subprocess.run(
        ["tmux", "list-windows", "-a", "-F", "#S"], env=claude.environment, capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def planned(product: Product, claude: Claude, used_pct: float = 81.5, ended_ago_s: float = 60.0) -> None:
    """A window that was used up to so much and has ended, and a handoff that waits for the next session."""
    now = time.time()
    reports = [
        state.Report("", "five_hour", now - ended_ago_s, used_pct, now - ended_ago_s - 60, "status_line", False),
        state.Report("", "seven_day", now + 86_400, 20.0, now - ended_ago_s - 60, "status_line", False),
    ]
    with Ledger(str(product.state), now) as ledger:
        for report in reports:
            ledger.state.execute("BEGIN IMMEDIATE")
            state.save_report(ledger.state, report, report.at)
            ledger.state.execute("COMMIT")
    assert 0 == product.command("plan-next-session", "--at", "manual", stdin=SAID).returncode


def book(product: Product, *options: str, at: str = "in 1h") -> str:
    """The id of a session that was booked."""
    told = product.json("automation", "book", "--at", at, "--permission-mode", "default", *options)
    return str(told["booking"]["id"])


def jobs_of_at() -> str:
    """The text of every job that at holds."""
    queue = subprocess.run(["atq"], capture_output=True, text=True, check=True).stdout
    shown = [["at", "-c", line.split()[0]] for line in queue.splitlines()]
    return "".join(subprocess.run(each, capture_output=True, text=True, check=False).stdout for each in shown)


def has_handoff(exchange: Exchange) -> bool:
    return 1 == exchange.text.count(MARK) and "Guard the user routes" in exchange.text


def states(product: Product) -> list[str]:
    return [row[0] for row in product.query("state.db", "SELECT state FROM bookings ORDER BY booked_at")]


def test_at_and_cron_start_it(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """A minute ahead, each of them opens the real client in tmux with the handoff, and holds nothing afterwards."""
    other = claude.project.with_name("other-project")
    (other / ".git").mkdir(parents=True)
    known = json.loads((claude.config / ".claude.json").read_text(encoding="utf-8"))
    known["projects"][str(other)] = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    (claude.config / ".claude.json").write_text(json.dumps(known), encoding="utf-8")
    with daemons.running(daemons.AT), daemons.running(daemons.CRON):
        planned(product, claude)
        at = book(product, "--scheduler", "at", at="in 20s")
        first, claude.project = claude.project, other
        planned(product, claude)
        cron = book(product, "--scheduler", "cron", at="in 20s")
        claude.project = first
        held = {each["id"]: each["held"] for each in product.json("automation-status")["bookings"]}

        stand_in.wait_for(2, "main", timeout_s=150)
        _wait_for_states(product, ["launched", "launched"])
        jobs = jobs_of_at()
        lines = subprocess.run(
            ["crontab", "-l"], capture_output=True, encoding="utf-8", errors="replace", check=False
        ).stdout

    assert {at: True, cron: True} == held
    assert [True, True] == [has_handoff(each) for each in stand_in.exchanges("main")]
    assert 2 == len(windows(claude))
    assert cron not in lines
    assert at not in jobs
    assert [] == product.json("automation-status")["bookings"]
    assert "" == product.hook_failures()


def test_systemd_starts_it(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """To the second, and the tmux that its unit has started lives on when the unit has ended."""
    planned(product, claude)
    handoff_id = product.json("handoffs")["handoffs"][0]["id"]
    manager = UserManager(claude.user.home)
    manager.start()

    def run(*arguments: str) -> dict[str, Any]:
        command = [str(product.state / "bin" / "watchkeeper"), *arguments, "--json"]
        variables = {**claude.user.environ, **manager.environ, "PATH": claude.user.environ["PATH"]}
        told = manager.run(command, timeout_s=60.0, extra_environment=variables)
        answer: dict[str, Any] = json.loads(told.stdout)
        return answer

    try:
        asked_at = time.time()
        # The way into the manager's namespace leads to the root folder, so the handoff says which project it is.
        options = ("--handoff", handoff_id, "--scheduler", "systemd", "--permission-mode", "default")
        booked = run("automation", "book", "--at", "in 4s", *options)
        stand_in.wait_for(1, "main")
        _wait_for_states(product, ["launched"])
        shown = run("automation-status")
        windows_then = windows(claude)
    finally:
        manager.stop()

    assert (True, "systemd") == (booked["booking"]["held"], booked["booking"]["scheduler"])
    assert asked_at + 3 <= _epoch(booked["booking"]["at"]) <= asked_at + 7
    assert [] == shown["bookings"]
    assert [True] == [has_handoff(each) for each in stand_in.exchanges("main")]
    assert 1 == len(windows_then)


def test_from_eighty_percent_to_the_next_session(
    product: Product, claude: Claude, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 81 % the session is planned and booked for after the reset; told of before, it starts with its handoff.

    The clock is an hour ahead from the reminder on: nobody waits that long for a test.
    """
    resets_at = float(int(time.time()) + 3_600)
    stand_in.report_limits(five_hour_pct=81.5, five_hour_resets_at=resets_at)
    said = f'"at": "{AFTER_RESET}",\n' + SAID
    stand_in.script(Turn("Ready."), plan_call(product, said=said), Turn("Planned."))
    with daemons.running(daemons.AT):
        with claude.terminal(lines=70) as terminal:
            terminal.submit("Get ready")
            terminal.wait_for("5h 81% reported")
            terminal.submit("/plan-next-session")
            terminal.wait_for("Planned.")
            terminal.submit("/automation-status")
            page = terminal.wait_for("Held by")
            terminal.quit()
        (booked,) = product.json("automation-status")["bookings"]
        held = jobs_of_at()
        requests = len(stand_in.exchanges())

        notices: list[tuple[str, str]] = []
        fired = _later(product, monkeypatch, notices)
        reminded = fired.run("automation", "notice", booked["id"], "--by-scheduler", now=resets_at)
        stand_in.headers = {}
        stand_in.script(Turn("I have the handoff."))
        launched = fired.run("automation", "fire", booked["id"], "--by-scheduler", "--json", now=resets_at + 330)
        stand_in.wait_for(requests + 1)
        jobs = jobs_of_at()

    assert "Launch time" in page
    assert ("at", True) == (booked["scheduler"], booked["held"])
    assert f"{booked['id']}-notice" in held
    assert resets_at + 300 <= _epoch(booked["at"]) < resets_at + 361
    assert (0, 0) == (reminded.code, launched.code), launched.out + launched.err
    assert "A Claude Code session starts soon" == notices[0][0]
    assert "A Claude Code session has started" == notices[1][0]
    first = stand_in.exchanges("main")[-1]
    assert has_handoff(first)
    assert "This session was booked with Watchkeeper" in first.text
    assert ["launched"] == states(product)
    assert booked["id"] not in jobs
    assert "" == product.hook_failures()


def test_a_lost_race_starts_one_session(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Three processes fire one booking at once: one of them starts it."""
    planned(product, claude)
    booking_id = book(product, "--scheduler", "none", "--terminal", "tmux")
    stand_in.script(Turn("Here."))
    codes: list[int] = []
    racers = [
        threading.Thread(target=lambda: codes.append(product.command("automation", "fire", booking_id).returncode))
        for _ in range(3)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    stand_in.wait_for(1, "main")
    assert [0, 1, 1] == sorted(codes)
    assert 1 == len(windows(claude))
    assert [True] == [has_handoff(each) for each in stand_in.exchanges("main")]


def test_killed_right_after_the_launch_it_is_not_started_again(
    product: Product, claude: Claude, stand_in: StandIn
) -> None:
    """kill -9 comes between the window and the bookkeeping; whoever looks next sees that the session is there."""
    planned(product, claude)
    folder = claude.user.home / "bin"
    folder.mkdir()
    once = folder / "once"
    once.touch()
    real = shutil.which("tmux")
    wrapper = folder / "tmux"
    wrapper.write_text(
        f'#!/bin/sh\n{real} "$@"\ncase "$1" in new-session) [ -e {once} ] && rm {once} && kill -9 $PPID;; esac\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    claude.user.environ["PATH"] = os.pathsep.join([str(folder), claude.user.environ["PATH"]])
    booking_id = book(product, "--scheduler", "none", "--terminal", "tmux")

    killed = product.command("automation", "fire", booking_id)
    stand_in.wait_for(1, "main")
    again = product.command("automation", "fire", booking_id)
    shown = product.json("automation-status")

    assert not once.exists()
    assert -9 == killed.returncode
    assert 1 == again.returncode
    assert "launching" in again.stderr
    assert ["launched"] == [each["state"] for each in shown["past"]]
    assert 1 == len(windows(claude))
    assert 1 == len(stand_in.exchanges("main"))


def test_headless_it_runs_to_its_end(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Its output is kept, and the limits that its stream reports are in the ledger without any status line."""
    planned(product, claude)
    resets_at = float(int(time.time()) + 4 * 3_600)
    stand_in.report_limits(five_hour_pct=3, five_hour_resets_at=resets_at)
    stand_in.script(Turn("Done."))
    booking_id = book(product, "--scheduler", "none", "--headless", "--budget", "2")

    fired = product.json("automation", "fire", booking_id)

    (exchange,) = stand_in.exchanges("main")
    assert has_handoff(exchange)
    assert (True, "launched") == (fired["launched"], fired["booking"]["state"])
    assert (0, 1, False) == tuple(fired["booking"]["outcome"][name] for name in ("code", "turns", "is_error"))
    assert [(3.0, resets_at, "stream")] == product.query(
        "state.db", "SELECT used_pct, resets_at, source FROM reports WHERE source = 'stream' AND kind = 'five_hour'"
    )
    assert [("used",)] == product.query("state.db", "SELECT state FROM handoffs")


def test_at_critical_the_next_session_books_itself(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """With auto_schedule on a job beside the hook books the session's own draft for five minutes after the reset."""
    resets_at = float(int(time.time()) + 3_600)
    assert 0 == product.command("config", "set", "automation.auto_schedule", "true").returncode
    stand_in.report_limits(five_hour_pct=91.5, five_hour_resets_at=resets_at)
    stand_in.script(Turn("Ready."), Turn("Working.", (bash("git status"),)), Turn("Worked."))
    with daemons.running(daemons.AT):
        with claude.terminal(lines=60) as terminal:
            terminal.submit("Get ready")
            terminal.wait_for("5h 91% reported")
            terminal.submit("Work on sign-in")
            terminal.wait_for("Worked.")
            _wait_for_states(product, ["booked"])
            terminal.submit("/session-status")
            page = terminal.wait_for("Automation")
            terminal.quit()
        (booked,) = product.json("automation-status")["bookings"]
        cancelled = product.json("cancel-next-session")["cancelled"]
        jobs = jobs_of_at()

    assert "waiting for the quota's reset" in page
    assert ("automation", "at", True) == (booked["by"], booked["scheduler"], booked["held"])
    assert resets_at + 300 <= _epoch(booked["at"]) < resets_at + 361
    assert [booked["id"]] == [each["id"] for each in cancelled]
    assert booked["id"] not in jobs
    assert [("draft", "pending")] == [
        (written(claude)[0].kind, product.query("state.db", "SELECT state FROM handoffs")[0][0])
    ]


def test_status_and_cancelling_cost_no_request(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Both are answered by the hook, in a terminal and with -p."""
    planned(product, claude)
    book(product, "--scheduler", "none")

    shown = claude.headless("/automation-status")
    cancelled = claude.headless("/cancel-next-session")

    assert "Next session: project" in shown.result["result"]
    assert "Cancelled: the session at" in cancelled.result["result"]
    assert [] == stand_in.exchanges()
    assert ["cancelled"] == states(product)


def _wait_for_states(product: Product, wanted: list[str], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while states(product) != wanted:
        assert time.monotonic() < deadline, (states(product), _log(product))
        time.sleep(0.2)


def _log(product: Product) -> str:
    path = product.state / "automation" / "session-log.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _epoch(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def _later(product: Product, monkeypatch: pytest.MonkeyPatch, notices: list[tuple[str, str]]) -> Scene:
    """Commands run in this process at a time to be given, with everything outside real but the notices."""
    real = doors.real

    def later(app: Any) -> doors.Doors:
        def keep(title: str, body: str) -> None:
            notices.append((title, body))

        return real(app)._replace(notify=keep, now=lambda: float(app.now))

    monkeypatch.setattr(doors, "real", later)
    for name, value in product.claude.user.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(product.claude.project)
    scene = Scene(product.claude.user)
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")
    return scene
