"""What /estimate-session does: read a plan, estimate it, save the estimate, write it into the plan."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError

from . import gathering, learned, plan_block, plan_file, session_estimate, tracked

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .session_estimate import SessionEstimate

BLOCK_TEMPLATE = "estimate-block.md"
_MOMENT = re.compile(rb"^Estimated \d{4}-\d\d-\d\d \d\d:\d\d", re.MULTILINE)


class Wish(NamedTuple):
    """What was asked for."""

    plan: str
    saves: bool = False
    writes: bool = False


def estimate(app: App, wish: Wish) -> dict[str, Any]:
    """Return the view of a plan's estimate, saved and written into the plan as `wish` says.

    Raise UserError when the plan cannot be read, or cannot be written into.
    """
    path = plan_file.resolve(wish.plan, app.folder, app.environ)
    data = plan_file.load(path)
    plan = plan_file.parse(data, path)
    gathering.catch_up_with_history(app)
    known = learned.read(app.ledger, app.settings, app.now)
    session_id = app.environ.get("CLAUDE_CODE_SESSION_ID", "")
    made = session_estimate.estimate_plan(app, plan, known, session_id)
    view = session_estimate.view(app, made)
    view["written"] = write(app, path, data, view) if wish.writes else None
    view["saved"] = _save(app, made, view, path, session_id) if wish.saves else None
    return view


def made_of(app: App, named: str) -> SessionEstimate:
    """Return the estimate of the plan that is `named`. Raise UserError when it cannot be read."""
    plan = plan_file.read(plan_file.resolve(named, app.folder, app.environ))
    return session_estimate.estimate_plan(app, plan, learned.read(app.ledger, app.settings, app.now))


def write(app: App, path: str, data: bytes, view: dict[str, Any]) -> bool:
    """Put the estimate into the plan's file, whose content is `data`; return whether that changed anything.

    Raise UserError when the file cannot be written, or has changed meanwhile.
    """
    changed = plan_block.with_block(data, _block(app, view))
    if _same(data, changed):
        return False
    try:
        plan_block.replace(path, data, changed)
    except plan_block.Changed:
        raise UserError(f"{path!r} has changed while it was estimated; nothing was written, so try again.") from None
    except OSError as error:
        raise UserError(f"{path!r} cannot be written ({error.strerror}): check its permissions.") from error
    return True


def _block(app: App, view: dict[str, Any]) -> str:
    from watchkeeper.render import engine
    from watchkeeper.render.ink import Pen

    return engine.render(BLOCK_TEMPLATE, view, Pen(False), 120, app.now)


def _same(one: bytes, other: bytes) -> bool:
    # The time of the estimate alone is no reason to touch a file that is under version control.
    return _MOMENT.sub(b"", one) == _MOMENT.sub(b"", other)


def _save(app: App, made: SessionEstimate, view: dict[str, Any], path: str, session_id: str) -> dict[str, Any]:
    if not made.phases:
        raise UserError(f"Every phase of {path!r} is done already: there is nothing left to save an estimate of.")
    try:
        modified_ns: int | None = os.stat(path).st_mtime_ns
    except OSError:
        modified_ns = None
    with Transaction(app.ledger.state) as db:
        estimate_id = tracked.save(
            db, made, view["total"], app.settings["quota"]["counted"], modified_ns, session_id, app.now
        )
        if session_id:
            tracked.start(db, estimate_id, session_id, app.now)
    return {"id": estimate_id, "session": session_id or None, "phase": made.phases[0].phase.name}
