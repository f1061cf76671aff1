"""Making a good plan better: one session at a time is moved to another place in the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .objective import value_of
from .placing import place
from .search import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .placing import Job, Rules, Slot

# About a third of a second on one core.
MOST_PLACED = 40_000


def improved(rules: Rules, jobs: Sequence[Job], plan: Plan, most_placed: int = MOST_PLACED) -> Plan:
    """Return a plan that is at least as good: each move that makes it better is kept, until none does.

    At most so many sessions are placed on the way; in a long queue that ends the search before it begins.
    """
    starts = {number: slot.starts_at for number, slot in enumerate(plan.slots) if slot is not None}
    order = sorted(range(len(jobs)), key=lambda number: (number not in starts, starts.get(number, 0.0)))
    left = most_placed
    is_better = True
    while is_better:
        is_better = False
        for number in list(order):
            place_now = order.index(number)
            rest = [each for each in order if each != number]
            for position in range(len(order)):
                if position == place_now:
                    continue
                left -= len(jobs)
                if left < 0:
                    return plan
                moved = [*rest[:position], number, *rest[position:]]
                found = in_order(rules, jobs, moved)
                if found.value < plan.value:
                    plan, order, is_better = found, moved, True
                    break
    return plan


def in_order(rules: Rules, jobs: Sequence[Job], order: Sequence[int]) -> Plan:
    """Return the plan that places the jobs in that order; what comes before something it waits for gets no place."""
    slots: list[Slot | None] = [None] * len(jobs)
    state = rules.start
    for number in order:
        job = jobs[number]
        if any(slots[before] is None for before in job.after):
            continue
        placed = place(rules, state, job)
        if not isinstance(placed, str):
            slots[number], state = placed
    return Plan(tuple(slots), value_of(rules, jobs, slots))
