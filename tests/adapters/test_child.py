"""A program that runs beside us: followed, kept in bounds, and ended with everything it started."""

from __future__ import annotations

import _thread
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from watchkeeper.adapters import processes
from watchkeeper.adapters.child import Child
from watchkeeper.adapters.run import ProgramFailed

pytestmark = pytest.mark.usefixtures("real_processes")

HASTY = {processes.INTERRUPT: 0.3, processes.TERMINATE: 0.3, processes.KILL: 30.0}
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and sessions of POSIX systems")

Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path, real_processes: object) -> Iterator[Start]:
    """Starts Python with a script as a child; it is ended after the test."""
    started: list[Child] = []

    def run(script: str, **options: object) -> Child:
        argv = [sys.executable, "-I", "-u", "-X", "utf8", "-c", script]
        child = Child(argv, folder=str(tmp_path), output_path=str(tmp_path / "output"), **options)  # type: ignore[arg-type]
        started.append(child)
        return child

    yield run
    for child in started:
        child.stop(HASTY)
        child.close()


def said(child: Child, lines: list[str], word: str) -> None:
    """Wait until the child has said a word."""
    until = time.monotonic() + 60
    while not any(word in line for line in lines):
        assert time.monotonic() < until
        assert child.code is None
        time.sleep(0.01)


def test_lines_are_handed_on_and_kept(start: Start, tmp_path: Path) -> None:
    """Each whole line is handed on, both streams are in the file, and the code is told."""
    lines: list[str] = []
    child = start(
        "import sys; print('ä'); print('two'); print('e', file=sys.stderr); sys.exit(3)", on_line=lines.append
    )

    assert 3 == child.wait(60)
    child.close()
    assert ["ä", "two", "e"] == sorted(lines, key=["ä", "two", "e"].index)
    assert {"ä", "two", "e"} == set((tmp_path / "output").read_text(encoding="utf-8").split())


def test_what_it_reads_is_given(start: Start) -> None:
    """Standard input is given whole and then ends."""
    lines: list[str] = []
    child = start("import sys; print(len(sys.stdin.read()))", stdin="x" * 200_000, on_line=lines.append)
    child.wait(60)
    child.close()

    assert ["200000"] == lines


def test_the_kept_output_is_bounded(start: Start, tmp_path: Path) -> None:
    """Of much output the beginning is kept, and all of it is counted."""
    child = start("for _ in range(1000): print('x' * 999)", most_kept_bytes=5_000)
    child.wait(60)
    child.close()

    assert 5_000 == (tmp_path / "output").stat().st_size
    assert 1_000_000 <= child.output_bytes


def test_an_endless_line_is_left_out(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long is dropped whole, and those after it are handed on."""
    monkeypatch.setattr("watchkeeper.adapters.child._LONGEST_LINE_BYTES", 100_000)
    lines: list[str] = []
    child = start("print('x' * 900_000); print('after')", on_line=lines.append)
    child.wait(60)
    child.close()

    assert ["after"] == lines


def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    """A program that is not there, or a folder that is not, is told in words."""
    output = str(tmp_path / "output")
    with pytest.raises(ProgramFailed, match="not installed"):
        Child(["/nowhere/program"], folder=str(tmp_path), output_path=output)
    with pytest.raises(ProgramFailed, match="is not there"):
        Child([sys.executable], folder=str(tmp_path / "gone"), output_path=output)


STUBBORN = """if True:
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready")
    time.sleep(600)
"""
FORKING = """if True:
    import os, time
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        print("orphan", os.getpid())
        time.sleep(600)
    time.sleep(600)
"""
CLEARED = """if True:
    import os, subprocess, sys
    subprocess.Popen([sys.executable, "-I", "-u", "-c", "import time; print('cleared'); time.sleep(600)"], env={})
"""


@posix_only
def test_one_that_refuses_is_killed(start: Start) -> None:
    """A program that ignores the interrupt and the request to end is killed."""
    lines: list[str] = []
    child = start(STUBBORN, on_line=lines.append)
    said(child, lines, "ready")

    assert [] == child.stop(HASTY)
    assert -9 == child.code


@posix_only
def test_an_impatient_end_leaves_nothing_behind(start: Start) -> None:
    """Interrupted while it waits for a program that refuses, this process kills it before it goes on."""
    lines: list[str] = []
    child = start(STUBBORN, on_line=lines.append)
    said(child, lines, "ready")
    impatient = threading.Timer(0.3, _thread.interrupt_main)
    impatient.start()
    with pytest.raises(KeyboardInterrupt):
        child.stop({processes.INTERRUPT: 60.0})

    assert -9 == child.wait(30)


@posix_only
def test_one_that_listens_is_only_interrupted(start: Start) -> None:
    """A program that ends at the interrupt is not sent more."""
    lines: list[str] = []
    listening = (
        "import time; print('ready')\ntry: time.sleep(600)\nexcept KeyboardInterrupt: print('bye'); raise SystemExit(7)"
    )
    child = start(listening, on_line=lines.append)
    said(child, lines, "ready")

    assert [] == child.stop()
    assert 7 == child.code


@posix_only
def test_a_grandchild_in_a_session_of_its_own_is_ended_too(start: Start) -> None:
    """A process that left for another session, and whose parent is gone, is found and ended."""
    lines: list[str] = []
    child = start(FORKING, on_line=lines.append)
    said(child, lines, "orphan")
    orphan = processes.identify(int(lines[0].split()[1]))
    assert orphan is not None

    assert [] == child.stop(HASTY)
    assert not processes.is_alive(orphan)


@posix_only
def test_what_is_left_after_the_end_is_ended_too(start: Start) -> None:
    """What a program leaves running when it ends is found, even if it was given no variables."""
    lines: list[str] = []
    child = start(CLEARED, on_line=lines.append)
    child.wait(60)
    until = time.monotonic() + 60
    while not lines and time.monotonic() < until:
        time.sleep(0.01)

    assert 1 == len(child.family())
    assert [] == child.stop(HASTY)


def test_memory_of_the_family_is_told(start: Start) -> None:
    """What descends from the program counts too."""
    lines: list[str] = []
    inner = "import time; held = bytes(b'x') * (60 << 20); print('held'); time.sleep(600)"
    outer = "import subprocess, sys; held = b'x' * (60 << 20); subprocess.run([sys.executable, '-I', '-u', '-c', {!r}])"
    script = outer.format(inner)
    child = start(script, on_line=lines.append)
    said(child, lines, "held")

    assert 2 * 60 / 1024 <= child.memory_gb() < 1
