"""What waits for what: references resolved, circles refused, and who is ready once others are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.errors import UserError

from .model import CANCELLED, DONE, PLANNED, READY, SCHEDULED, Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import PlannedSession, State

Queue = dict[str, "PlannedSession"]
"""The sessions by id, in the order in which they were queued."""


def moved(session: PlannedSession, state: State, now: float) -> PlannedSession:
    """Return a session in a state that it comes into now."""
    change = Change(state=state, at=now, estimated_tokens=session.estimated_tokens)
    return session.model_copy(update={"state": state, "changed_at": now, "history": (*session.history, change)})


def open_after(session: PlannedSession, queue: Mapping[str, PlannedSession]) -> tuple[str, ...]:
    """Return the ids of the sessions that this one waits for and that are not done."""
    return tuple(each for each in session.after_ids if each not in queue or queue[each].state != DONE)


def waiting_state(session: PlannedSession, queue: Mapping[str, PlannedSession]) -> State:
    """Return the state that a session has which neither runs nor is over: by its time, and by what it waits for."""
    if session.at is not None:
        return SCHEDULED
    return PLANNED if open_after(session, queue) else READY


def settled(queue: Mapping[str, PlannedSession], now: float) -> list[PlannedSession]:
    """Return the sessions that come from planned to ready because what they waited for is done, or back."""
    found = []
    for session in queue.values():
        wanted = waiting_state(session, queue)
        if session.state in (PLANNED, READY) and session.state != wanted:
            found.append(moved(session, wanted, now))
    return found


def waiting_for(session_id: str, queue: Mapping[str, PlannedSession]) -> list[str]:
    """Return the ids of the unfinished sessions that wait for this one."""
    return [each.id for each in queue.values() if session_id in each.after_ids and each.state not in (DONE, CANCELLED)]


def check(session: PlannedSession, queue: Mapping[str, PlannedSession]) -> None:
    """Raise UserError with a sentence when a session can never come to its turn among those of the queue."""
    for first in session.after_ids:
        if first not in queue and first != session.id:
            raise UserError(
                f"{session.id} waits for {first}, which is not in the queue; `watchkeeper queue list` shows what is."
            )
        if first in queue and queue[first].state == CANCELLED:
            raise UserError(
                f"{session.id} waits for {first}, which is cancelled and will never be done: leave it out of --after."
            )
    circle = _circle(session, queue)
    if circle:
        raise UserError(f"{' waits for '.join(circle)}: none of them could ever start; leave one out of --after.")


def find(queue: Mapping[str, PlannedSession], named: str, among: Iterable[str] = ()) -> PlannedSession:
    """Return the session that is named by its id or the beginning of it, where several fit the one in a state `among`.

    Raise UserError when it fits none or several.
    """
    wanted = named.strip().lower()
    if wanted in queue:
        return queue[wanted]
    near = [each for each in queue.values() if wanted and each.id.startswith(wanted)]
    meant = [each for each in near if each.state in among]
    if len(near) > 1 and len(meant) == 1:
        return meant[0]
    if not near:
        raise UserError(f"No session in the queue is called {named!r}; `watchkeeper queue list --all` shows them.")
    if len(near) > 1:
        shown = ", ".join(each.id for each in near[:5]) + (" …" if len(near) > 5 else "")
        raise UserError(f"Several sessions in the queue begin with {named!r} ({shown}): give more of the id.")
    return near[0]


def _circle(session: PlannedSession, queue: Mapping[str, PlannedSession]) -> list[str]:
    """Return the ids that lead from a session back to itself; nothing if none do."""
    came_from: dict[str, str] = {}
    ahead = [session.id]
    while ahead:
        here = ahead.pop()
        known = session if here == session.id else queue.get(here)
        for first in known.after_ids if known else ():
            if first == session.id:
                way = [session.id]
                while here != session.id:
                    way.insert(0, here)
                    here = came_from[here]
                return [session.id, *way]
            if first not in came_from:
                came_from[first] = here
                ahead.append(first)
    return []
