"""Planned sessions for tests: single ones, and random queues."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.planner.dependencies import Queue
from watchkeeper.planner.model import PRIORITIES, Change, PlannedSession, Priority


def session(identifier: str, *after_ids: str, **fields: Any) -> PlannedSession:
    """A session that was queued at noon."""
    known: dict[str, Any] = {"name": identifier.title(), "created_at": NOON, "changed_at": NOON, **fields}
    state = known.setdefault("state", "planned" if after_ids else "ready")
    known.setdefault("history", (Change(state=state, at=NOON),))
    return PlannedSession(id=identifier, after_ids=after_ids, **known)


def queue_of(*sessions: PlannedSession) -> Queue:
    """Sessions as a queue."""
    return {each.id: each for each in sessions}


def queues(most: int = 7) -> st.SearchStrategy[Queue]:
    """Queues without circles, in any state that is not running; dependencies point to earlier sessions."""

    def built(entries: list[tuple[list[int], str, Priority]]) -> Queue:
        found = []
        for number, (after, state, priority) in enumerate(entries):
            after_ids = sorted({f"s{place % number}" for place in after}) if number else []
            found.append(session(f"s{number}", *after_ids, state=state, priority=priority))
        return queue_of(*found)

    states = st.sampled_from(["planned", "ready", "scheduled", "done", "cancelled"])
    entry = st.tuples(st.lists(st.integers(0, 20), max_size=3), states, st.sampled_from(PRIORITIES))
    return st.lists(entry, max_size=most).map(built)
