"""Commands read what transcripts have grown by, and show a bar only where somebody waits long."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import Scene
from tests.support.environment import User
from watchkeeper import catchup


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def scene(home: User) -> Scene:
    return Scene(home)


@pytest.fixture
def transcript(scene: Scene) -> Path:
    """One response in one transcript."""
    path = Path(scene.paths.projects, "-home-ada", "s.jsonl")
    path.parent.mkdir(parents=True)
    usage = {"id": "m", "usage": {"input_tokens": 3, "output_tokens": 4}}
    record = {"type": "assistant", "sessionId": "s", "timestamp": "2026-11-20T11:00:00Z", "message": usage}
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return path


def responses(scene: Scene) -> int:
    with scene.ledger as ledger:
        return int(ledger.usage.execute("SELECT count(*) FROM responses").fetchone()[0])


def test_the_backlog_is_what_was_not_read_yet(scene: Scene, transcript: Path) -> None:
    """After a catch-up nothing is left to read."""
    app = scene.app()
    before = catchup.backlog_bytes(app)
    catchup.catch_up(app)

    assert (transcript.stat().st_size, 0, 1) == (before, catchup.backlog_bytes(app), responses(scene))


@pytest.mark.parametrize(
    ("backlog", "read", "started"),
    [
        pytest.param(catchup.SHORT_BYTES, 1, [], id="a short one is read at once"),
        pytest.param(catchup.SHORT_BYTES + 1, 0, [["refresh"]], id="a long one in the background"),
    ],
)
def test_inside_claude_code_nobody_waits(
    scene: Scene, transcript: Path, monkeypatch: pytest.MonkeyPatch, backlog: int, read: int, started: list[list[str]]
) -> None:
    """The client throws an answer away that takes longer than five seconds."""
    jobs: list[Any] = []
    monkeypatch.setattr(catchup, "backlog_bytes", lambda _: backlog)
    monkeypatch.setattr("watchkeeper.core.detach.start_jobs", jobs.append)
    app = scene.app()
    app.surroundings = app.surroundings._replace(is_hurried=True)

    catchup.catch_up(app)

    assert (read, started) == (responses(scene), jobs)


def test_a_ledger_that_is_being_written_can_be_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process writes for long, figures are shown as they are, with a word about it."""

    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    scene.session()
    monkeypatch.setattr("watchkeeper.transcripts.refresh.refresh", locked)

    shown, rebuilt = scene.run("session-status"), scene.run("usage", "--rebuild")

    assert (0, 1) == (shown.code, rebuilt.code)
    assert "Session ID" in shown.out
    assert "database is locked" in shown.err
    assert "" == rebuilt.out


@pytest.mark.parametrize(
    ("terminal", "total_bytes", "shown"),
    [
        pytest.param(True, catchup.SHORT_BYTES, True, id="long work before a person"),
        pytest.param(True, catchup.SHORT_BYTES - 1, False, id="short work"),
        pytest.param(False, catchup.SHORT_BYTES * 9, False, id="a script"),
    ],
)
def test_the_bar(terminal: bool, total_bytes: int, shown: bool) -> None:
    """A bar is for a person who waits, and goes away when the work is done."""
    stderr = Terminal() if terminal else io.StringIO()

    with catchup.Bar(stderr, is_wanted=stderr.isatty()) as bar:
        bar.show(total_bytes // 2, total_bytes)
        bar.show(total_bytes, total_bytes)

    assert shown == ("Reading transcripts" in stderr.getvalue())
    assert shown == bool(stderr.getvalue())
