"""Which tasks the quota has room for, before anything runs: the most pressing first, none before what it waits for."""

from __future__ import annotations

import heapq
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
    left = available_tokens
    fitting: list[Estimate] = []
    reasons = {task.id: WAITS_FOR_DEFERRED for task in tasks}
    # What is not of these tasks was done before.
    waits_for = {task.id: set(task.after) & reasons.keys() for task in tasks}
    followers: dict[str, list[str]] = {task.id: [] for task in tasks}
    for task_id, before in waits_for.items():
        for first in before:
            followers[first].append(task_id)
    places = {task.id: (task.rank, number) for number, task in enumerate(tasks)}
    free = [(*places[task_id], task_id) for task_id, before in waits_for.items() if not before]
    heapq.heapify(free)
    while free:
        *_, task_id = heapq.heappop(free)
        estimate = estimates[task_id]
        if left is not None and estimate.estimated_tokens > left:
            reasons[task_id] = INSUFFICIENT_TOKENS
            continue
        left = None if left is None else left - estimate.estimated_tokens
        fitting.append(estimate)
        del reasons[task_id]
        for follower in followers[task_id]:
            waits_for[follower].discard(task_id)
            if not waits_for[follower]:
                heapq.heappush(free, (*places[follower], follower))
    duration_s = 60.0 * sum(estimate.estimated_duration_minutes for estimate in fitting)
    return Allocation(available_tokens, tuple(fitting), reasons, duration_s)
