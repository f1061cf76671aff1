"""The queue as planning sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .candidate import Candidate
from .dependencies import open_after
from .model import OPEN_STATES, PRIORITIES, RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import PlannedSession

_WEIGHTS = {word: len(PRIORITIES) - 1 - place for place, word in enumerate(PRIORITIES)}


def candidate_of(session: PlannedSession, queue: Mapping[str, PlannedSession]) -> Candidate:
    """Return a session as one that could run, with what it still waits for among those of the queue."""
    return Candidate(
        session.id,
        session.name,
        session.low_tokens,
        session.estimated_tokens,
        session.high_tokens,
        session.hours,
        _WEIGHTS[session.priority],
        open_after(session, queue),
        session.at,
        session.created_at,
        session.started_at if session.state == RUNNING else None,
    )


def candidates_of(queue: Mapping[str, PlannedSession], among: Iterable[PlannedSession] = ()) -> list[Candidate]:
    """Return the sessions of the queue that are not over, or those of them that are `among` some."""
    return [candidate_of(each, queue) for each in among or queue.values() if each.state in OPEN_STATES]
