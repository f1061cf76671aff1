"""The best plan for a short queue: every order that could be better is tried (branch and bound)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .forecast import WINDOW_S
from .objective import Value, ends_min, late_min, value_of
from .placing import Slot, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .placing import Job, Rules, State


class Plan(NamedTuple):
    """When each session runs, by its rank; None where it has no place."""

    slots: tuple[Slot | None, ...]
    value: Value


def best_plan(rules: Rules, jobs: Sequence[Job], known: Plan) -> Plan:
    """Return the plan with the smallest `objective.value_of`; `known` is a plan to beat.

    The plans are all orders that put nothing before what it waits for, each session starting as early as the rules let
    it start after the one before; what has no place at the end of an order is left out.
    """
    search = _Search(rules, jobs, known)
    search.visit(rules.start, [None] * len(jobs), set(range(len(jobs))))
    return search.best


class _Search:
    def __init__(self, rules: Rules, jobs: Sequence[Job], known: Plan) -> None:
        self.rules = rules
        self.jobs = jobs
        self.best = known
        self.priorities = sorted({job.priority for job in jobs}, reverse=True)

    def visit(self, state: State, slots: list[Slot | None], left: set[int]) -> None:
        is_last = True
        for number in sorted(left):
            job = self.jobs[number]
            if any(slots[before] is None for before in job.after):
                continue
            placed = place(self.rules, state, job)
            if isinstance(placed, str):
                continue
            is_last = False
            slots[number] = placed[0]
            left.remove(number)
            if self._bound(placed[1], slots, left) < self.best.value:
                self.visit(placed[1], slots, left)
            left.add(number)
            slots[number] = None
        if is_last:
            value = value_of(self.rules, self.jobs, slots)
            if value < self.best.value:
                self.best = Plan(tuple(slots), value)

    def _bound(self, state: State, slots: list[Slot | None], left: set[int]) -> Value:
        """The least value that any plan can have which begins like this one.

        Were a session of those left not placed after all, the count of its priority alone would be higher.
        """
        rules, jobs = self.rules, self.jobs
        late, ends = 0.0, [0.0] * len(jobs)
        last = dict.fromkeys(self.priorities, 0.0)
        waiting: dict[int, list[Job]] = {}
        for number, job in enumerate(jobs):
            if number in left:
                waiting.setdefault(job.priority, []).append(job)
                starts_at = max(state.free_at, job.appointment_at or 0.0)
                ends[number] = math.ceil((starts_at + job.duration_s - rules.now) / 60.0)
                if job.appointment_at is not None:
                    late += math.ceil(max(0.0, state.free_at - max(job.appointment_at, rules.now)) / 60.0)
            else:
                ends[number] = ends_min(rules, slots[number])
                late += late_min(rules, job, slots[number])
            last[job.priority] = max(last[job.priority], ends[number])
        by_priority: list[float] = []
        for priority in self.priorities:
            if priority in waiting:
                ends_at = _earliest_end(rules, state, waiting[priority])
                last[priority] = max(last[priority], math.ceil((ends_at - rules.now) / 60.0))
            by_priority += [0.0, last[priority]]
        return (late, *by_priority, *ends)


def _earliest_end(rules: Rules, state: State, waiting: list[Job]) -> float:
    """Before when these jobs cannot all be done, by their hours and by their tokens."""
    by_hours = state.free_at + sum(job.duration_s for job in waiting)
    tokens = sum(job.tokens for job in waiting)
    is_open = state.window_ends_at > state.free_at
    missing = tokens - state.window_left if is_open else tokens - rules.usable_tokens
    if missing <= 0 or math.isinf(rules.usable_tokens) or rules.usable_tokens <= 0:
        return by_hours
    windows = math.ceil(missing / rules.usable_tokens)
    begins_at = (state.window_ends_at if is_open else state.free_at + WINDOW_S) + (windows - 1) * WINDOW_S
    return max(by_hours, begins_at + min(job.duration_s for job in waiting))
