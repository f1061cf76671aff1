"""The log for people: one line for each thing that happened."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.automation.stage import HANDOFF, Stage
from watchkeeper.automation import session_log


def test_a_line(stage: Stage) -> None:
    """When, which booking, what, where, for what, and why; readable by its owner only."""
    booked = stage.book()

    session_log.write(stage.scene.paths, booked, "refused", "the folder is gone", stage.now)

    path = Path(session_log.path_of(stage.scene.paths))
    assert stage.scene.user.config / "watchkeeper" / "automation" / "session-log.txt" == path
    assert (
        f"2026-11-20T12:00:00+00:00  {booked.booking_id}  refused  {stage.project}  {HANDOFF}  the folder is gone"
        == path.read_text(encoding="utf-8").splitlines()[-1]
    )
    assert os.name == "nt" or 0o600 == stat.S_IMODE(path.stat().st_mode)


HOSTILE = {"lines": "a\nb", "escape": "\x1b[2Jgone", "long": "x" * 10_000, "torn": "\udcff"}


@pytest.mark.parametrize("detail", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_detail_stays_one_line(stage: Stage, detail: str) -> None:
    """Whatever a program or a folder is called, nobody's terminal obeys it."""
    booked = stage.book()
    before = len(stage.log().splitlines())

    session_log.write(stage.scene.paths, booked, "refused", detail, stage.now)

    last = stage.log().splitlines()[before:]
    assert 1 == len(last)
    assert last[0].isprintable()
    assert len(last[0]) <= 1_000


def test_a_long_log_begins_anew(stage: Stage) -> None:
    """The one before is kept beside it."""
    booked = stage.book()
    path = Path(session_log.path_of(stage.scene.paths))
    path.write_text("x" * (1 << 20) + "\n", encoding="utf-8")

    session_log.write(stage.scene.paths, booked, "missed", "", stage.now)

    assert 1 == len(stage.log().splitlines())
    assert path.with_name("session-log.txt.1").exists()


def test_a_log_that_cannot_be_written_stops_nothing(stage: Stage) -> None:
    """A folder stands in its place."""
    booked = stage.book()
    path = Path(session_log.path_of(stage.scene.paths))
    path.unlink()
    path.mkdir()

    session_log.write(stage.scene.paths, booked, "missed", "", stage.now)
