"""Which sessions go into which window: the plan of a whole queue, what is left out of it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import dispatch, improvement, search
from .candidate import Candidate, rank
from .forecast import WINDOW_S
from .placing import (
    BLOCKED,
    NO_HOURS,
    SOON,
    TOO_FAR,
    TOO_LARGE,
    WEEK_TOO_SMALL,
    Rules,
    Slot,
    after,
    job_of,
    place,
    rest_of,
    rules_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .availability import Availability
    from .forecast import Forecast

# Up to so many sessions every order is tried.
EXACT_UP_TO = 8
LOOK_AHEAD_DAYS = 14
_DAY_S = 86_400.0


class Placement(NamedTuple):
    """A session with its place in the plan."""

    candidate: Candidate
    slot: Slot
    tokens: float
    """What the plan counts for it."""


class Deferral(NamedTuple):
    """A session that the plan has no place for."""

    candidate: Candidate
    code: str
    """too_large, week_too_small, no_hours, too_far, blocked."""
    waits_for: tuple[str, ...] = ()
    """For blocked: the ids of what it waits for in vain."""


class Allocation(NamedTuple):
    """The plan of a queue from `now` on."""

    now: float
    until_at: float
    forecast: Forecast
    rules: Rules
    placements: tuple[Placement, ...]
    """In the order in which they start."""
    deferrals: tuple[Deferral, ...]
    """In the order of the queue."""
    is_exact: bool
    """Whether no better plan exists; else it is a good one."""

    @property
    def ends_at(self) -> float | None:
        """When the last session ends."""
        return max((each.slot.ends_at for each in self.placements), default=None)


def allocate(
    candidates: Sequence[Candidate],
    forecast: Forecast,
    available: Availability,
    now: float,
    look_ahead_days: float = LOOK_AHEAD_DAYS,
) -> Allocation:
    """Return the plan of the candidates: what is running first, then one after another.

    Up to `EXACT_UP_TO` sessions it is the best there is by `objective.value_of`, beyond that a good one.
    A session's middle estimate counts; one without an estimate gets a window to itself, one without hours is taken for
    `candidate.ASSUMED_HOURS`.
    """
    until_at = now + look_ahead_days * _DAY_S
    forecast = forecast.at(now)
    rules = rules_of(forecast, available.free_spans(now, until_at), now, until_at)
    running, rules = _run_on([each for each in candidates if each.started_at is not None], rules)
    waiting = sorted((each for each in candidates if each.started_at is None), key=rank)
    ids = {each.id for each in candidates}
    refused: dict[str, str] = {}
    for each in waiting:
        alone = place(rules, rules.start, job_of(each, rules))
        if not set(each.after) <= ids:
            refused[each.id] = BLOCKED
        elif alone in (TOO_LARGE, WEEK_TOO_SMALL, NO_HOURS):
            refused[each.id] = str(alone)
    _spread_blocks(waiting, refused)
    open_ones = [each for each in waiting if each.id not in refused]
    plan, is_exact = _planned(rules, open_ones)
    placements = [
        Placement(each, slot, job_of(each, rules).tokens)
        for each, slot in zip(open_ones, plan.slots, strict=True)
        if slot is not None
    ]
    placed = {each.candidate.id for each in placements} | {each.candidate.id for each in running}
    deferrals = []
    for each in waiting:
        if each.id not in placed:
            in_vain = tuple(other for other in each.after if other not in placed)
            deferrals.append(Deferral(each, refused.get(each.id, BLOCKED if in_vain else TOO_FAR), in_vain))
    return Allocation(
        now,
        until_at,
        forecast,
        rules,
        (*running, *sorted(placements, key=lambda each: each.slot.starts_at)),
        tuple(deferrals),
        is_exact,
    )


def _planned(rules: Rules, open_ones: Sequence[Candidate]) -> tuple[search.Plan, bool]:
    numbers = {each.id: number for number, each in enumerate(open_ones)}
    jobs = [job_of(each, rules, numbers) for each in open_ones]
    plan = improvement.improved(rules, jobs, dispatch.good_plan(rules, jobs))
    if len(jobs) > EXACT_UP_TO:
        return plan, False
    return search.best_plan(rules, jobs, plan), True


def _run_on(running: Sequence[Candidate], rules: Rules) -> tuple[list[Placement], Rules]:
    """Place what is running: side by side, for the rest of its hours, with that share of its estimate."""
    start = rules.start
    if not running:
        return [], rules
    if start.window_ends_at <= rules.now:
        start = start._replace(window_ends_at=rules.now + WINDOW_S, window_left=rules.usable_tokens)
    rest = [(each, rest_of(each, rules.now)) for each in running]
    placements = [
        Placement(
            each,
            Slot(rules.now, rules.now + rest_s, start.window_ends_at - WINDOW_S, start.window_left, SOON),
            tokens,
        )
        for each, (rest_s, tokens) in rest
    ]
    tokens = min(sum(tokens for _, (_, tokens) in rest), start.window_left, start.week_left)
    free_at = rules.now + max(rest_s for _, (rest_s, _) in rest)
    return placements, rules._replace(start=after(rules, start, free_at, tokens))


def _spread_blocks(waiting: Sequence[Candidate], refused: dict[str, str]) -> None:
    """Refuse what waits for something refused, and what waits for itself in a circle."""
    missing = {each.id: len(set(each.after)) for each in waiting}
    waiters: dict[str, list[str]] = {}
    for each in waiting:
        for earlier in set(each.after):
            if earlier in missing:
                waiters.setdefault(earlier, []).append(each.id)
            else:
                missing[each.id] -= 1
    free = [each for each, count in missing.items() if not count and each not in refused]
    for each_id in free:
        for waiter in waiters.get(each_id, ()):
            missing[waiter] -= 1
            if not missing[waiter] and waiter not in refused:
                free.append(waiter)
    never = set(missing) - set(free) - set(refused)
    refused |= dict.fromkeys(never, BLOCKED)
