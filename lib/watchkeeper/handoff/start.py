"""What a session is told at its start: the handoff that waits for it, once; the project's memory; a cold cache.

Standard library only: the hook runs without the environment's packages.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import paths as places
from watchkeeper.core import usage, words
from watchkeeper.core.account import account_key
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import measured_tokens, read_quota
from watchkeeper.core.records import MAIN
from watchkeeper.core.reply import MOST_CHARACTERS

from . import memory, pending

# What only some starts need is imported where it is needed: most sessions are given nothing.
if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

    from .pending import Waiting

STARTS = ("startup", "clear")
RESUMES = ("resume", "fork")
NAMED = "WATCHKEEPER_HANDOFF"
"""The variable by which a booking or a restart names the handoff that its session is for."""

# The hook has five seconds, and asks git twice.
_GIT_S = 1.5


class Told(NamedTuple):
    """What to tell the user in a line, and the model."""

    user: str = ""
    model: str = ""


NOTHING = Told()


class Starting(NamedTuple):
    """A session that starts."""

    session_id: str
    source: str
    """startup, clear, resume, fork or compact."""
    folder: str
    attended: bool
    environ: Mapping[str, str]
    fields: Mapping[str, Any]
    """The hook's whole payload."""


def told_at_start(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    starting: Starting,
    now: float,
) -> Told:
    """Return what a session is told at its start; a handoff that is told is claimed by it."""
    project = places.project_of(starting.folder) if starting.folder else ""
    if starting.source in RESUMES:
        return Told(user=_cold(ledger, starting, project)) if starting.attended else NOTHING
    if starting.source not in STARTS or not project:
        return NOTHING
    # Not every terminal passes variables on; the session's id reaches it in its command line.
    named = starting.environ.get(NAMED, "") or pending.booked_for(ledger.state, starting.session_id)
    if not named and not starting.attended:
        return NOTHING
    given, from_session = _handoff(ledger, starting, project, named, now)
    room = MOST_CHARACTERS - len(given.model) - 2
    remembered = _memory(ledger, settings, paths, starting, project, from_session, room, now)
    return Told(given.user, "\n\n".join(text for text in (given.model, remembered) if text))


def end_of(ledger: Ledger, session_id: str) -> None:
    """Settle what a session has claimed that is over: used once it was answered, given back if it never was."""
    row: dict[str, Any] = usage.session_row(ledger.usage, session_id)
    with Transaction(ledger.state) as db:
        if row.get("context_at"):
            pending.use(db, session_id)
        else:
            pending.give_back(db, session_id)


def fresh_tokens(ledger: Ledger, project: str, but: str) -> int | None:
    """Return what recent sessions of a project read at their first prompt, the middle one; None if none is known.

    The session `but` is left out.
    """
    rows = ledger.usage.execute(
        "SELECT input_tokens + cache_creation_input_tokens + cache_read_input_tokens, min(responses.at) FROM responses"
        " JOIN sessions USING (session_id) WHERE project = ? AND rank = ? AND at > 0 AND session_id <> ?"
        " GROUP BY session_id ORDER BY min(responses.at) DESC LIMIT 9",
        (project, MAIN, but),
    ).fetchall()
    sizes = sorted(row[0] for row in rows)
    return int(sizes[len(sizes) // 2]) if sizes else None


def _handoff(
    ledger: Ledger,
    starting: Starting,
    project: str,
    named: str,
    now: float,
) -> tuple[Told, str]:
    """Return what is told of the handoff that the session may have, and the session that it comes from."""
    waiting = _waiting(ledger, starting, project, named, now)
    if waiting is None:
        return _booked(ledger, project, now), ""
    from watchkeeper import git

    from . import checks, document, folder, injection

    try:
        text = folder.read(waiting.path)
    except OSError:
        with Transaction(ledger.state) as db:
            pending.drop(db, waiting.handoff_id)
        return Told(user=f"Watchkeeper: the handoff {waiting.handoff_id} that waited here is gone."), ""
    parts = document.split(text)
    written_at = folder.written_at(parts) or waiting.marked_at
    look = functools.partial(git.look, timeout_s=_GIT_S)
    changed = checks.differences(parts, waiting.path, written_at, waiting.project, ledger.usage, now, look)
    age_s = max(0.0, now - written_at)
    user = f"Watchkeeper: Claude was given the handoff {waiting.handoff_id}, written {words.age(age_s)}."
    text = injection.handoff_text(parts, waiting.handoff_id, waiting.path, changed, age_s)
    # Last: of a hook that is killed because the machine is slow, nothing is claimed that nobody was told.
    with Transaction(ledger.state) as db:
        if not pending.claim(db, waiting.handoff_id, starting.session_id, now):
            return NOTHING, ""
    return Told(" ".join([user, *changed]), text), waiting.session_id


def _waiting(ledger: Ledger, starting: Starting, project: str, named: str, now: float) -> Waiting | None:
    """Return the handoff that waits for the session: the one that its environment names, else the project's."""
    waiting = pending.find(ledger.state, named) if named else None
    if waiting is not None and waiting.state == pending.PENDING:
        return waiting
    # A session that was started for a handoff and is cleared later still carries its name.
    if not starting.attended:
        return None
    waiting = pending.waiting_in(ledger.state, project)
    if waiting is None:
        for session_id in pending.stale_claimants(ledger.state, project, now):
            end_of(ledger, session_id)
        waiting = pending.waiting_in(ledger.state, project)
    return waiting


def _booked(ledger: Ledger, project: str, now: float) -> Told:
    booked = pending.booked_in(ledger.state, project)
    if booked is None:
        return NOTHING
    when = f" at {words.clock_time(booked.scheduled_for, now)}" if booked.scheduled_for else ""
    return Told(user=f"Watchkeeper: the handoff {booked.handoff_id} waits for the session that is booked{when}.")


def _memory(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    starting: Starting,
    project: str,
    from_session: str,
    room: int,
    now: float,
) -> str:
    table: Mapping[str, Any] = settings.get("memory", {})
    if not table.get("inject", True):
        return ""
    path = memory.path_of(paths, project)
    if not os.path.exists(path):
        return ""
    try:
        remembered = memory.read(path)
    except memory.Unreadable:
        return ""
    quota = read_quota(ledger, settings, account_key(paths, starting.environ), now)
    left_pct = None if quota.used_pct is None else max(0.0, 100.0 - quota.used_pct)
    left_tokens = None
    if quota.limit_tokens and left_pct is not None:
        used = measured_tokens(ledger.usage, settings, quota.account, quota.window, now)
        is_measured = quota.source == "measured"
        left_tokens = max(0, quota.limit_tokens - used) if is_measured else round(quota.limit_tokens * left_pct / 100.0)
    from . import injection

    most_characters = min(injection.MOST_MEMORY_CHARACTERS, room)
    left = (left_tokens, left_pct)
    return injection.memory_text(remembered, starting.session_id, left, from_session, most_characters)


def _cold(ledger: Ledger, starting: Starting, project: str) -> str:
    from . import injection
    from .cold_cache import cold_cache_line

    waiting = pending.waiting_in(ledger.state, project) if project else None
    characters = None
    if waiting is not None:
        try:
            characters = min(injection.MOST_CHARACTERS, os.path.getsize(waiting.path))
        except OSError:
            characters = None
    return cold_cache_line(starting.fields, fresh_tokens(ledger, project, starting.session_id), characters)
