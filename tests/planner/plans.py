"""Random queues, and plans made and checked the slow way: every order, minute by minute, straight from the rules."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timezone, tzinfo
from typing import Any, NamedTuple

from watchkeeper.config.hours import Hours, parse_hours
from watchkeeper.planner.allocation import Allocation
from watchkeeper.planner.availability import Availability
from watchkeeper.planner.candidate import Candidate, rank
from watchkeeper.planner.forecast import Forecast, Week

# A Friday, 19:00 UTC.
NOW = 1_795_201_200.0
STEP_S = 900.0
HOUR_S = 3600.0
FIVE_HOURS_S, WEEK_S, SETTLE_S = 5 * HOUR_S, 7 * 24 * HOUR_S, 300.0
UTC = timezone.utc


class Case(NamedTuple):
    """A queue with everything that a plan of it depends on."""

    candidates: list[Candidate]
    forecast: Forecast
    available: Availability
    days: float


class Run(NamedTuple):
    """A session with its place in a slow plan."""

    number: int
    start: float
    end: float


def forecast(left: int | None = 200_000, limit: int | None = 200_000, **known: Any) -> Forecast:
    """A Pro window, reported, that resets in 2 h 45 min; with the reserve of 10,000."""
    window = Forecast(
        left,
        limit,
        resets_at=NOW + 9_900,
        source="unknown" if left is None else "reported",
        limit_source="unknown" if limit is None else "plan",
        reserve_tokens=10_000,
    )
    return window._replace(**known)


def hours(*texts: str) -> tuple[Hours, ...]:
    return tuple(parse_hours(text) for text in texts)


def random_case(seed: int, most: int = 5) -> Case:
    """A queue of up to `most` sessions whose times are full quarters of an hour."""
    dice = random.Random(seed)
    count = dice.randint(1, most)
    candidates = [
        Candidate(
            f"s{number}",
            f"Session {number}",
            mid_tokens=dice.choice([10_000, 20_000, 40_000, 60_000, 80_000, 120_000, 150_000, 190_000, 250_000]),
            hours=dice.choice([0.5, 1.0, 1.5, 2.0, 3.0, 5.0]),
            priority=dice.choice([0, 1, 1, 2]),
            after=tuple(f"s{earlier}" for earlier in range(number) if dice.random() < 0.15),
            at=NOW + dice.randint(-8, 120) * STEP_S if dice.random() < 0.1 else None,
            created_at=float(number),
        )
        for number in range(count)
    ]
    working = dice.choice([(), (), ("Mon-Fri 09:00-18:00",), ("Sat 08:00-12:00", "Sun 14:00-20:00")])
    quiet = dice.choice([(), (), ("22:00-07:00",), ("Sat 00:00-24:00",)])
    week = Week(dice.choice([60_000, 200_000]), 400_000, 80.0, NOW + 36 * HOUR_S) if dice.random() < 0.3 else Week()
    window = forecast(
        dice.choice([0, 10_000, 60_000, 110_000, 200_000]),
        resets_at=dice.choice([None, NOW + 2 * HOUR_S, NOW + 4.5 * HOUR_S]),
        week=week,
    )
    return Case(candidates, window, Availability(hours(*working), hours(*quiet), UTC), 3.0)


def best_value(case: Case) -> tuple[float, ...]:
    """The value of the best plan, found by trying every order."""
    jobs = sorted(case.candidates, key=rank)
    free = free_steps(case.available, case.days)
    best: tuple[float, ...] = (math.inf,)

    def visit(runs: list[Run]) -> None:
        nonlocal best
        placed = {jobs[run.number].id: run for run in runs}
        is_last = True
        for number, job in enumerate(jobs):
            if job.id in placed or not set(job.after) <= placed.keys():
                continue
            start = earliest(case, jobs, runs, number, free)
            if start is not None:
                is_last = False
                visit([*runs, Run(number, start, start + (job.hours or 0) * HOUR_S)])
        if is_last:
            best = min(best, value(case, jobs, runs))

    visit([])
    return best


def value(case: Case, jobs: Sequence[Candidate], runs: Sequence[Run]) -> tuple[float, ...]:
    """How good a plan is: late appointments, then each priority from the highest, then each session by its rank."""
    ends = [math.inf] * len(jobs)
    late = 0.0
    starts = {run.number: run.start for run in runs}
    for run in runs:
        ends[run.number] = math.ceil((run.end - NOW) / 60)
    for number, job in enumerate(jobs):
        if job.at is not None:
            late += math.ceil(max(0.0, starts.get(number, NOW + case.days * 24 * HOUR_S) - max(job.at, NOW)) / 60)
    by_priority: list[float] = []
    for priority in sorted({job.priority for job in jobs}, reverse=True):
        these = [end for end, job in zip(ends, jobs, strict=True) if job.priority == priority]
        by_priority += [these.count(math.inf), max((end for end in these if end < math.inf), default=0.0)]
    return (late, *by_priority, *ends)


def value_of_plan(case: Case, plan: Allocation) -> tuple[float, ...]:
    jobs = sorted(case.candidates, key=rank)
    numbers = {job.id: number for number, job in enumerate(jobs)}
    runs = [Run(numbers[each.candidate.id], each.slot.starts_at, each.slot.ends_at) for each in plan.placements]
    return value(case, jobs, runs)


def earliest(
    case: Case, jobs: Sequence[Candidate], runs: Sequence[Run], number: int, free: Callable[[float, float], bool]
) -> float | None:
    """The first quarter of an hour, or five minutes after a reset that was waited for, at which a session can start."""
    job = jobs[number]
    begin = max([NOW, *(run.end for run in runs)])
    wanted = max(begin, job.at or 0.0)
    not_before = wanted
    length = (job.hours or 0) * HOUR_S
    end_of_plan = NOW + case.days * 24 * HOUR_S
    moment = wanted
    while moment + length <= end_of_plan:
        is_chosen = job.at is not None and moment <= max(job.at, NOW)
        if moment >= not_before and (is_chosen or free(moment, moment + length)):
            reset = blocking_reset(case, jobs, runs, Run(number, moment, moment + length))
            if reset is None:
                return moment
            not_before = max(not_before, reset + SETTLE_S)
            if reset == math.inf:
                return None
        moment = _next_moment(moment, not_before)
    return None


def _next_moment(moment: float, not_before: float) -> float:
    following = NOW + (math.floor((moment - NOW) / 300) + 1) * 300.0
    return max(following, not_before) if not_before > moment else following


def blocking_reset(case: Case, jobs: Sequence[Candidate], runs: Sequence[Run], new: Run) -> float | None:
    """The reset that a session has to wait for, None when nothing is in its way, infinite when it never fits."""
    forecast = case.forecast
    for limits in (week_limits(forecast), window_limits(forecast)):
        reset = _blocked(limits, jobs, [*runs, new])
        if reset is not None:
            return reset
    return None


class Limits(NamedTuple):
    """A window that repeats: what is left of the open one, until when, what a whole one has, and how long it is."""

    left: float
    until: float | None
    whole: float
    length: float
    repeats: bool
    """Whether the next one begins with the end of this one, not with its first session."""


def window_limits(forecast: Forecast) -> Limits:
    left, whole = forecast.usable_now_tokens, forecast.usable_tokens
    unlimited = math.inf
    return Limits(
        unlimited if left is None else left,
        forecast.resets_at,
        unlimited if whole is None else whole,
        FIVE_HOURS_S,
        repeats=False,
    )


def week_limits(forecast: Forecast) -> Limits:
    week = forecast.week
    left, whole = week.left_tokens, week.usable_tokens
    return Limits(
        math.inf if left is None else left, week.resets_at, math.inf if whole is None else whole, WEEK_S, repeats=True
    )


def _blocked(limits: Limits, jobs: Sequence[Candidate], runs: Sequence[Run]) -> float | None:
    """Whether the last of the runs takes more than there is: the reset it has to wait for then."""
    left = limits.left
    until = limits.until
    if until is None:
        if limits.repeats:
            return None
        until, left = NOW, 0.0
    for run in runs:
        tokens = float(jobs[run.number].mid_tokens or 0)
        is_new = run is runs[-1]
        while limits.repeats and run.start >= until:
            until, left = until + limits.length, limits.whole
        if run.start >= until:
            until, left = run.start + limits.length, limits.whole
        if tokens > left:
            return (math.inf if tokens > limits.whole else until) if is_new else None
        left -= tokens
        while run.end > until:
            until, left = until + limits.length, limits.whole - tokens
    return None


def free_steps(available: Availability, days: float) -> Callable[[float, float], bool]:
    """Whether each five minutes between two times are free, read off the clock on the wall."""
    count = int(days * 24 * 12) + 12
    closed = [0]
    for step in range(count):
        closed.append(closed[-1] + (not reads_free(available, NOW + step * 300.0)))

    def is_free(start: float, end: float) -> bool:
        first, last = math.floor((start - NOW) / 300), math.ceil((end - NOW) / 300)
        return closed[last] == closed[first]

    return is_free


def reads_free(available: Availability, at: float) -> bool:
    """Whether the clock on the wall reads a free minute."""
    is_working = not available.working or any(_reads(each, at, available.zone) for each in available.working)
    return is_working and not any(_reads(each, at, available.zone) for each in available.quiet)


def _reads(hours: Hours, at: float, zone: tzinfo | None) -> bool:
    local = datetime.fromtimestamp(at, zone)
    minute = local.hour * 60 + local.minute
    today = local.weekday() in hours.days and hours.start_min <= minute < hours.end_min
    yesterday = (local.weekday() - 1) % 7 in hours.days
    return today or (yesterday and hours.start_min <= minute + 1440 < hours.end_min)
