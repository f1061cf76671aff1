"""`monitor` tells how near a session is to its end, files requests to end it, and says whether the daemon runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Scene, danger, moderate
from watchkeeper.monitor import running
from watchkeeper.monitor.workspace import REQUEST, workspace_of


def request_file(scene: Scene) -> Path:
    base = os.path.join(scene.paths.state, "workspaces")
    return Path(workspace_of(scene.project, base).path(REQUEST))


def critical(scene: Scene) -> None:
    """90.0 % of the window gone."""
    danger(scene)
    scene.report(90.0, 80, 1)


@pytest.mark.parametrize(
    ("told", "code", "state"),
    [(moderate, 0, "fine"), (danger, 1, "warning"), (critical, 2, "critical"), (None, 3, "unknown")],
    ids=["fine", "warning", "critical", "unknown"],
)
def test_exit_code_tells_the_state(scene: Scene, told: Callable[[Scene], None] | None, code: int, state: str) -> None:
    """Scripts test for the code; the words are on standard error, JSON on standard output."""
    if told is not None:
        told(scene)

    ran = scene.run("monitor", "check-tokens")
    as_json = scene.run("monitor", "check-tokens", "--json")

    assert (code, "") == (ran.code, ran.out)
    assert ran.err
    assert (code, "") == (as_json.code, as_json.err)
    view = json.loads(as_json.out)
    assert state == view["state"]
    assert {"quota", "context"} <= view.keys()


def test_thresholds_are_the_monitors(scene: Scene) -> None:
    """`[session_monitor]` says when it is critical."""
    moderate(scene)
    scene.settings(session_monitor={"token_warning_threshold": 20, "token_critical_threshold": 42})

    assert 2 == scene.run("monitor", "check-tokens").code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--session", "no-such-session"), 3),
        (("--no-such-option",), 64),
        (("--session",), 64),
        (("an argument",), 64),
    ],
    ids=["no session", "unknown option", "no value", "argument"],
)
def test_failures_are_never_taken_for_an_answer(scene: Scene, arguments: tuple[str, ...], code: int) -> None:
    """1 and 2 are answers: what cannot be told is 3, wrong usage is 64."""
    danger(scene)

    ran = scene.run("monitor", "check-tokens", *arguments)

    assert (code, "") == (ran.code, ran.out)
    assert ran.err.startswith("watchkeeper: ")


def test_a_ledger_that_cannot_be_opened_is_no_answer(scene: Scene) -> None:
    """A disk that is full or a folder that is a file gives 3."""
    Path(scene.paths.state).parent.mkdir(parents=True, exist_ok=True)
    Path(scene.paths.state).write_text("", encoding="utf-8")

    assert 3 == scene.run("monitor", "check-tokens").code


def test_wrong_usage_elsewhere_is_two(scene: Scene) -> None:
    """Only check-tokens has codes of its own."""
    assert 2 == scene.run("monitor", "status", "--no-such-option").code


def test_words_of_check_tokens(scene: Scene) -> None:
    """One sentence: the share, of what, how it is known, and what that means."""
    danger(scene)

    assert "81% of the five-hour quota is used (reported" in scene.run("monitor", "check-tokens").err


def test_page_not_running(scene: Scene) -> None:
    """What a person sees before the first start."""

    def draw(columns: int, colour: bool) -> str:
        out = scene.run("monitor", "status", columns=columns, colour=colour).out
        return out.replace(str(scene.user.config), "/home/ada/.claude")

    scene.settings(session_monitor={"workspace_base_dir": "/home/ada/workspaces"})
    assert_golden("monitor-status", draw)


def test_page_of_a_request(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person sees after asking for an end."""
    danger(scene)
    monkeypatch.setattr("watchkeeper.monitor.termination.file_request", lambda where, _: where.path(REQUEST))
    scene.settings(session_monitor={"workspace_base_dir": "/home/ada/workspaces"})

    def draw(columns: int, colour: bool) -> str:
        words = ("--reason", "token_limit_approaching", "--continuation-command", "claude --resume x")
        return scene.run("monitor", "request-termination", *words, columns=columns, colour=colour).out

    assert_golden("monitor-request", draw)


def test_a_request_is_filed(scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It names the calling session and the words of the command."""
    scene.project = str(tmp_path)
    monkeypatch.chdir(tmp_path)
    danger(scene)

    ran = scene.run(
        "monitor",
        "request-termination",
        "--reason",
        "token_limit_approaching",
        "--continuation-command",
        "claude --resume 'a b'",
        "--priority",
        "immediate",
        "--json",
    )

    assert (0, "") == (ran.code, ran.err)
    filed: dict[str, Any] = json.loads(request_file(scene).read_text(encoding="utf-8"))
    assert (SESSION, str(tmp_path), "immediate", ["claude", "--resume", "a b"]) == (
        filed["session_id"],
        filed["project"],
        filed["priority"],
        filed["continuation_command"],
    )
    assert not json.loads(ran.out)["monitor_running"]
    status = json.loads(scene.run("monitor", "status", "--json").out)
    assert [str(tmp_path)] == status["requests"]


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("--reason", "r", "--priority", "now"), 2, "priority"),
        (("--reason", "r", "--continuation-command", "claude '"), 2, "quotes"),
        (("--reason", "a\nb"), 2, "reason"),
        (("--reason", ""), 2, "reason"),
        (("--reason", "r", "--workspace", "nowhere"), 1, "no folder"),
        (("--reason", "r", "--session", "unknown"), 1, "No session"),
        ((), 2, "--reason"),
    ],
)
def test_requests_that_cannot_be_filed(scene: Scene, arguments: tuple[str, ...], code: int, named: str) -> None:
    """What is wrong with it is said, and nothing waits."""
    danger(scene)

    ran = scene.run("monitor", "request-termination", *arguments)

    assert code == ran.code
    assert named in ran.err
    assert not request_file(scene).exists()


def test_no_session_is_known(scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nobody works nothing can be ended."""
    monkeypatch.chdir(tmp_path)
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")

    ran = scene.run("monitor", "request-termination", "--reason", "r")

    assert 1 == ran.code
    assert "--session" in ran.err


def test_list_sessions_is_sessions(scene: Scene) -> None:
    """The same list under the other name."""
    moderate(scene)

    assert scene.run("sessions", "--json").out == scene.run("monitor", "list-sessions", "--json").out


def test_status_says_what_it_knows(scene: Scene) -> None:
    """Without a daemon there is no process and no start."""
    view = json.loads(scene.run("monitor", "status", "--json").out)

    assert (False, None, None) == (view["running"], view["pid"], view["since_at"])
    assert (True, False, 80, 90) == (
        view["enabled"],
        view["auto_terminate"],
        view["token_warning_threshold"],
        view["token_critical_threshold"],
    )
    assert not running.is_running(scene.paths)
