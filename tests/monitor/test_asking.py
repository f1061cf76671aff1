"""Ending a session unasked: only where the user wants that, once, and with a daemon that does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.commands.scene import SESSION, Scene, danger
from watchkeeper import jobs
from watchkeeper.app import App
from watchkeeper.automation import live_sessions
from watchkeeper.core.ledger import Transaction
from watchkeeper.monitor import asking, control, termination, workspace
from watchkeeper.monitor.workspace import Workspace

Ask = Callable[[], bool]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the daemon was started."""
    found: list[str] = []
    monkeypatch.setattr(control, "start", lambda _: found.append("started"))
    return found


@pytest.mark.parametrize(
    ("settings", "used_pct", "expected"),
    [
        pytest.param({"auto_terminate": True}, 91.0, True, id="wanted"),
        pytest.param({}, 91.0, False, id="the default"),
        pytest.param({"auto_terminate": True}, 89.0, False, id="not critical"),
        pytest.param({"auto_terminate": True, "token_critical_threshold": 95}, 91.0, False, id="own threshold"),
        pytest.param({"auto_terminate": True, "enabled": False}, 91.0, False, id="switched off"),
    ],
)
def test_ended_unasked(
    scene: Scene, where: Workspace, started: list[str], settings: dict[str, object], used_pct: float, expected: bool
) -> None:
    """A request is filed and the daemon started where the setting says so and the session is critical."""
    danger(scene)
    scene.report(used_pct, 80, 1)
    scene.settings(session_monitor=settings)

    assert expected == asking.request_unasked(scene.app(), SESSION)

    request = termination.waiting_in(where)
    assert expected == (request is not None)
    assert ["started"] * expected == started
    if request is not None:
        assert ("graceful", ("claude", "--resume", SESSION)) == (request.priority, request.continuation_command)
        assert not asking.request_unasked(scene.app(), SESSION)


@pytest.mark.parametrize(
    ("reason", "wanted", "expected"),
    [("critical", True, [SESSION]), ("emergency", True, [SESSION]), ("danger", True, []), ("critical", False, [])],
)
def test_the_drafts_job_asks(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    clock: object,
    reason: str,
    wanted: bool,
    expected: list[str],
) -> None:
    """The job that a hook starts at critical asks for the end after it has written the draft."""
    asked: list[str] = []

    def request(app: App, session_id: str) -> bool:
        asked.append(session_id)
        return True

    monkeypatch.setattr(asking, "request_unasked", request)
    scene.settings(session_monitor={"auto_terminate": wanted})
    jobs.run(f"draft={reason}:{SESSION}", scene.user.environ, scene.now)

    assert expected == asked


def test_a_session_of_another_folder(scene: Scene, where: Workspace) -> None:
    """A request for a session that was named is of its own project, whatever folder it is asked in."""
    danger(scene)

    view = asking.request(scene.app(), "r", "", named_session=SESSION)

    assert scene.project == view["project"]
    assert termination.waiting_in(where) is not None


def test_a_running_session_is_meant_before_one_that_has_ended(
    scene: Scene, where: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder's sessions the newest of those that run is ended, though another was there after it."""
    danger(scene)
    other = SESSION[:-1] + ("0" if SESSION[-1] != "0" else "1")
    with scene.ledger as ledger, Transaction(ledger.usage) as db:
        db.execute("UPDATE sessions SET last_at = last_at - 600 WHERE session_id = ?", (SESSION,))
        db.execute(
            "INSERT INTO sessions (session_id, project, last_at, ended_at) VALUES (?, ?, ?, ?)",
            (other, scene.project, scene.now, scene.now),
        )
    monkeypatch.setattr(workspace, "find", lambda *_: where)
    app = scene.app(environ={})
    before = asking.request(app, "r", "", named_workspace="my-app")["session"]
    monkeypatch.setattr(
        live_sessions, "live_sessions", lambda *_: [live_sessions.LiveSession(SESSION, scene.project, None, 1, "")]
    )
    after = asking.request(app, "r", "", named_workspace="my-app")["session"]

    assert (other, SESSION) == (before, after)
