"""What the hooks at a session's start and end do for handoffs, in the terms of the hot ring.

Standard library only, and imported by these two hooks alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.core import state, telling
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.reply import SILENCE, Reply

from . import start

if TYPE_CHECKING:
    from watchkeeper.core.payload import Event
    from watchkeeper.core.watch import Watch

# Wired twice, installed and as a plugin, the same start is told twice within this time.
_SAME_START_S = 5.0


def at_start(watch: Watch, event: Event) -> Reply:
    """Return what the session that starts is given: a handoff that waits, memory, a word on its cold cache."""
    source = event.text("source") or "startup"
    if event.agent_id or source not in (*start.STARTS, *start.RESUMES):
        return SILENCE
    with Transaction(watch.ledger.state) as db:
        is_first = state.claim_told(
            db, "start", event.session_id, f"given {source}", (0.0,), watch.now - _SAME_START_S, watch.now
        )
    if not is_first:
        return SILENCE
    starting = start.Starting(
        event.session_id, source, event.cwd, telling.is_attended(watch.environ), watch.environ, event.fields
    )
    told = start.told_at_start(watch.ledger, watch.settings, watch.paths, starting, watch.now)
    return Reply(user=told.user, model=told.model)


def at_end(watch: Watch, event: Event) -> Reply:
    """Settle the handoff that the session which ends was given; say nothing."""
    if not event.agent_id:
        start.end_of(watch.ledger, event.session_id)
    return SILENCE
