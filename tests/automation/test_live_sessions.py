"""Sessions that run now, by the files that the client keeps of them, whatever stands in those."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import NOON
from watchkeeper.adapters.processes import Identity
from watchkeeper.automation.live_sessions import LiveSession, live_sessions
from watchkeeper.core import paths

TOLD = {"pid": 4321, "sessionId": "s-1", "startedAt": NOON * 1000, "status": "busy", "kind": "interactive"}


def found(folder: Path, **fields: Any) -> list[LiveSession] | None:
    """The sessions of which one file tells, whose process started when that says."""
    (folder / "sessions").mkdir()
    (folder / "sessions" / "4321.json").write_text(json.dumps({**TOLD, "cwd": str(folder), **fields}), encoding="utf-8")
    return live_sessions(paths.paths_in(str(folder), {}), lambda pid: Identity(pid, NOON, "/usr/bin/claude"))


def test_a_session_that_runs(tmp_path: Path) -> None:
    """A process that started when its file says is a session."""
    assert [LiveSession("s-1", os.path.realpath(tmp_path), True, 4321, "interactive")] == found(tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"cwd": "\0"}, id="a zero in the folder"),
        pytest.param({"cwd": "/\ud800"}, id="half a character in the folder"),
        pytest.param({"startedAt": 10**400}, id="a start that no float holds"),
        pytest.param({"startedAt": float("nan")}, id="a start that is no number"),
        pytest.param({"startedAt": NOON * 1000 - 3_600_000}, id="another start"),
        pytest.param({"pid": 2**40}, id="a process that no system has"),
        pytest.param({"sessionId": None}, id="no session"),
    ],
)
def test_what_is_none(fields: dict[str, Any], tmp_path: Path) -> None:
    """A file that tells of none, or of none that could be, is passed over."""
    assert [] == found(tmp_path, **fields)
