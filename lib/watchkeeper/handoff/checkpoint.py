"""The draft that is renewed by itself: near a limit, at a refusal, at a session's end, before a compaction."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import records, usage

from . import checks, draft, folder, memory, pending, saving
from .facts import gather, transcript_of
from .model import COMPOSED
from .remember import remember

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

    from .model import Handoff
    from .saving import Saved

_END_BYTES = 1 << 20
END = "end"
"""The session has ended: a draft is worth writing only where something was left open."""


def refresh(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    environ: Mapping[str, str],
    session_id: str,
    reason: str,
    now: float,
) -> Saved | None:
    """Write or renew a session's draft and remember the session; None when no draft was due.

    None is due while a composed handoff says all: nothing was done after it. A draft made here waits for nobody.
    """
    row: dict[str, Any] = usage.session_row(ledger.usage, session_id)
    if not row:
        return None
    facts = gather(ledger, settings, paths, environ, session_id, str(row.get("cwd") or ""), now)
    if facts.said is None:
        return None
    where = folder.folder_of(paths)
    newest = next((each for each in folder.entries(where) if each.session_id == session_id), None)
    is_told = (
        newest is not None
        and newest.kind == COMPOSED
        and not checks.later_calls(ledger.usage, session_id, newest.written_at)
    )
    saved = None
    is_open = reason != END or draft.has_unfinished_work(facts) or _ends_refused(transcript_of(paths, session_id, row))
    if not is_told and is_open:
        saved = saving.save(_timed(draft.draft(facts, now), newest, ledger), where, ledger)
    try:
        if not is_told:
            remember(ledger, paths, facts, saved.handoff if saved else None, saved.path if saved else "", now)
    except memory.Unreadable:
        # A person is told when they next look at it.
        pass
    return saved


def _timed(fresh: Handoff, before: folder.Entry | None, ledger: Ledger) -> Handoff:
    """Return a draft with the start that was planned for the one whose place it takes."""
    waiting = pending.find(ledger.state, before.id) if before is not None else None
    if before is None or waiting is None or not folder.is_replaceable(before.path):
        return fresh
    at = None if waiting.scheduled_for is None else int(waiting.scheduled_for)
    return fresh.model_copy(update={"start": waiting.start, "scheduled_for": at})


def _ends_refused(transcript: str) -> bool:
    """Return whether the last thing in a transcript is that the API refused to answer because of a limit.

    The hook that is told of it is not waited for in headless runs, so a session's end has to look.
    """
    try:
        size = os.path.getsize(transcript)
        with open(transcript, "rb") as file:
            file.seek(max(0, size - _END_BYTES))
            lines = file.read(_END_BYTES).split(b"\n")
    except OSError:
        return False
    for line in reversed(lines):
        if b'"assistant"' in line:
            facts, _ = records.read_lines([line], "", in_agent_file=False)
            if facts:
                return isinstance(facts[-1], records.LimitHit)
    return False
