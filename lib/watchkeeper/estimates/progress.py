"""What a tracked session has used so far: tokens and active hours of each phase, pace, and where the total is going."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.usage import counted_sum

from . import interval, student
from .posterior import NOISE_DEGREES
from .stretches import RUNNING_S, THINKING_S

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .interval import Interval
    from .tracked import Tracked, TrackedPhase

# The pace of now is that of so long.
RECENT_S = 600.0
# Below this share of an estimate a phase says nothing of the rest of itself.
_LEAST_LEFT = 0.1


class Use(NamedTuple):
    """What was used between two moments."""

    tokens: int
    hours: float
    """Pauses not counted."""


class Progress(NamedTuple):
    """How a tracked session stands. `phases` has the use of each phase in their order."""

    use: Use
    phases: tuple[Use, ...]
    projection: Interval
    """Of the whole: what was used, and what is still to come."""
    recent_tokens_per_min: float | None
    average_tokens_per_min: float | None

    @property
    def left(self) -> Interval:
        """What is still to come."""
        fixed = float(self.use.tokens)
        low, mid, high = (max(0.0, each - fixed) for each in self.projection[:3])
        return self.projection._replace(low_tokens=low, mid_tokens=mid, high_tokens=high)


def measure(db: sqlite3.Connection, made: Tracked, correlation: float, now: float) -> Progress:
    """Return what a tracked session has used, sub-agents included, and what that lets expect."""
    until = made.ended_at if made.ended_at is not None else now + 1.0
    use = used(db, made.session_id, made.counted, made.started_at, until)
    phases = tuple(_used_by(db, made, each, until) for each in made.phases)
    recent = used(db, made.session_id, made.counted, max(made.started_at or now, now - RECENT_S), now + 1.0)
    recent_min = min(RECENT_S, now - (made.started_at or now)) / 60.0
    return Progress(
        use,
        phases,
        project(made, phases, use, correlation),
        recent.tokens / recent_min if recent_min >= 1.0 else None,
        use.tokens / (use.hours * 60.0) if use.hours * 60.0 >= 1.0 else None,
    )


def used(db: sqlite3.Connection, session_id: str, counted: Sequence[str], since: float | None, until: float) -> Use:
    """Return what a session used in [since, until), tokens of the `counted` kinds; nothing before it began."""
    if since is None:
        return Use(0, 0.0)
    rows = db.execute(
        f"SELECT at, {counted_sum(counted)} FROM responses WHERE session_id = ? AND at >= ? AND at < ? ORDER BY at",
        (session_id, since, until),
    ).fetchall()
    calls = [
        row[0]
        for row in db.execute(
            "SELECT at FROM tool_calls WHERE session_id = ? AND at >= ? AND at < ? AND agent_id = ''",
            (session_id, since, until),
        )
    ]
    return Use(sum(row[1] for row in rows), active_hours([row[0] for row in rows], calls))


def _used_by(db: sqlite3.Connection, made: Tracked, phase: TrackedPhase, until: float) -> Use:
    """Return what a phase used. While two of them ran, one begun again, it is that of the one that began later."""
    if phase.started_at is None:
        return Use(0, 0.0)
    end_at = until if phase.ended_at is None else phase.ended_at
    tokens, hours, since = 0, 0.0, phase.started_at
    within = sorted(
        (each.started_at, until if each.ended_at is None else each.ended_at)
        for each in made.phases
        if each.started_at is not None and phase.started_at < each.started_at < end_at
    )
    for began_at, ended_at in [*within, (end_at, end_at)]:
        part = used(db, made.session_id, made.counted, since, began_at)
        tokens, hours, since = tokens + part.tokens, hours + part.hours, max(since, ended_at)
    return Use(tokens, hours)


def active_hours(responses: Sequence[float], calls: Sequence[float]) -> float:
    """Return the hours between the first and the last sign of work; a pause counts up to what work is waited for.

    After a tool call that is what a tool may run, else what a person may think.
    """
    signs = sorted([(at, THINKING_S) for at in responses] + [(at, RUNNING_S) for at in calls])
    return sum(min(later[0] - earlier[0], earlier[1]) for earlier, later in pairwise(signs)) / 3600.0


def project(made: Tracked, phases: Sequence[Use], use: Use, correlation: float) -> Interval:
    """Return the interval of the whole session's tokens.

    What was used is certain. Phases to come are as estimated. Of the phase at hand the rest is what the estimate says
    beyond what it took already: given that more than x is needed, the middle is the median of what lies above x.
    """
    open_parts = []
    for each, own in zip(made.phases, phases, strict=True):
        if each.ended_at is None:
            open_parts.append(rest_of(each, own.tokens))
    return interval.total(open_parts, correlation, float(use.tokens))


def interval_of(phase: TrackedPhase) -> Interval:
    """Return the interval that a phase was estimated at, from its stored bounds."""
    reach = math.log(phase.high_tokens / phase.mid_tokens) if phase.mid_tokens > 0 else 0.0
    spread = reach / student.quantile(0.5 + interval.COVERAGE / 2.0, NOISE_DEGREES)
    return interval.Interval(*phase[6:9], interval.COVERAGE, max(spread, 1e-6), NOISE_DEGREES)


def rest_of(phase: TrackedPhase, taken_tokens: int) -> Interval:
    """Return what is left of a phase that took so much and is not over."""
    return _rest(interval_of(phase), taken_tokens if phase.started_at is not None else 0)


def _rest(whole: Interval, taken: int) -> Interval:
    if taken <= 0:
        return whole
    below = interval.probability_within(whole, float(taken))
    # Beyond nearly all that was thought possible nothing is known but that it goes on.
    upper = min(0.999, below + (1.0 - below) / 2.0)
    beyond = whole.mid_tokens * math.exp(whole.spread * student.quantile(upper, whole.degrees))
    left = max(beyond - taken, _LEAST_LEFT * whole.mid_tokens)
    return interval.interval(math.log(left), whole.spread, whole.degrees)
