"""Which process a session is; anything doubtful is none."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.adapters.processes import Details, Identity
from watchkeeper.app import App
from watchkeeper.monitor.target import Looks, Target, is_client, target_of

SESSION, PROJECT = "95847ad0-d7c5-45bb-aa00-1664be934fc7", "/home/ada/my-project"
STARTED_AT = 1_800_000_000.0
PID = 4242
FILE: dict[str, Any] = {
    "pid": PID,
    "sessionId": SESSION,
    "cwd": PROJECT,
    "startedAt": STARTED_AT * 1000 + 700,
    "kind": "interactive",
    "status": "busy",
}
IDENTITY = Identity(PID, STARTED_AT, "/opt/claude/claude")
DETAILS = Details(is_own=True, folder=PROJECT)


@pytest.fixture
def look(app: App) -> Callable[..., Target]:
    """Looks for the session, with what is told of it and of its process changed."""

    def looked(
        told: dict[str, Any] | None = None, identity: Identity | None = IDENTITY, details: Details | None = DETAILS
    ) -> Target:
        folder = Path(app.paths.config, "sessions")
        folder.mkdir(exist_ok=True)
        (folder / f"{PID}.json").write_text(json.dumps({**FILE, **(told or {})}), encoding="utf-8")
        return target_of(app.paths, SESSION, PROJECT, Looks(lambda _: identity, lambda _: details))

    return looked


def test_the_very_process(look: Callable[..., Target]) -> None:
    """Id, start, program, user and folder agree: this is the one."""
    assert Target(IDENTITY, is_interactive=True) == look()
    assert Target(IDENTITY, is_interactive=False) == look({"kind": "print"})


@pytest.mark.parametrize(
    ("details", "identity", "told", "doubt"),
    [
        pytest.param(DETAILS._replace(is_own=False), IDENTITY, {}, "another user", id="other user"),
        pytest.param(DETAILS._replace(folder="/home/ada/other"), IDENTITY, {}, "works in", id="other folder"),
        pytest.param(DETAILS._replace(folder=""), IDENTITY, {}, "may not be read", id="unreadable folder"),
        pytest.param(DETAILS, IDENTITY, {"cwd": "/home/ada/other"}, "the session works in", id="session elsewhere"),
        pytest.param(DETAILS, IDENTITY._replace(executable="/usr/bin/vim"), {}, "vim", id="unknown program"),
        pytest.param(DETAILS, IDENTITY._replace(executable=""), {}, "may not be read", id="unreadable program"),
        pytest.param(
            DETAILS, IDENTITY._replace(started_at=STARTED_AT + 60), {}, "started at another time", id="started later"
        ),
        pytest.param(
            DETAILS, IDENTITY._replace(started_at=STARTED_AT - 600), {}, "started at another time", id="clock was set"
        ),
    ],
)
def test_doubt_is_no_target(
    look: Callable[..., Target], details: Details, identity: Identity, told: dict[str, Any], doubt: str
) -> None:
    """Whatever does not agree is named, and nothing is to be signalled, nor taken for gone."""
    found = look(told, identity, details)

    assert (None, False) == (found.identity, found.is_gone)
    assert doubt in found.doubt


@pytest.mark.parametrize(
    ("told", "identity"),
    [
        pytest.param({}, None, id="no such process"),
        pytest.param({}, Identity(PID, STARTED_AT + 60, "/usr/bin/vim"), id="another program has its id since"),
        pytest.param({"sessionId": "other"}, IDENTITY, id="another session has its id since"),
    ],
)
def test_a_session_that_is_gone(look: Callable[..., Target], told: dict[str, Any], identity: Identity | None) -> None:
    """A session whose process cannot be running is gone, and nothing is to be signalled."""
    found = look(told, identity)

    assert (None, True) == (found.identity, found.is_gone)


def test_this_very_process_is_no_target(app: App, look: Callable[..., Target]) -> None:
    """The monitor does not end itself, whatever a file says."""
    me = Identity(os.getpid(), STARTED_AT, "/opt/claude")

    assert "it is this process" == look({"pid": os.getpid()}, me).doubt


def test_two_that_say_so(app: App, look: Callable[..., Target]) -> None:
    """Of two processes of one session neither is ended."""
    look()
    other = {**FILE, "pid": PID + 1}
    Path(app.paths.config, "sessions", f"{PID + 1}.json").write_text(json.dumps(other), encoding="utf-8")

    found = look()

    assert (None, False) == (found.identity, found.is_gone)
    assert "2 processes" in found.doubt


def test_a_client_that_keeps_no_files(app: App) -> None:
    """Without the client's own word no session can be told apart."""
    found = target_of(app.paths, SESSION, PROJECT)

    assert (None, False) == (found.identity, found.is_gone)
    assert "keeps no files" in found.doubt


@pytest.mark.parametrize(
    ("executable", "expected"),
    [
        ("/home/ada/.local/share/claude/versions/2.1.329", True),
        ("/usr/lib/node_modules/@anthropic-ai/claude-code-linux-x64/claude", True),
        ("C:\\Users\\ada\\claude.exe", True),
        ("/usr/bin/node", True),
        ("/usr/bin/python3", False),
        ("/opt/versions/2.1.329", False),
        ("/home/ada/claude/versions/run", False),
        ("", False),
    ],
)
def test_programs_that_claude_code_runs_as(executable: str, expected: bool) -> None:
    """Its own installer keeps it under its version's number; a package names it, or runs it by node or bun."""
    assert expected == is_client(executable)
