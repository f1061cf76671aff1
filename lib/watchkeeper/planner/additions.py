"""Adding sessions to the queue: from what was said, alike an earlier one, several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import stored

from . import dependencies, naming, rows
from .calling import mind_size, project_of, time_of
from .model import DONE, PlannedSession

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.app import App

    from .dependencies import Queue
    from .wanted import Wanted

# What is copied from a session that went well. Its time, its handoff and what it waited for were its own.
_STRUCTURE = ("name", "objectives", "agent", "hours", "priority")
_ESTIMATE = ("estimated_tokens", "low_tokens", "high_tokens")
PLAIN = ("name", "objectives", "agent", "hours", "priority", *_ESTIMATE)
# Sessions that are queued together keep their order.
_STEP_S = 1e-6


def add(app: App, wanted: Wanted, like: str = "") -> PlannedSession:
    """Queue one session, with the structure of the session `like` where nothing else was said; return it."""
    pattern = dependencies.find(rows.read(app.ledger.state), like, (DONE,)) if like else None
    return add_all(app, [wanted], pattern)[0]


def add_all(app: App, wanteds: Sequence[Wanted], pattern: PlannedSession | None = None) -> list[PlannedSession]:
    """Queue several sessions, all or none; what they wait for may be among them, by id or name. Return them."""
    prepared = [_prepared(app, wanted, pattern) for wanted in wanteds]
    with Transaction(app.ledger.state) as db:
        queue = rows.read(db)
        ids = _new_ids(wanteds, [str(fields["name"]) for fields in prepared], queue)
        named = {str(fields["name"]).casefold(): made for fields, made in zip(prepared, ids, strict=True)}
        added = []
        for number, (wanted, fields, made) in enumerate(zip(wanteds, prepared, ids, strict=True)):
            after = [_reference(each, ids, named, queue) for each in wanted.after]
            created_at = app.now + number * _STEP_S
            session = PlannedSession(
                **fields, id=made, after_ids=tuple(dict.fromkeys(after)), created_at=created_at, changed_at=created_at
            )
            added.append(session)
        whole = {**queue, **{session.id: session for session in added}}
        for session in added:
            dependencies.check(session, whole)
        queued = [dependencies.moved(each, dependencies.waiting_state(each, whole), app.now) for each in added]
        for session in queued:
            rows.write(db, session)
    mind_size(app, queued)
    return queued


def _prepared(app: App, wanted: Wanted, pattern: PlannedSession | None) -> dict[str, Any]:
    """Return the fields of a new session, all but its id and what it waits for."""
    given = wanted.model_fields_set
    fields: dict[str, Any] = {name: getattr(wanted, name) for name in PLAIN}
    if pattern is not None:
        fields |= {name: getattr(pattern, name) for name in _STRUCTURE if name not in given}
        if "estimated_tokens" not in given:
            fields |= _estimate_of(pattern)
    elif "name" not in given:
        raise UserError("A session needs a name: --name 'what it is about'.", 2)
    folder = wanted.project or (pattern.project if pattern is not None else "")
    fields["project"] = project_of(app, folder)
    fields["handoff"] = stored.find(app, wanted.handoff).id if wanted.handoff else ""
    fields["at"] = time_of(app, wanted.at)
    if fields["estimated_tokens"] is None and fields["low_tokens"] is not None:
        fields["estimated_tokens"] = (fields["low_tokens"] + fields["high_tokens"]) // 2
    return fields


def _estimate_of(pattern: PlannedSession) -> dict[str, int | None]:
    """What a session really took is the best estimate of one like it."""
    if pattern.state == DONE and pattern.used_tokens:
        return {"estimated_tokens": pattern.used_tokens, "low_tokens": None, "high_tokens": None}
    return {name: getattr(pattern, name) for name in _ESTIMATE}


def _new_ids(wanteds: Sequence[Wanted], names: Sequence[str], queue: Queue) -> list[str]:
    """Return an id for each new session: its own where it brings one, else one made of its name."""
    ids: list[str] = []
    taken = {*queue, *(wanted.id for wanted in wanteds if wanted.id)}
    for wanted, name in zip(wanteds, names, strict=True):
        if wanted.id and (wanted.id in queue or wanted.id in ids):
            raise UserError(f"{wanted.id} is in the queue already: leave its id out, or change it with `queue edit`.")
        if wanted.id in naming.RESERVED:
            raise UserError(f"{wanted.id} is a word of the options and no id: choose another one, or leave it out.")
        made = wanted.id or naming.id_for(name, taken)
        taken.add(made)
        ids.append(made)
    return ids


def _reference(named: str, ids: Sequence[str], names: dict[str, str], queue: Queue) -> str:
    if named in ids:
        return named
    return names.get(named.casefold()) or dependencies.find(queue, named).id
