"""What a handoff says of the plan that its session is compared with: phases that it calls done are ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import folder, markdown

from . import tracked, tracking

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.handoff.model import Handoff

_WORD = re.compile(r"[^\W_]{2,}")


def advance(app: App, planned: dict[str, Any]) -> dict[str, Any] | None:
    """End the phases that the handoff just written calls accomplished; return what is left of the plan.

    `planned` is the view of /plan-next-session. None where its session is compared with no plan.
    """
    made = tracked.of_session(app.ledger.state, planned["handoff"]["session"] or "")
    if made is None or made.state != tracked.RUNNING:
        return None
    try:
        handoff = markdown.parse(folder.read(planned["handoff"]["path"]))
    except (OSError, ValueError):
        return None
    place = tracking.Place(app.ledger, app.settings, app.paths, app.environ, app.now)
    finished = [phase for phase in made.phases if phase.ended_at is None and is_called_done(phase.name, handoff)]
    with Transaction(app.ledger.state) as db:
        for phase in finished:
            tracked.end_phase(db, made.estimate_id, phase.number, app.now)
        tracking.begin_next(db, made.estimate_id, app.now)
    checked = tracking.check(place, made.estimate_id)
    if checked is None:
        return None
    now_made, found = checked
    return {
        "title": now_made.title,
        "ended": [phase.name for phase in finished],
        "to_come": [phase.name for phase in now_made.phases if phase.ended_at is None],
        "low_tokens": round(found.left.low_tokens),
        "mid_tokens": round(found.left.mid_tokens),
        "high_tokens": round(found.left.high_tokens),
    }


def is_called_done(name: str, handoff: Handoff) -> bool:
    """Return whether a handoff has a phase, word for word, among what is accomplished and not among what is next."""
    wanted = _words(name)
    is_done = any(wanted <= _words(line) for line in handoff.accomplished)
    return bool(wanted) and is_done and not any(wanted <= _words(each.title) for each in handoff.objectives)


def _words(line: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(line)}
