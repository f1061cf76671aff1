"""The rules of a plan: sessions run one after another, each as early as quota, week and free hours allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .availability import Spans, earliest_start
from .candidate import ASSUMED_HOURS
from .forecast import AFTER_RESET_S, WEEK_S, WINDOW_S

if TYPE_CHECKING:
    from .candidate import Candidate
    from .forecast import Forecast

# Why a session does not start right away.
SOON, PREVIOUS, HOURS, WINDOW, WEEK, APPOINTMENT = "now", "previous", "hours", "window", "week", "appointment"
# Why one is not in the plan at all.
TOO_LARGE, WEEK_TOO_SMALL, NO_HOURS, TOO_FAR, BLOCKED = "too_large", "week_too_small", "no_hours", "too_far", "blocked"


# Of a session whose need is unknown, where what there is is unknown too: more than none.
_SOME_TOKENS = 1.0


class Job(NamedTuple):
    """A session to be placed. Sessions are numbered by their rank, the first is 0."""

    tokens: float
    """What it takes of the window it starts in; what runs on past a reset is counted in full in the next window too,
    since nobody knows how much of it falls there.
    """
    duration_s: float
    priority: int = 0
    after: tuple[int, ...] = ()
    appointment_at: float | None = None


class State(NamedTuple):
    """Where a plan stands after its last session. Without a window open `window_ends_at` is not after `free_at`."""

    free_at: float
    window_ends_at: float
    window_left: float
    week_ends_at: float
    week_left: float


class Slot(NamedTuple):
    """When a session runs, and what made it wait: the last thing to do so."""

    starts_at: float
    ends_at: float
    window_starts_at: float
    """Where a new window opens for it, else where the window it joins ends less five hours."""
    left_tokens: float
    """What its window had left for it; infinite where that is not known or not limited."""
    cause: str
    waited_left_tokens: float = math.inf
    """What the window, or the week, that it could not start in had left."""


class Rules(NamedTuple):
    """What holds for the whole plan. Tokens are infinite where they are not known or not limited."""

    now: float
    until_at: float
    """How far the plan looks ahead: what it holds ends by then."""
    usable_tokens: float
    """What sessions may use of a whole window."""
    week_usable_tokens: float
    spans: Spans
    start: State
    longest_span_s: float


def rules_of(forecast: Forecast, spans: Spans, now: float, until_at: float) -> Rules:
    """Return the rules that a forecast and the free stretches of time give."""
    week = forecast.week
    week_usable = math.inf if week.usable_tokens is None or week.resets_at is None else float(week.usable_tokens)
    # A week that is known to be used up is so whatever its tokens are.
    week_left = math.inf if week.left_tokens is None else float(week.left_tokens)
    usable = math.inf if forecast.usable_tokens is None else float(forecast.usable_tokens)
    left = math.inf if forecast.usable_now_tokens is None else float(forecast.usable_now_tokens)
    window_ends_at = now if forecast.resets_at is None else forecast.resets_at
    week_ends_at = math.inf if week.resets_at is None else week.resets_at
    return Rules(
        now,
        until_at,
        usable,
        week_usable,
        spans,
        State(now, window_ends_at, left, week_ends_at, week_left),
        max((end - start for start, end in spans), default=0.0),
    )


def hours_of(candidate: Candidate) -> float:
    """Return how long a session is taken for."""
    return ASSUMED_HOURS if candidate.hours is None else candidate.hours


def rest_of(candidate: Candidate, now: float) -> tuple[float, float]:
    """Return for how many seconds a running session goes on, and how many tokens it then takes at an even pace."""
    whole_s = hours_of(candidate) * 3600.0
    rest_s = max(0.0, whole_s - max(0.0, now - (candidate.started_at or now)))
    return rest_s, (candidate.mid_tokens or 0) * rest_s / whole_s


def job_of(candidate: Candidate, rules: Rules, numbers: dict[str, int] | None = None) -> Job:
    """Return a candidate as the rules see it; `numbers` are the ranks of those it may wait for."""
    # One without an estimate gets a window to itself: nothing else is sure to fit beside it.
    most = min(rules.usable_tokens, rules.week_usable_tokens)
    unknown = _SOME_TOKENS if math.isinf(most) else most
    return Job(
        unknown if candidate.mid_tokens is None else float(candidate.mid_tokens),
        hours_of(candidate) * 3600.0,
        candidate.priority,
        tuple(numbers[each] for each in candidate.after if each in numbers) if numbers else (),
        candidate.at,
    )


def place(rules: Rules, state: State, job: Job) -> tuple[Slot, State] | str:
    """Return where a session goes that starts after all that are placed, and how things stand then.

    Return the reason instead when it has no place: too_large, week_too_small, no_hours, too_far.
    """
    duration_s, tokens = job.duration_s, job.tokens
    if tokens > rules.usable_tokens:
        return TOO_LARGE
    if tokens > rules.week_usable_tokens:
        return WEEK_TOO_SMALL
    appointment_at = job.appointment_at
    at, cause, waited_left = state.free_at, SOON if state.free_at <= rules.now else PREVIOUS, math.inf
    if appointment_at is not None and appointment_at >= at:
        at, cause = appointment_at, APPOINTMENT
    while True:
        # Whoever made the appointment chose its hour.
        if appointment_at is None or at > max(appointment_at, rules.now):
            begin = earliest_start(rules.spans, at, duration_s)
            if begin is None:
                return NO_HOURS if rules.longest_span_s < duration_s else TOO_FAR
            if begin > at:
                at, cause = begin, HOURS
        if at + duration_s > rules.until_at:
            return TOO_FAR
        week_ends_at, week_left = state.week_ends_at, state.week_left
        while at >= week_ends_at:
            week_ends_at, week_left = week_ends_at + WEEK_S, rules.week_usable_tokens
        if tokens > week_left:
            at, cause, waited_left = week_ends_at + AFTER_RESET_S, WEEK, week_left
            continue
        if at >= state.window_ends_at:
            window_ends_at, left = at + WINDOW_S, rules.usable_tokens
            break
        window_ends_at, left = state.window_ends_at, state.window_left
        if tokens <= left:
            break
        at, cause, waited_left = window_ends_at + AFTER_RESET_S, WINDOW, left
    ends_at = at + duration_s
    slot = Slot(at, ends_at, window_ends_at - WINDOW_S, left, cause, waited_left)
    return slot, after(rules, State(at, window_ends_at, left, week_ends_at, week_left), ends_at, tokens)


def after(rules: Rules, state: State, ends_at: float, tokens: float) -> State:
    """Return how things stand after what starts in `state` has taken `tokens` by `ends_at`.

    What runs on past a reset is counted in full on both sides of it.
    """
    window_ends_at, left = state.window_ends_at, state.window_left - tokens
    while ends_at > window_ends_at:
        window_ends_at, left = window_ends_at + WINDOW_S, rules.usable_tokens - tokens
    week_ends_at, week_left = state.week_ends_at, state.week_left - tokens
    while ends_at > week_ends_at:
        week_ends_at, week_left = week_ends_at + WEEK_S, rules.week_usable_tokens - tokens
    return State(ends_at, window_ends_at, left, week_ends_at, week_left)
