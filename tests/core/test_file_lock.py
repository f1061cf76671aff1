"""Tests of core/file_lock.py: one process holds a lock at a time, and nobody waits for it for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.tree import LIBRARY
from watchkeeper.core.file_lock import FileLock

HOLDING = """if True:
    import sys
    sys.path.insert(0, sys.argv[2])
    from watchkeeper.core.file_lock import FileLock
    with FileLock(sys.argv[1], 0.0):
        print("held", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "a.lock")


def test_one_holds_it_at_a_time(path: str) -> None:
    """Whoever comes second is told so once their patience is over, and can take it when it is free again."""
    with FileLock(path, 0.0), pytest.raises(TimeoutError, match=r"a\.lock is held by another process"):
        FileLock(path, 0.05).__enter__()

    with FileLock(path, 0.0):
        pass


def test_it_is_let_go_of_on_an_exception(path: str) -> None:
    """What goes wrong under it leaves it free."""
    with pytest.raises(RuntimeError), FileLock(path, 0.0):
        raise RuntimeError

    with FileLock(path, 0.0):
        pass


def test_it_ends_with_its_process(path: str, real_processes: User) -> None:
    """A process that is killed holds it no longer; who waits meanwhile takes it."""
    command = [sys.executable, "-I", "-S", "-c", HOLDING, path, str(LIBRARY.parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert "held\n" == holder.stdout.readline()
        with pytest.raises(TimeoutError):
            FileLock(path, 0.0).__enter__()
        holder.kill()

        with FileLock(path, 30.0):
            pass
