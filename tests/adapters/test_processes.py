"""Processes told apart for certain; only the very one that was meant is signalled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from watchkeeper.adapters import processes
from watchkeeper.adapters.processes import Identity

pytestmark = pytest.mark.usefixtures("real_processes")


@pytest.fixture
def sleeping(real_processes: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits until it is ended."""
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def identity_of(process: subprocess.Popen[bytes]) -> Identity:
    found = processes.identify(process.pid)
    assert found is not None
    return found


def test_a_process_is_told_by_id_start_and_program(sleeping: subprocess.Popen[bytes]) -> None:
    """What is known of a process is what proves which one it is."""
    found = identity_of(sleeping)

    assert sleeping.pid == found.pid
    assert os.path.samefile(sys.executable, found.executable)
    assert processes.is_alive(found)


@pytest.mark.parametrize("other", ["a later start", "another program"])
def test_another_process_with_that_id_is_left_alone(sleeping: subprocess.Popen[bytes], other: str) -> None:
    """An id that was used again, or a program that is another one, is not alive and is not signalled."""
    found = identity_of(sleeping)
    was = (
        found._replace(started_at=found.started_at - 60.0)
        if other == "a later start"
        else found._replace(executable="/usr/bin/claude")
    )

    assert not processes.is_alive(was)
    assert not processes.send(was, processes.KILL)
    assert sleeping.poll() is None


def test_a_process_that_has_ended_is_gone(sleeping: subprocess.Popen[bytes]) -> None:
    """One that has ended is not alive, not even while it waits to be collected."""
    found = identity_of(sleeping)
    sleeping.kill()
    while processes.is_alive(found):
        pass

    assert sleeping.returncode is None
    assert not processes.send(found, processes.TERMINATE)
    assert [] == processes.descendants(found)


def test_the_very_process_is_signalled(sleeping: subprocess.Popen[bytes]) -> None:
    """The process that was meant gets what it is sent."""
    assert processes.send(identity_of(sleeping), processes.TERMINATE)
    assert 0 != sleeping.wait(60)


def test_ids_that_are_none_are_nobody() -> None:
    """What cannot be an id is nobody's."""
    assert [None, None] == [processes.identify(pid) for pid in (-1, 2**30)]


def test_memory_is_added_up() -> None:
    """Memory is that of all together; one that is gone holds none."""
    mine = processes.identify(os.getpid())
    assert mine is not None
    alone = processes.memory_gb([mine])

    assert 0 == processes.memory_gb([Identity(2**22 - 1, 1.0, "")])
    assert processes.memory_gb([mine, mine]) == pytest.approx(2 * alone, rel=0.2)
