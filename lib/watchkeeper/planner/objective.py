"""What makes one plan better than another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .placing import Job, Rules, Slot

Value = tuple[float, ...]


def value_of(rules: Rules, jobs: Sequence[Job], slots: Sequence[Slot | None]) -> Value:
    """Return how good a plan is, as a tuple that is compared from left to right: the smaller, the better.

    It holds, in whole minutes, each rounded up:

    1. by how much appointments start late, in total (one that is not placed is late until the end of the plan);
    2. for each priority, from the highest: how many of its sessions are not placed, and then how long after now the
       last of those that are placed ends;
    3. for each session, by its rank: how long after now it ends (infinite where it is not placed).

    So a session never waits for one of lower priority, a priority is done as soon as it can be, and among plans that
    are equal in that the order of the queue decides.
    """
    late = float(sum(late_min(rules, job, slot) for job, slot in zip(jobs, slots, strict=True)))
    by_priority: list[float] = []
    for priority in sorted({job.priority for job in jobs}, reverse=True):
        ends = [ends_min(rules, slot) for job, slot in zip(jobs, slots, strict=True) if job.priority == priority]
        placed = [end for end in ends if end < math.inf]
        by_priority += [float(len(ends) - len(placed)), max(placed, default=0.0)]
    return (late, *by_priority, *(ends_min(rules, slot) for slot in slots))


def late_min(rules: Rules, job: Job, slot: Slot | None) -> float:
    """Return by how many minutes an appointment starts late."""
    if job.appointment_at is None:
        return 0.0
    starts_at = rules.until_at if slot is None else slot.starts_at
    return float(math.ceil(max(0.0, starts_at - max(job.appointment_at, rules.now)) / 60.0))


def ends_min(rules: Rules, slot: Slot | None) -> float:
    """Return how many minutes after now a session ends."""
    return math.inf if slot is None else float(math.ceil((slot.ends_at - rules.now) / 60.0))
