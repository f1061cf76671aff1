"""What planning works with: sessions that could run, and what was found out about each; pure values, no effects."""

from __future__ import annotations

from typing import NamedTuple

# How long a session is taken for that does not say.
ASSUMED_HOURS = 2.0

# What a decision can be.
START, SMALLER, SCHEDULE, NOTHING = "start", "smaller", "schedule", "nothing"


class Candidate(NamedTuple):
    """A session that waits in the queue. What is not known is None, never 0."""

    id: str
    name: str
    low_tokens: int | None = None
    mid_tokens: int | None = None
    """What it most likely takes; low and high are None where the estimate has no spread."""
    high_tokens: int | None = None
    hours: float | None = None
    priority: int = 0
    """The larger goes first."""
    after: tuple[str, ...] = ()
    """Ids of the sessions it waits for that are not done yet."""
    at: float | None = None
    """The appointment: when it was scheduled to start, epoch seconds."""
    created_at: float = 0.0
    started_at: float | None = None
    """When it was started, if it is running."""

    @property
    def spread(self) -> float | None:
        """How wide the estimate is, as a share of its middle; None without low, middle and high."""
        if self.low_tokens is None or self.high_tokens is None or not self.mid_tokens:
            return None
        return (self.high_tokens - self.low_tokens) / self.mid_tokens


class Assessment(NamedTuple):
    """Whether a candidate can start now, in words and figures."""

    candidate: Candidate
    fits: bool | None
    """None where it cannot be told."""
    code: str
    """fits, reserve (only by using the emergency reserve), tokens, week, hours, too_large, blocked, unknown."""
    words: str
    """One sentence with the figures."""
    needs_tokens: int | None
    has_tokens: int | None
    """What is left of the window, less the emergency reserve."""
    buffer_tokens: int | None
    """What would remain of `has_tokens`; negative where it does not fit."""
    confidence_pct: float | None
    """How likely it stays within `has_tokens`, by the spread of its estimate; None without a spread."""


class Decision(NamedTuple):
    """What to do now."""

    decision: str
    """start, smaller, schedule, nothing."""
    session: Assessment | None
    """The session to start, or to schedule; None for nothing."""
    alternatives: tuple[Assessment, ...]
    """Others that could start now, the best first."""
    reason: str
    """Why, in one or two sentences with their figures."""
    scheduled_for_at: float | None = None
    """When the session that comes first in the queue can start, where it cannot now."""
    wanted: Assessment | None = None
    """The session that comes first in the queue, where it is not the one to start."""
    is_due: bool = False
    """Whether the session was scheduled for now, or for a time that is over."""


def rank(candidate: Candidate) -> tuple[float, float, float, str]:
    """Return the key that sorts candidates: larger priority, narrower estimate (without a spread last), older."""
    spread = candidate.spread
    return (-candidate.priority, float("inf") if spread is None else spread, candidate.created_at, candidate.id)
