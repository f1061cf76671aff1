"""A process that works through tasks with a clock that runs ahead while it waits, to be killed and started again.

    python night.py LIB FILE     where FILE is JSON: out, claude, tasks, clock, machine

The clock is the machine's own and the seconds in the file `clock`; `machine` is a file with the figures of the machine.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


class Night:
    """Waiting takes no time: it moves the clock on."""

    def __init__(self, clock: str, machine: str) -> None:
        self._clock = Path(clock)
        self._machine = Path(machine)

    def now(self) -> float:
        return time.time() + float(self._clock.read_text(encoding="ascii") or 0)

    def pause(self, seconds: float) -> None:
        ahead = float(self._clock.read_text(encoding="ascii") or 0) + seconds
        aside = self._clock.with_suffix(".new")
        aside.write_text(f"{ahead:.3f}", encoding="ascii")
        aside.replace(self._clock)

    def look(self, _: str) -> Any:
        from watchkeeper.core.state import Sample

        seen = json.loads(self._machine.read_text(encoding="utf-8"))
        free_gb = seen["ram_available_gb"]
        if seen.get("taken_by"):
            free_gb -= _memory_gb(seen["taken_by"])
        return Sample(self.now(), free_gb, 8.0, seen["cpu_temp_c"], 10.0, None, None, 50.0, "unknown")


def main(lib: str, file: str) -> None:
    sys.path.insert(0, lib)
    from watchkeeper.errors import UserError
    from watchkeeper.executor import OvernightExecutor, ResourceManager
    from watchkeeper.executor.run import Wishes
    from watchkeeper.executor.run_folder import RunFolder
    from watchkeeper.executor.run_record import begun
    from watchkeeper.executor.task_list import read

    given = json.loads(Path(file).read_text(encoding="utf-8"))
    world = Night(given["clock"], given["machine"])
    manager = ResourceManager(world=world)
    executor = OvernightExecutor(given["out"], manager, claude=given["claude"])
    try:
        record = RunFolder(given["out"]).load()
    except UserError:
        record = begun("night", given["tasks"], read(given["tasks"]).tasks, world.now())
    executor.work(record, Wishes(waits_for_reset=True, look_s=0.1))


def _memory_gb(pid: int) -> float:
    import psutil

    try:
        return psutil.Process(pid).memory_info().rss / 2**30
    except psutil.Error:
        return 0.0


if __name__ == "__main__":
    main(*sys.argv[1:])
