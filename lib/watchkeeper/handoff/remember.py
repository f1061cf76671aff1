"""Taking a handoff into the memory of its project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.core.ledger import Transaction
from watchkeeper.render.json_text import iso

from . import memory, stack
from .masking import masked
from .model import COMPOSED

if TYPE_CHECKING:
    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

    from .facts import Facts
    from .model import Handoff


def remember(
    ledger: Ledger,
    paths: Paths,
    facts: Facts,
    handoff: Handoff | None,
    handoff_path: str,
    now: float,
    architecture: str = "",
) -> str:
    """Take a session into its project's memory; return the memory's path, empty when nothing could be remembered.

    Without a handoff only what git and the task list tell is taken in. The ledger's lock keeps two sessions that end at
    once from losing one of them. Raise memory.Unreadable where a damaged file stands, which is left alone.
    """
    if not facts.project:
        return ""
    path = memory.path_of(paths, facts.project)
    found = stack.detect(facts.project)
    decisions = handoff.decisions if handoff is not None and handoff.kind == COMPOSED else ()
    context = memory.Context(found.tech, masked(architecture)[0], found.testing, decisions)
    note = _note(facts, handoff, handoff_path, now)
    with Transaction(ledger.state):
        old = memory.read(path)
        fresh = memory.merged(old, facts.project, note, context)
        if fresh != old:
            memory.write(path, fresh)
    return path


def _note(facts: Facts, handoff: Handoff | None, handoff_path: str, now: float) -> memory.SessionNote | None:
    done = handoff.accomplished if handoff is not None else (*facts.commits, *facts.tasks_done)
    planned = tuple(each.title for each in handoff.objectives) if handoff is not None else ()
    ahead = planned or tuple(task.subject for task in facts.tasks)
    if not facts.session_id or not (done or ahead or handoff_path):
        return None
    return memory.SessionNote(
        facts.session_id,
        _iso(facts.started_at),
        _iso(facts.last_at or now),
        facts.used_tokens,
        os.path.basename(handoff_path),
        tuple(masked(line)[0] for line in done),
        tuple(masked(line)[0] for line in ahead),
    )


def _iso(at: float) -> str:
    return iso(at) if at else ""
