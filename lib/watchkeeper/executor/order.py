"""Which task comes next: what it waits for is done, the most pressing first, and hot work while it is cool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from watchkeeper.resources.levels import FINE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .task import Task

State = Literal["waiting", "running", "done", "failed", "interrupted", "skipped", "deferred"]
WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
INTERRUPTED: Final = "interrupted"
"""It ran when the run itself was cut off, and nobody knows how far it came."""
SKIPPED: Final = "skipped"
"""What it waits for has failed."""
DEFERRED: Final = "deferred"
"""There was no room for it; it is left for another run."""
STATES: Final = frozenset(get_args(State))
ENDED: Final = frozenset({DONE, FAILED, INTERRUPTED, SKIPPED})

_LOST: Final = frozenset({FAILED, INTERRUPTED, SKIPPED})


def ready(tasks: Sequence[Task], states: Mapping[str, str]) -> list[Task]:
    """Return the tasks that could start now, in the order in which they should: priority, then as they are listed."""
    free = [
        task
        for task in tasks
        if states.get(task.id, WAITING) == WAITING and all(states.get(first) == DONE for first in task.after)
    ]
    return sorted(free, key=lambda task: task.rank)


def lost(tasks: Sequence[Task], states: Mapping[str, str]) -> dict[str, str]:
    """Return the tasks that can never start in this run, each with the one it waits for in vain."""
    found: dict[str, str] = {}
    is_growing = True
    while is_growing:
        is_growing = False
        for task in tasks:
            if task.id in found or states.get(task.id, WAITING) != WAITING:
                continue
            vain = next((first for first in task.after if states.get(first) in _LOST or first in found), None)
            if vain is not None:
                found[task.id] = vain
                is_growing = True
    return found


def is_too_warm_for(task: Task, temperature_level: str) -> bool:
    """Return whether a task is one of those that heat the machine, and it is warm already."""
    return task.thermal_risk == "high" and temperature_level not in (FINE, UNKNOWN)
