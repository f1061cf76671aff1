"""A plan as sessions that can be queued: its phases in their order, as many together as a session should hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.usage import WINDOW_S

from .interval import total
from .prediction import session_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .learned import Learned
    from .session_estimate import Estimated, SessionEstimate

# A session of more is split; a plan of less stays whole.
MOST_TOKENS = 100_000
# Of a known limit, what a session may take of it.
_SHARE = 0.8
_MOST_HOURS = WINDOW_S / 3600.0


class PlannedSession(NamedTuple):
    """A session to be queued. `after` is the place of the one that it follows, None for the first."""

    name: str
    objectives: tuple[str, ...]
    project: str
    low_tokens: int
    mid_tokens: int
    high_tokens: int
    hours: float | None
    after: int | None
    is_large: bool
    """One phase that alone is more than a session should hold."""


def sessions(made: SessionEstimate, limit_tokens: float | None = None) -> list[PlannedSession]:
    """Return the sessions that a plan makes; `limit_tokens` is what a window of the quota holds, None if unknown.

    A session holds no more than `most_tokens`, and no more hours than a window.
    """
    most = most_tokens(made.learned, limit_tokens)
    groups: list[list[Estimated]] = []
    for each in made.phases:
        together = [*groups[-1], each] if groups else []
        tokens = sum(other.interval.mid_tokens for other in together)
        hours = sum(other.work.hours or 0.0 for other in together)
        if together and tokens <= most and hours <= _MOST_HOURS:
            groups[-1].append(each)
        else:
            groups.append([each])
    return [_session(group, made, place, len(groups), most) for place, group in enumerate(groups)]


def most_tokens(learned: Learned, limit_tokens: float | None = None) -> float:
    """Return what a session should hold at most: 100,000 tokens, or more where the user's figures speak for it.

    These are 80 % of a limit, and what sessions take of the length that keeps this user's estimates close.
    """
    size = session_size(learned)
    typical = size.recommended.typical_tokens if size is not None else 0.0
    return max(float(MOST_TOKENS), _SHARE * (limit_tokens or 0.0), typical)


def sessions_view(made: SessionEstimate, limit_tokens: float | None) -> list[dict[str, Any]]:
    """Return the sessions as they are shown."""
    return [each._asdict() for each in sessions(made, limit_tokens)]


def _session(group: Sequence[Estimated], made: SessionEstimate, place: int, count: int, most: float) -> PlannedSession:
    whole = total([each.interval for each in group], made.learned.correlation)
    hours = [each.work.hours for each in group]
    name = made.plan.title if count == 1 else f"{made.plan.title} ({place + 1} of {count})"
    return PlannedSession(
        name,
        tuple(each.phase.name for each in group),
        made.project,
        round(whole.low_tokens),
        round(whole.mid_tokens),
        round(whole.high_tokens),
        sum(each for each in hours if each) if all(hours) else None,
        place - 1 if place else None,
        whole.mid_tokens > most or sum(each or 0.0 for each in hours) > _MOST_HOURS,
    )
