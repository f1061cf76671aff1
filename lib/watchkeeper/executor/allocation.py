"""Which tasks the quota has room for, before anything runs: the most pressing first, none before what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .task import Estimate, Task

INSUFFICIENT_TOKENS = "insufficient_tokens"
WAITS_FOR_DEFERRED = "waits_for_deferred_task"


class Allocation(NamedTuple):
    """What fits and what does not. Tokens are None where the quota is not known, and everything fits then."""

    available_tokens: int | None
    fitting: tuple[Estimate, ...]
    """In the order in which they would run."""
    deferred: dict[str, str]
    """Why each of the others does not."""
    duration_s: float

    @property
    def needed_tokens(self) -> int:
        """What the fitting ones are taken to need."""
        return sum(estimate.estimated_tokens for estimate in self.fitting)


def allocate(tasks: Sequence[Task], estimates: Mapping[str, Estimate], available_tokens: int | None) -> Allocation:
    """Return which of the tasks the tokens are enough for.

    One that does not fit leaves its place to smaller ones of lower priority that do; what waits for it waits on.
    """
    names = {task.id for task in tasks}
    left = available_tokens
    done: set[str] = set()
    fitting: list[Estimate] = []
    deferred: dict[str, str] = {}
    open_tasks = sorted(tasks, key=lambda task: task.rank)
    while True:
        # What is not of these tasks was done before.
        free = [
            task for task in open_tasks if task.id not in done | deferred.keys() and not _before(task, names) - done
        ]
        if not free:
            break
        task = free[0]
        estimate = estimates[task.id]
        if left is not None and estimate.estimated_tokens > left:
            deferred[task.id] = INSUFFICIENT_TOKENS
            continue
        left = None if left is None else left - estimate.estimated_tokens
        fitting.append(estimate)
        done.add(task.id)
    for task in tasks:
        if task.id not in done:
            deferred.setdefault(task.id, WAITS_FOR_DEFERRED)
    ordered = {task.id: deferred[task.id] for task in tasks if task.id in deferred}
    duration_s = 60.0 * sum(estimate.estimated_duration_minutes for estimate in fitting)
    return Allocation(available_tokens, tuple(fitting), ordered, duration_s)


def _before(task: Task, names: set[str]) -> set[str]:
    return set(task.after) & names
