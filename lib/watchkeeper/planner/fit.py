"""What to start now: the first session of the queue, a smaller one that fits, or none before a certain time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.core import words

from . import assessment
from .assessment import assess
from .candidate import NOTHING, SCHEDULE, SMALLER, START, Assessment, Candidate, Decision, rank
from .placing import job_of, place, rest_of, rules_of
from .reasons import why_then

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .availability import Availability
    from .forecast import Forecast
    from .placing import Rules

_LOOK_AHEAD_S = 14 * 86_400.0


def decide(
    candidates: Sequence[Candidate], forecast: Forecast, hours: float | None, available: Availability, now: float
) -> Decision:
    """Return what to do now with `hours` of time (None: not said).

    A session whose scheduled time has come goes first; then `candidate.rank` decides. Where the first of the queue does
    not fit, others that do are the smaller ones; where none does, the decision is when the first can start. Quiet and
    working hours bind that time, and not who asks now. What cannot be told is said and keeps nothing from starting.
    """
    forecast = forecast.at(now)
    order = _startable(candidates, now)
    if not order:
        return _nothing_startable(candidates, now)
    first, *others = [assess(each, forecast, hours) for each in order]
    is_due = first.candidate.at is not None
    fitting = sorted((each for each in others if each.fits is not False), key=lambda each: each.fits is None)
    if first.fits is not False:
        reason = f"{first.candidate.name} {first.words}."
        reason += _why_first(first.candidate, others) + _hints(first.candidate, candidates, forecast, available, now)
        return Decision(START, first, tuple(fitting), reason, is_due=is_due)
    scheduled_for_at, when = _when(first, forecast, available, now)
    smaller = (*fitting, *(each for each in others if each.code == assessment.RESERVE))
    itself = (first,) if first.code == assessment.RESERVE else ()
    if smaller:
        chosen = smaller[0] if smaller[0].fits else None
        reason = f"{first.candidate.name} {first.words}.{when} {_choice(chosen, smaller)}"
        return Decision(SMALLER, chosen, (*smaller, *itself), reason, scheduled_for_at, first, is_due)
    decision = NOTHING if scheduled_for_at is None else SCHEDULE
    session = None if scheduled_for_at is None else first
    reason = f"{first.candidate.name} {first.words}.{when}"
    return Decision(decision, session, itself, reason, scheduled_for_at, first, is_due)


def _startable(candidates: Sequence[Candidate], now: float) -> list[Candidate]:
    """What waits for nothing: first what is due, the longest first, then the others by their rank."""
    waiting = [each for each in candidates if each.started_at is None and not each.after]
    due = sorted((each for each in waiting if each.at is not None and each.at <= now), key=lambda each: each.at or 0.0)
    return [*due, *sorted((each for each in waiting if each.at is None), key=rank)]


def _nothing_startable(candidates: Sequence[Candidate], now: float) -> Decision:
    appointments = [each for each in candidates if each.started_at is None and each.at is not None and not each.after]
    if appointments:
        following = min(appointments, key=lambda each: each.at or 0.0)
        at = following.at or now
        when = f"{words.clock_time(at, now)}, in {words.duration(at - now)}"
        reason = f"{following.name} is scheduled for {when}; nothing else is ready."
        found = Assessment(following, None, assessment.FITS, "is scheduled", following.mid_tokens, None, None, None)
        return Decision(SCHEDULE, found, (), reason, at, found)
    names = {each.id: each.name for each in candidates}
    waiting = [each for each in candidates if each.started_at is None]
    if waiting:
        each = min(waiting, key=rank)
        others = ", ".join(names.get(other, other) for other in each.after)
        return Decision(NOTHING, None, (), f"Nothing is ready: {each.name} waits for {others}.")
    running = [each.name for each in candidates]
    return Decision(
        NOTHING, None, (), f"Nothing else waits: {running[0]} is running." if running else "The queue is empty."
    )


def _why_first(first: Candidate, others: Sequence[Assessment]) -> str:
    """Say it where the spread of the estimates has decided."""
    rival = next((each.candidate for each in others if each.candidate.at is None), None)
    if first.at is not None:
        return " It was scheduled for now."
    if rival is None or rival.priority != first.priority or first.spread is None or first.spread == rival.spread:
        return ""
    than = "without a spread" if rival.spread is None else f"{_spread(rival)} wide"
    return (
        f" Of the same priority as {rival.name}, it has the narrower estimate ({_spread(first)} wide, that one {than})."
    )


def _spread(candidate: Candidate) -> str:
    return words.share(100.0 * (candidate.spread or 0.0))


def _hints(
    chosen: Candidate, candidates: Sequence[Candidate], forecast: Forecast, available: Availability, now: float
) -> str:
    closed = available.why_closed(now)
    hints = f" Your settings keep this time free: {closed}." if closed else ""
    hints += _running_hint(candidates, now)
    rules = _rules(forecast, available, now)
    started = place(rules._replace(spans=[(now, rules.until_at)]), rules.start, job_of(chosen, rules))
    if isinstance(started, str):
        return hints
    for each in candidates:
        if each.at is None or each.at <= now or each.started_at is not None or each.after:
            continue
        direct, later = (place(rules, state, job_of(each, rules)) for state in (rules.start, started[1]))
        if not isinstance(direct, str) and (isinstance(later, str) or later[0].starts_at > direct[0].starts_at):
            hints += f" {each.name}, scheduled for {words.clock_time(each.at, now)}, would have to wait for it."
    return hints


def _running_hint(candidates: Sequence[Candidate], now: float) -> str:
    running = [each for each in candidates if each.started_at is not None]
    rest_tokens = sum(rest_of(each, now)[1] for each in running)
    if rest_tokens < 1:
        return ""
    names = " and ".join(each.name for each in running[:2]) if len(running) < 3 else f"{len(running)} sessions"
    return f" Of what is left, {names} may still take about {words.tokens(rest_tokens)} tokens while running."


def _choice(chosen: Assessment | None, smaller: Sequence[Assessment]) -> str:
    if chosen is not None:
        others = len(smaller) - 1
        more = f", and {others} more" if others > 1 else ", and one more" if others else ""
        return f"{chosen.candidate.name} fits{more}: it {chosen.words}."
    if smaller[0].fits is None:
        return f"{smaller[0].candidate.name} might fit: {smaller[0].words}."
    figures = ", ".join(f"{each.candidate.name} ({each.needs_tokens:,})" for each in smaller[:3])
    return f"Nothing fits above the reserve; by using it: {figures}."


def _when(first: Assessment, forecast: Forecast, available: Availability, now: float) -> tuple[float | None, str]:
    if first.code not in (assessment.TOKENS, assessment.WEEK, assessment.RESERVE):
        return None, ""
    rules = _rules(forecast, available, now)
    placed = place(rules, rules.start, job_of(first.candidate._replace(at=None), rules))
    if isinstance(placed, str):
        return None, " No time for it is found within 14 days."
    starts_at = placed[0].starts_at
    return starts_at, f" It can start at {words.clock_time(starts_at, now)}, {why_then(placed[0])}."


def _rules(forecast: Forecast, available: Availability, now: float) -> Rules:
    until_at = now + _LOOK_AHEAD_S
    return rules_of(forecast, available.free_spans(now, until_at), now, until_at)
