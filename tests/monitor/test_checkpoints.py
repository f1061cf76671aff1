"""Checkpoints that scripts save of their own work."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.app import App
from watchkeeper.errors import UserError
from watchkeeper.monitor import SessionManager

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=10,
)


@pytest.fixture
def manager(app: App, tmp_path: Path) -> SessionManager:
    """Checkpoints of a project."""
    project = tmp_path / "my-app"
    project.mkdir()
    return SessionManager(str(project), app=app)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4))
def test_what_is_saved_is_loaded(manager: SessionManager, data: dict[str, object]) -> None:
    """Data comes back as it was saved."""
    manager.save_checkpoint("session-1", data)

    assert data == manager.load_checkpoint("session-1")


def test_sessions_have_one_each(manager: SessionManager) -> None:
    """The last one of each session counts; of others there is none."""
    manager.save_checkpoint("one", {"step": 1})
    manager.save_checkpoint("two", {"step": 2})
    manager.save_checkpoint("one", {"step": 3})

    assert [{"step": 3}, {"step": 2}, None] == [manager.load_checkpoint(each) for each in ("one", "two", "three")]


def test_resuming(manager: SessionManager, tmp_path: Path) -> None:
    """What is needed to go on: the checkpoint, and words that no shell reads."""
    manager.save_checkpoint("one", {"next_step": "api endpoints"})

    found = manager.resume_session("one", "claude --resume 'a b; c'")

    assert {
        "session_id": "one",
        "checkpoint": {"next_step": "api endpoints"},
        "command": ["claude", "--resume", "a b; c"],
        "project": str(tmp_path / "my-app"),
    } == found
    assert [str(tmp_path / "my-app")] == manager.workspaces()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"one": 1}', b'{"one": {"data": []}}', b"[" * 5_000])
def test_a_damaged_file_holds_nothing(manager: SessionManager, content: bytes) -> None:
    """What cannot be read is no checkpoint, and the next one can be saved."""
    Path(manager.save_checkpoint("one", {})).write_bytes(content)

    assert manager.load_checkpoint("one") is None
    manager.save_checkpoint("one", {"a": 1})
    assert {"a": 1} == manager.load_checkpoint("one")


def test_what_cannot_be_saved(manager: SessionManager) -> None:
    """No session's id, no JSON, no command: each is said."""
    with pytest.raises(ValueError, match="no session"):
        manager.save_checkpoint("../x", {})
    with pytest.raises(TypeError):
        manager.save_checkpoint("one", {"a": object()})
    with pytest.raises(UserError, match="close its quotes"):
        manager.resume_session("one", "claude '")
