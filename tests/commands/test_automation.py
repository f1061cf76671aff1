"""Booking on the command line, firing by hand, and asking whether the quota is ready."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.automation.outside import Outside
from tests.automation.stage import Stage
from tests.automation.stage import begins as begins_in
from tests.commands.golden import assert_golden
from tests.commands.scene import Ran, Scene
from watchkeeper.automation import view
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


@pytest.fixture
def stage(scene: Scene, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A project with a handoff, a client on the path and a plan."""
    project = tmp_path / "my-app"
    (project / ".git").mkdir(parents=True)
    program = tmp_path / "bin" / "claude"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    trusted = {"projects": {str(project): {"hasTrustDialogAccepted": True}}}
    (scene.user.config / ".claude.json").write_text(json.dumps(trusted), encoding="utf-8")
    monkeypatch.chdir(project)
    scene.environ["PATH"] = str(program.parent)
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")
    scene.project = str(project)
    made = Stage(scene, outside, str(program))
    made.write_handoff()
    scene.settings(quota={"plan": "pro"})
    return made


def booked(stage: Stage, *options: str, **more: Any) -> dict[str, Any]:
    ran = stage.scene.run("automation", "book", "--json", *options, **more)
    assert 0 == ran.code, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    return told["booking"]  # type: ignore[no-any-return]


def test_the_handoff_that_waits_is_booked(stage: Stage, outside: Outside) -> None:
    """With its estimate and its agent, at the time that was said."""
    told = booked(stage, "--at", "18:05")

    assert ("2026-11-20T18:05:00+00:00", "handoff-auth", "booked", "recording", True) == tuple(
        told[name] for name in ("at", "handoff", "state", "scheduler", "held")
    )
    assert (45_000, stage.project) == (told["estimated_tokens"], told["project"])
    assert {told["id"], f"{told['id']}-notice"} == outside.scheduler.jobs.keys()


def test_at_the_reset(stage: Stage) -> None:
    """The reset is the reported one."""
    stage.scene.report(81.5, resets_in_min=85.0)

    assert "2026-11-20T13:30:00+00:00" == booked(stage, "--at", "reset+5m")["at"]


def test_every_option(stage: Stage) -> None:
    """What the user says is what is booked; what follows the dashes is for the client."""
    options = "--headless --agent x.md --model opus --permission-mode dontAsk --budget $2.50 --tokens 80k".split()

    told = booked(stage, "--at", "in 2h", *options, "--even-if-unknown", "--", "--allowedTools", "Bash(git *) Edit")

    assert {
        "headless": True,
        "agent": "x",
        "model": "opus",
        "permissions": "dontAsk",
        "budget_usd": 2.5,
        "estimated_tokens": 80_000,
        "even_if_unknown": True,
        "extra": ["--allowedTools", "Bash(git *) Edit"],
    }.items() <= told.items()


def test_without_a_handoff(stage: Stage) -> None:
    """A session can be booked that begins with nothing."""
    stage.scene.run("handoffs", "drop", "auth")

    assert booked(stage, "--at", "in 2h")["handoff"] is None


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--at", "soon"), 2, "is no time"),
        (("--at", "2020-01-01"), 1, "is over"),
        (("--at", "manual"), 2, "A booking needs a time"),
        (("--at", "reset"), 1, "The reset is not known yet"),
        (("--at", "in 2h", "--handoff", "nope"), 1, "No handoff is called 'nope'"),
        (("--at", "in 2h", "--scheduler", "nope"), 1, "there is no scheduler called nope"),
        (("--at", "in 2h", "--budget", "much"), 2, "is no sum of money"),
        (("--at", "in 2h", "--budget", "3"), 2, "--budget works for headless sessions only"),
        (("--at", "in 2h", "--tokens", "many"), 2, "is no number of tokens"),
        (("--at", "in 2h", "--agent", "--resume"), 2, "agent"),
        (("--at", "in 2h", "--permission-mode", "yolo"), 2, "permission-mode"),
        (("--at", "in 2h", "--permission-mode", "bypassPermissions"), 2, "needs your word for it: add --yes"),
        (("--at", "in 2h", "--json", "--", "--dangerously-skip-permissions"), 2, "needs your word for it: add --yes"),
        (("--at", "in 2h", "--", "--resume"), 2, "--resume is no option for a booked session"),
        ((), 2, "--at"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_booked(
    stage: Stage, outside: Outside, options: tuple[str, ...], code: int, sentence: str
) -> None:
    """One sentence says what to do, and nothing is booked."""
    ran = stage.scene.run("automation", "book", *options)

    assert code == ran.code
    assert sentence in ran.err
    assert 1 == ran.err.count("\n")
    assert {} == outside.scheduler.jobs


@pytest.mark.parametrize(("answer", "count"), [("yes\n", 2), ("no\n", 0), ("", 0)], ids=["yes", "no", "silence"])
def test_a_person_is_asked_once(stage: Stage, outside: Outside, answer: str, count: int) -> None:
    """When it starts, where, and how it asks before it acts is said before it is booked."""
    ran = stage.scene.run("automation", "book", "--at", "18:05", stdin=answer, is_interactive=True)

    said = " ".join(ran.out.split())
    assert int(count == 0) == ran.code
    assert "At 18:05 a session of Claude Code starts by itself in" in said
    assert "How it asks before it acts: Claude Code's own (its automatic mode" in said
    assert ("Nothing was booked" in ran.err) is (count == 0)
    assert count == len(outside.scheduler.jobs)


@pytest.mark.parametrize(
    ("options", "minutes"),
    [(("--at", "in 2h"), 5), (("--at", "in 4m"), 0), (("--at", "in 2h", "--scheduler", "none"), 0)],
    ids=["held", "too soon", "held by nobody"],
)
def test_a_reminder_is_promised_only_where_there_is_one(stage: Stage, options: tuple[str, ...], minutes: int) -> None:
    """Nor does a machine start by waking what nothing holds."""
    told = json.loads(stage.scene.run("automation", "book", *options, "--json").out)

    assert minutes == told["notice_minutes"]
    assert "none" not in options or told["booking"]["waking"] is None


def test_a_program_at_a_terminal_confirms_a_bypass_too(stage: Stage, outside: Outside) -> None:
    """With --json nobody is asked, so the word for it has to be given."""
    ran = stage.scene.run(
        *("automation", "book", "--at", "in 2h", "--permission-mode", "bypassPermissions", "--json"),
        is_interactive=True,
    )

    assert (2, {}) == (ran.code, outside.scheduler.jobs)
    assert "add --yes" in ran.err


def test_a_bypass_that_was_confirmed(stage: Stage) -> None:
    """Only the user's own word puts it into a booking."""
    assert booked(stage, "--at", "in 2h", "--permission-mode", "bypassPermissions", "--yes")["bypasses"]


@pytest.mark.parametrize("name", ["it's", "$(touch pwned)", "`id`", "ünïcödé 名", "a b"])
def test_hostile_names_stay_data(stage: Stage, outside: Outside, name: str) -> None:
    """An agent may be called anything: what the operating system holds does not name it at all."""
    told = booked(stage, "--at", "in 2h", "--agent", name)

    assert name == told["agent"]
    assert not any(name in argument for job in outside.scheduler.jobs.values() for argument in job.argv)


def test_a_hostile_id_is_no_path(stage: Stage) -> None:
    """A handoff and a booking are looked up, never opened by what was typed."""
    for argv in (("book", "--at", "in 2h", "--handoff", "../../etc/passwd"), ("fire", "../x"), ("fire", "")):
        ran: Ran = stage.scene.run("automation", *argv)
        assert 1 == ran.code
        assert "is called" in ran.err


def test_what_would_keep_it_from_starting_is_said_at_once(stage: Stage) -> None:
    """A folder that is not trusted, a client that is not found, a plan that is not known."""
    (stage.scene.user.config / ".claude.json").write_text('{"projects": {}}', encoding="utf-8")
    stage.scene.environ["PATH"] = "/nowhere"
    stage.scene.settings()

    told = json.loads(stage.scene.run("automation", "book", "--at", "in 2h", "--json").out)

    assert [("trusted", "no"), ("claude", "no"), ("estimate fits", "unknown")] == [
        (each["fact"], each["state"]) for each in told["against"]
    ]


def test_fire_by_hand(stage: Stage) -> None:
    """The preflight is shown fact by fact; exit code 0 says that a session was started."""
    stage.ready()
    begins_in(stage)
    booking_id = booked(stage, "--at", "in 2h")["id"]

    ran = stage.scene.run("automation", "fire", booking_id[:4], "--json")

    told = json.loads(ran.out)
    assert (0, True, "launched") == (ran.code, told["launched"], told["booking"]["state"])
    assert {"yes"} == {each["state"] for each in told["preflight"]}


def test_fire_that_starts_nothing_ends_with_one(stage: Stage) -> None:
    """Scripts can tell."""
    booking_id = booked(stage, "--at", "in 2h")["id"]

    ran = stage.scene.run("automation", "fire", booking_id)

    assert 1 == ran.code
    assert "Not ready at try 1 of 8; the next one is at 12:30." in ran.out


def test_the_reminder_is_shown_once(stage: Stage, outside: Outside) -> None:
    """Five minutes before, with how to stop it; a second job tells nothing twice."""
    booking_id = booked(stage, "--at", "in 5m")["id"]

    for _ in range(2):
        assert 0 == stage.scene.run("automation", "notice", booking_id, "--by-scheduler").code

    assert [
        (
            "A Claude Code session starts soon",
            f"my-app at 12:05 (in 5m). To stop it: watchkeeper cancel-next-session {booking_id}",
        )
    ] == outside.notices


def test_what_was_put_off_is_told_of_again(stage: Stage, outside: Outside) -> None:
    """Each time that a session may start at has its reminder."""
    booking_id = booked(stage, "--at", "in 5m")["id"]
    stage.scene.run("automation", "notice", booking_id, "--by-scheduler")
    stage.scene.now += 300.0
    outside.at += 300.0
    assert 1 == stage.scene.run("automation", "fire", booking_id, "--by-scheduler").code
    stage.scene.now += 1_500.0

    stage.scene.run("automation", "notice", booking_id, "--by-scheduler")

    assert ["my-app at 12:05 (in 5m)", "my-app at 12:35 (in 5m)"] == [
        text.partition(".")[0] for _, text in outside.notices
    ]


def test_no_reminder_of_what_was_cancelled(stage: Stage, outside: Outside) -> None:
    """Its job may fire in the same second."""
    booking_id = booked(stage, "--at", "in 5m")["id"]
    stage.scene.run("cancel-next-session")

    stage.scene.run("automation", "notice", booking_id, "--by-scheduler")

    assert [] == outside.notices


@pytest.mark.parametrize(
    ("used_pct", "resets_in_min", "tokens", "code", "word"),
    [
        (83.0, -5.0, "", 0, "READY"),
        (83.0, -5.0, "150k", 0, "READY"),
        (83.0, -5.0, "250k", 1, "WAITING"),
        (83.0, 85.0, "", 1, "WAITING"),
        (9.0, 290.0, "", 0, "READY"),
        (10.5, 290.0, "", 1, "WAITING"),
        (None, 0.0, "", 1, "WAITING"),
    ],
    ids=["reset", "fits", "too large", "not yet", "9 percent", "10.5 percent", "unknown"],
)
def test_check_quota(
    stage: Stage, used_pct: float | None, resets_in_min: float, tokens: str, code: int, word: str
) -> None:
    """READY and 0, or WAITING and 1: what is not known waits."""
    if used_pct is not None:
        stage.scene.report(used_pct, resets_in_min, ago_min=1.0)
        stage.scene.report(30.0, 60 * 24 * 3, weekly=True)

    ran = stage.scene.run("automation", "check-quota", *(("--tokens", tokens) if tokens else ()))
    told = json.loads(stage.scene.run("automation", "check-quota", "--json").out)

    assert (code, word) == (ran.code, ran.out.splitlines()[0])
    assert 4 == len(told["preflight"])


def test_check_quota_page(stage: Stage) -> None:
    """The facts behind the word, and when it resets."""
    stage.scene.report(83.0, 85.0, ago_min=3.0)
    stage.scene.report(30.0, 60 * 24 * 3, weekly=True)

    assert_golden(
        "automation-check-quota",
        lambda columns, colour: stage.scene.run("automation", "check-quota", columns=columns, colour=colour).out,
    )


def test_booked_page() -> None:
    """Everything that was agreed, and what stands in the way."""
    shown = {
        "now_at": 1_795_176_000.0,
        "notice_minutes": 5,
        "against": [{"fact": "trusted", "state": "no", "detail": "open it there once"}],
        "booking": {
            "id": "4a26f3fe",
            "state": "booked",
            "at": 1_795_197_900.0,
            "in_s": 21_900.0,
            "tries": 0,
            "most_tries": 8,
            "scheduler": "systemd",
            "held": True,
            "survives_restart": True,
            "handoff": "handoff-95847ad0",
            "project": "/home/ada/my-app",
            "headless": False,
            "terminal": None,
            "agent": "implementation-agent",
            "permissions": view.permissions_of(None),
            "bypasses": False,
            "estimated_tokens": 45_000,
            "left_out": ["ANTHROPIC_API_KEY"],
            "preflight": [],
            "waking": "sudo rtcwake --mode no --time 1795197840",
        },
    }

    assert_golden(
        "automation-booked",
        lambda columns, colour: engine.render("automation-booked", shown, Pen(colour), columns, 1_795_176_000.0),
    )
