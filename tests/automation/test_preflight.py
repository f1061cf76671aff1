"""Every fact of the preflight: when it holds, when it does not, and when it cannot be told."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.automation.outside import LOGGED_IN, OTHER
from tests.automation.stage import OTHER_SESSION, Stage, informational
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.terminal.failing import FailingTerminal
from watchkeeper.automation import preflight
from watchkeeper.automation.facts import NO, UNKNOWN, YES
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import pending

Change = Callable[[Stage], Any]
"""Makes the world different; what it returns are fields of the booking."""


def nothing(_: Stage) -> None:
    """Everything is as it is where all is ready."""


def handoff_is_gone(stage: Stage) -> None:
    Path(stage.waiting().path).unlink()


def handoff_is_used(stage: Stage) -> None:
    with stage.scene.ledger as ledger, Transaction(ledger.state) as db:
        pending.claim(db, stage.waiting().handoff_id, OTHER_SESSION, stage.now)


def folder_is_gone(stage: Stage) -> None:
    shutil.rmtree(stage.project)


def folder_leads_elsewhere(stage: Stage) -> None:
    elsewhere = Path(stage.project).with_name("elsewhere")
    Path(stage.project).rename(elsewhere)
    Path(stage.project).symlink_to(elsewhere)


def state_of_client(stage: Stage, text: str | None) -> None:
    path = stage.scene.user.config / ".claude.json"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")


def no_claude(stage: Stage) -> None:
    Path(stage.claude).unlink()


def says(**changes: object) -> Finished:
    return Finished(0, json.dumps({**LOGGED_IN, **changes}), "")


def set_login(stage: Stage, answer: Finished | ProgramFailed) -> None:
    stage.outside.login = answer


def set_version(stage: Stage, answer: Finished | ProgramFailed) -> None:
    stage.outside.version = answer


def set_terminal(stage: Stage, reason: str) -> None:
    stage.outside.terminal = FailingTerminal(reason)


def no_reports(stage: Stage) -> None:
    with stage.scene.ledger as ledger, Transaction(ledger.state) as db:
        db.execute("DELETE FROM reports")
    stage.scene.settings()


def window(stage: Stage, used_pct: float, resets_in_min: float) -> None:
    stage.scene.report(used_pct, resets_in_min, ago_min=1.0)


def week(stage: Stage, used_pct: float) -> None:
    stage.scene.report(used_pct, 60 * 24 * 3, ago_min=1.0, weekly=True)


def sample(stage: Stage, ram_gb: float | None, temp_c: float | None) -> None:
    assert stage.outside.sample is not None
    stage.outside.sample = stage.outside.sample._replace(ram_available_gb=ram_gb, cpu_temp_c=temp_c)


def no_session_files(stage: Stage) -> None:
    shutil.rmtree(stage.scene.user.config / "sessions")


def was_active(stage: Stage) -> None:
    no_session_files(stage)
    stage.scene.session(OTHER_SESSION, began_min=30, last_at=stage.now - 60)


def continues(stage: Stage) -> None:
    limit = "Usage limit reached · continuing automatically at 6pm · esc to cancel"
    stage.said(OTHER_SESSION, {"type": "user", "message": {}}, informational(limit))


def runs_and_continues(stage: Stage) -> None:
    stage.runs()
    continues(stage)


def continued_without_files(stage: Stage) -> None:
    was_active(stage)
    continues(stage)


def cancelled_continuing(stage: Stage) -> None:
    stage.runs()
    stage.said(
        OTHER_SESSION,
        informational("Usage limit reached · continuing automatically at 6pm · esc to cancel"),
        informational("Automatic continue cancelled · /rate-limit-options to re-arm"),
    )


def quiet(stage: Stage, *hours: str) -> None:
    stage.scene.settings(quota={"plan": "pro"}, planner={"quiet_hours": list(hours)})


CASES: list[tuple[str, str, str, Change]] = [
    ("handoff", YES, "waits", nothing),
    ("handoff", NO, "the file is gone", handoff_is_gone),
    ("handoff", NO, "another session was given it", handoff_is_used),
    ("project", YES, "is there", nothing),
    ("project", NO, "is gone", folder_is_gone),
    ("project", NO, "leads elsewhere", folder_leads_elsewhere),
    ("trusted", YES, "accepted", nothing),
    ("trusted", YES, "a folder above it", lambda it: state_of_client(it, trust(str(Path(it.project).parent), True))),
    ("trusted", NO, "not accepted", lambda it: state_of_client(it, trust(it.project, False))),
    ("trusted", NO, "never asked", lambda it: state_of_client(it, '{"projects": {}}')),
    ("trusted", UNKNOWN, "no state", lambda it: state_of_client(it, None)),
    ("trusted", UNKNOWN, "broken state", lambda it: state_of_client(it, '{"projects": [')),
    ("trusted", UNKNOWN, "another shape", lambda it: state_of_client(it, '{"projects": 7}')),
    ("claude", YES, "runs", nothing),
    ("claude", NO, "not found", no_claude),
    ("claude", NO, "does not run", lambda it: set_version(it, ProgramFailed(["claude"], "it cannot be started"))),
    ("claude", NO, "fails", lambda it: set_version(it, Finished(1, "", "broken"))),
    ("claude", NO, "too old", lambda it: set_version(it, Finished(0, "2.0.1 (Claude Code)", ""))),
    ("claude", UNKNOWN, "no version", lambda it: set_version(it, Finished(0, "hello", ""))),
    ("login", YES, "logged in", nothing),
    ("login", NO, "logged out", lambda it: set_login(it, says(loggedIn=False, authMethod="none"))),
    ("login", NO, "expired", lambda it: set_login(it, says(loginExpiresAt=(it.now - 60) * 1000))),
    ("login", UNKNOWN, "no answer", lambda it: set_login(it, ProgramFailed(["claude"], "it was not done"))),
    ("login", UNKNOWN, "no JSON", lambda it: set_login(it, Finished(1, "error: unknown command", ""))),
    ("terminal", YES, "works", nothing),
    ("terminal", YES, "none needed", lambda _: {"headless": True}),
    ("terminal", NO, "none works", lambda it: set_terminal(it, "tmux is not installed")),
    ("permissions", YES, "as the client starts", nothing),
    ("permissions", YES, "headless", lambda _: {"headless": True}),
    ("quota reset", YES, "the reported reset is over", nothing),
    ("quota reset", YES, "a new window is open", lambda it: window(it, 2.0, 290)),
    ("quota reset", NO, "the old window is still open", lambda it: window(it, 83.0, 4)),
    ("quota reset", UNKNOWN, "nothing is known", no_reports),
    ("quota free", YES, "all of it", nothing),
    ("quota free", YES, "9 percent used", lambda it: window(it, 9.0, 290)),
    ("quota free", NO, "11 percent used", lambda it: window(it, 11.0, 290)),
    ("quota free", UNKNOWN, "nothing is known", no_reports),
    ("estimate fits", YES, "45k of 200k", nothing),
    ("estimate fits", YES, "no estimate", lambda _: {"estimated_tokens": None}),
    ("estimate fits", NO, "250k of 200k", lambda _: {"estimated_tokens": 250_000}),
    ("estimate fits", UNKNOWN, "no plan", lambda it: it.scene.settings()),
    ("estimate fits", UNKNOWN, "no report", no_reports),
    ("weekly limit", YES, "30 percent used", nothing),
    ("weekly limit", NO, "96 percent used", lambda it: week(it, 96.0)),
    ("weekly limit", UNKNOWN, "nothing is known", no_reports),
    ("machine", YES, "room", nothing),
    ("machine", NO, "hardly any memory", lambda it: sample(it, 0.3, 50.0)),
    ("machine", NO, "too hot", lambda it: sample(it, 11.0, 95.0)),
    ("machine", UNKNOWN, "no sensors", lambda it: sample(it, None, None)),
    ("machine", UNKNOWN, "the look fails", lambda it: setattr(it.outside, "sample", None)),
    ("idle project", YES, "no session", nothing),
    ("idle project", YES, "an idle one", lambda it: it.runs()),
    ("idle project", YES, "one in another project", lambda it: it.runs(cwd=OTHER, status="busy")),
    ("idle project", NO, "a busy one", lambda it: it.runs(status="busy")),
    ("idle project", UNKNOWN, "one that does not say", lambda it: it.runs(status=None)),
    ("idle project", YES, "no files, nothing active", no_session_files),
    ("idle project", UNKNOWN, "no files, one was active", was_active),
    ("nobody waits", YES, "no session", nothing),
    ("nobody waits", YES, "the process is gone", continues),
    ("nobody waits", YES, "it was cancelled", cancelled_continuing),
    ("nobody waits", NO, "it continues by itself", runs_and_continues),
    ("nobody waits", UNKNOWN, "whether it runs is not known", continued_without_files),
    ("open hours", YES, "no quiet hours", nothing),
    ("open hours", YES, "other hours", lambda it: quiet(it, "22:00-07:00")),
    ("open hours", NO, "quiet hours", lambda it: quiet(it, "11:30-14:00")),
]


def trust(folder: str, accepted: bool) -> str:
    return json.dumps({"projects": {folder: {"hasTrustDialogAccepted": accepted}}})


@pytest.mark.parametrize(
    ("name", "state", "change"),
    [pytest.param(name, state, change, id=f"{name}: {state}: {why}") for name, state, why, change in CASES],
)
def test_facts(stage: Stage, name: str, state: str, change: Change) -> None:
    """Each fact is yes, no or unknown for what it says it is about, whatever else is so."""
    stage.ready()
    booked = stage.book()
    fields = change(stage)
    if fields:
        booked = stage.book(**fields)

    facts = stage.facts(booked)

    assert (name, state) == (facts[name].fact, facts[name].state), facts[name].detail
    assert facts[name].detail


def test_all_facts_hold_where_all_is_ready(stage: Stage) -> None:
    """A stage where nothing is changed is ready, so that each of the cases above is about one thing."""
    stage.ready()

    facts = stage.facts(stage.book())

    assert [] == [each for each in facts.values() if each.state != YES]
    assert {name for name, *_ in CASES} == facts.keys()


def test_a_bypass_is_refused_to_root(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client refuses it too, and would end with an error in a window that nobody looks at."""
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    stage.ready()

    assert NO == stage.facts(stage.book(permission_mode="bypassPermissions"))["permissions"].state


@pytest.mark.parametrize(
    ("told", "headless", "state"),
    [("", False, NO), ("", True, YES), ("settings.json", False, YES), (".claude.json", False, YES)],
    ids=["never warned", "headless", "in the settings", "in the state"],
)
def test_a_bypass_that_would_be_warned_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, told: str, headless: bool, state: str
) -> None:
    """The client asks about it once, and would wait for an answer in a window that nobody looks at."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    stage.ready()
    accepted = {"skipDangerousModePermissionPrompt": True, "bypassPermissionsModeAccepted": True}
    if told:
        (stage.scene.user.config / told).write_text(json.dumps(accepted), encoding="utf-8")

    booked = stage.book(permission_mode="bypassPermissions", headless=headless)

    assert state == stage.facts(booked)["permissions"].state


def test_what_is_switched_off_gives_no_handoff(stage: Stage) -> None:
    """The session would begin with nothing."""
    stage.ready()
    booked = stage.book()
    stage.scene.run("off")

    assert NO == stage.facts(booked)["handoff"].state
    assert "watchkeeper on" in stage.facts(booked)["handoff"].detail


def test_a_variable_that_was_left_out_is_named(stage: Stage) -> None:
    """Who logs in with a key in the environment is told why that does not work for what starts by itself."""
    stage.ready()
    set_login(stage, says(loggedIn=False, authMethod="none"))
    booked = stage.book()._replace(left_out='["ANTHROPIC_API_KEY"]')

    assert "ANTHROPIC_API_KEY was set when you booked and is not stored" in stage.facts(booked)["login"].detail


def test_an_account_that_pays_by_the_token_has_no_window(stage: Stage) -> None:
    """What the client says of its login decides whose limits count."""
    stage.ready()
    set_login(stage, says(authMethod="api_key"))

    facts = stage.facts(stage.book())

    limits = ("quota reset", "quota free", "estimate fits", "weekly limit")
    assert [YES] * 4 == [facts[name].state for name in limits]
    assert all("pays by the token" in facts[name].detail for name in limits)


def test_the_client_is_asked_with_what_was_booked(stage: Stage) -> None:
    """Version and login are those of the environment that the session will have."""
    stage.ready()

    stage.facts(stage.book())

    assert [[stage.claude, "--version"], [stage.claude, "auth", "status", "--json"]] == [
        argv for argv, _ in stage.outside.asked
    ]
    assert {str(Path(stage.claude).parent)} == {variables["PATH"] for _, variables in stage.outside.asked}


def test_a_session_whose_file_was_left_behind_does_not_count(stage: Stage) -> None:
    """Its process is gone, or its id belongs to another that started later."""
    stage.ready()
    stage.runs(status="busy")
    stage.outside.processes[4242] = stage.outside.processes[4242]._replace(started_at=stage.now - 10.0)

    assert YES == stage.facts(stage.book())["idle project"].state


def test_files_that_are_no_sessions_are_passed_over(stage: Stage) -> None:
    """The client's folder may hold anything."""
    stage.ready()
    folder = stage.scene.user.config / "sessions"
    for number, text in enumerate(
        ("", "[]", "{", '{"pid": true}', '{"pid": -1, "sessionId": "x", "cwd": "/"}', "\udcff")
    ):
        (folder / f"{number + 1}.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    assert YES == stage.facts(stage.book())["idle project"].state


def test_quiet_hours_end(stage: Stage) -> None:
    """When they end is known, over midnight too."""
    settings = stage.app().settings | {
        "planner": {"quiet_hours": ["11:30-14:00"], "working_hours": [], "time_zone": ""}
    }

    assert stage.now + 2 * 3600 == preflight.quiet_until_at(settings, stage.now)
