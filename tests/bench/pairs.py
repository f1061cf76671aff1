"""Timing whole processes in pairs: A B A B …, so that a machine whose speed drifts says the same of both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# A process begins with the peak memory of the one that started it, so a small one does; it also keeps the time.
_STARTER = """
import os, sys, time
files = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
started = time.perf_counter()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=files)
_, status, used = os.wait4(pid, 0)
print(time.perf_counter() - started, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


class Run(NamedTuple):
    """One run of a process: wall time in seconds, peak memory in MiB."""

    wall_s: float
    peak_mib: float


class Command(NamedTuple):
    """A program to time. `prepare` is called before each run, outside the measured time."""

    name: str
    argv: Sequence[str]
    stdin: Path | None = None
    environ: Mapping[str, str] | None = None
    prepare: Callable[[], None] = lambda: None


class Timing(NamedTuple):
    """All runs of one command, in the order they were made."""

    command: Command
    runs: list[Run]

    @property
    def median_s(self) -> float:
        return statistics.median(run.wall_s for run in self.runs)

    @property
    def peak_mib(self) -> float:
        return max(run.peak_mib for run in self.runs)

    def ratio_to(self, other: Timing) -> float:
        """The median of the ratios, pair by pair."""
        return statistics.median(mine.wall_s / its.wall_s for mine, its in zip(self.runs, other.runs, strict=True))


def timed(commands: Sequence[Command], rounds: int, warm_up: int = 1) -> list[Timing]:
    """Run the commands in turn, `rounds` times each after a warm-up that does not count."""
    timings = [Timing(command, []) for command in commands]
    for number in range(-warm_up, rounds):
        for timing in timings:
            run = run_once(timing.command)
            if number >= 0:
                timing.runs.append(run)
    return timings


def run_once(command: Command) -> Run:
    """Run a command to its end. Raise RuntimeError when it fails."""
    command.prepare()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _STARTER, str(command.stdin or os.devnull), *command.argv],
        env=dict(command.environ or os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    wall_s, peak_kib, code = done.stdout.split()
    if code != "0":
        raise RuntimeError(f"{command.name} ended with {code}: {done.stderr}")
    return Run(float(wall_s), int(peak_kib) / 1024)
