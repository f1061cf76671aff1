"""The door to programs that stay."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.environment import User
from tests.support.hostile import HOSTILE
from tests.support.started import Recorder
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.start import start


def test_it_stays_with_exactly_its_words(real_processes: User, tmp_path: Path) -> None:
    """A program that runs on is left alone, in a session of its own, with its words and variables."""
    recorder = Recorder(tmp_path, "note")
    script = f"exec(open({str(tmp_path / 'record.py')!r}).read()); time.sleep(600)"
    recorder_words = [str(tmp_path / "note"), *HOSTILE]

    pid = start([sys.executable, "-I", "-c", script, *recorder_words], {**real_processes.environ, "A": "b c"})

    process = psutil.Process(pid)
    try:
        (started,) = recorder.wait(30)
        assert process.is_running()
        if sys.platform != "win32":
            assert os.getsid(pid) == pid
    finally:
        process.kill()
    assert list(HOSTILE) == started.words
    assert "b c" == started.variables["A"]


def test_program_that_ends_well_is_fine(real_processes: User) -> None:
    """A program may hand its work to another one and end."""
    assert start([sys.executable, "-I", "-c", ""], real_processes.environ) > 0


@pytest.mark.parametrize(
    ("argv", "reason"),
    [([sys.executable, "-I", "-c", "raise SystemExit(3)"], "code 3"), (["/no/such/program"], "cannot be started")],
    ids=["fails", "missing"],
)
def test_failure_at_once_is_told(real_processes: User, argv: list[str], reason: str) -> None:
    """A program that cannot start, or ends at once in failure, is a failure."""
    with pytest.raises(ProgramFailed, match=reason):
        start(argv, real_processes.environ)
