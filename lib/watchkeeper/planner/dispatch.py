"""A good plan for a long queue: sessions in the order of a few simple rules, of whose plans the best is kept."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING

from .forecast import AFTER_RESET_S, WINDOW_S
from .objective import value_of
from .placing import place
from .search import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .placing import Job, Rules, Slot, State

    Key = tuple[float, ...]
    Chosen = tuple[int, Slot, State]
# So many of a list are tried for a gap.
_MOST_FILLERS = 300


def good_plan(rules: Rules, jobs: Sequence[Job]) -> Plan:
    """Return the best of a few plans made by list scheduling, each in one pass.

    Within a priority (which what waits for a session gives it too) the lists are in the order of the queue, by tokens,
    by hours, the largest first, and by hours, the shortest first. Where the first of a list would have to wait, or
    would delay an appointment, those behind it that delay neither fill the gap.
    """
    pressing = _pressing(jobs)
    lists: tuple[Callable[[int], Key], ...] = (
        lambda number: (-pressing[number], number),
        lambda number: (-pressing[number], -jobs[number].tokens, number),
        lambda number: (-pressing[number], -jobs[number].duration_s, number),
        lambda number: (-pressing[number], jobs[number].duration_s, number),
    )
    plans = (_Dispatch(rules, jobs, sorted(range(len(jobs)), key=key)).plan() for key in lists)
    return min(plans, key=lambda plan: plan.value)


class _Dispatch:
    def __init__(self, rules: Rules, jobs: Sequence[Job], order: list[int]) -> None:
        self.rules = rules
        self.jobs = jobs
        self.order = order
        self.slots: list[Slot | None] = [None] * len(jobs)
        self.missing = [len(job.after) for job in jobs]
        self.waiters: dict[int, list[int]] = {}
        self.positions = [0] * len(jobs)
        for position, number in enumerate(order):
            self.positions[number] = position
            for earlier in jobs[number].after:
                self.waiters.setdefault(earlier, []).append(number)
        # Positions in the order, of those that wait for nothing; ascending.
        self.ready = [position for position, number in enumerate(order) if not self.missing[number]]
        self.appointments: list[tuple[float, int]] = []
        for number, job in enumerate(jobs):
            if job.appointment_at is not None and not job.after:
                bisect.insort(self.appointments, (job.appointment_at, number))

    def plan(self) -> Plan:
        state = self.rules.start
        while (chosen := self._next(state)) is not None:
            number, slot, state = chosen
            self._take(number)
            self.slots[number] = slot
            for waiter in self.waiters.get(number, ()):
                self.missing[waiter] -= 1
                if not self.missing[waiter]:
                    self._free(waiter)
        return Plan(tuple(self.slots), value_of(self.rules, self.jobs, self.slots))

    def _next(self, state: State) -> Chosen | None:
        head = self._head(state)
        if head is None:
            return None
        gap_s = head[1].starts_at - state.free_at
        if gap_s <= 0:
            return head
        # Whether the gap goes on beyond the reset, so that what the window has left does not matter.
        is_over = head[1].starts_at > state.window_ends_at + AFTER_RESET_S
        for position in self.ready[:_MOST_FILLERS]:
            number = self.order[position]
            job = self.jobs[number]
            if number == head[0] or job.duration_s > gap_s or (job.tokens > state.window_left and not is_over):
                continue
            filled = place(self.rules, state, job)
            if isinstance(filled, str) or filled[0].ends_at > head[1].starts_at:
                continue
            after = place(self.rules, filled[1], self.jobs[head[0]])
            if not isinstance(after, str) and after[0].ends_at <= head[1].ends_at:
                return number, *filled
        return head

    def _head(self, state: State) -> Chosen | None:
        """The first of the list that has a place, or the next appointment where that one would delay it."""
        head = None
        while head is None:
            number = self._first(state)
            if number is None:
                return None
            placed = place(self.rules, state, self.jobs[number])
            if isinstance(placed, str):
                self._take(number)
            else:
                head = number, *placed
        for at, number in self.appointments:
            if at >= head[1].ends_at + WINDOW_S:
                break
            if number == head[0]:
                continue
            direct, later = (place(self.rules, each, self.jobs[number]) for each in (state, head[2]))
            if not isinstance(direct, str) and (isinstance(later, str) or later[0].starts_at > direct[0].starts_at):
                return number, *direct
        return head

    def _first(self, state: State) -> int | None:
        for position in self.ready:
            number = self.order[position]
            if (self.jobs[number].appointment_at or 0.0) <= state.free_at:
                return number
        return self.appointments[0][1] if self.appointments else None

    def _free(self, number: int) -> None:
        bisect.insort(self.ready, self.positions[number])
        appointment_at = self.jobs[number].appointment_at
        if appointment_at is not None:
            bisect.insort(self.appointments, (appointment_at, number))

    def _take(self, number: int) -> None:
        del self.ready[bisect.bisect_left(self.ready, self.positions[number])]
        appointment_at = self.jobs[number].appointment_at
        if appointment_at is not None:
            self.appointments.remove((appointment_at, number))


def _pressing(jobs: Sequence[Job]) -> list[float]:
    """The priority of each job, or that of the most pressing one that waits for it; an appointment presses most."""
    presses = [math.inf if job.appointment_at is not None else float(job.priority) for job in jobs]
    pressing = [float(job.priority) for job in jobs]
    # From the most pressing on, so that each is raised once.
    for number in sorted(range(len(jobs)), key=lambda number: -presses[number]):
        ahead = [number]
        while ahead:
            for earlier in jobs[ahead.pop()].after:
                if pressing[earlier] < presses[number]:
                    pressing[earlier] = presses[number]
                    ahead.append(earlier)
    return [
        float(job.priority) if job.appointment_at is not None else press
        for job, press in zip(jobs, pressing, strict=True)
    ]
