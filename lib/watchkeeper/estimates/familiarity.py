"""How well the user knows what a phase is built with: by the plan's word, the project's files, memory and history."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.handoff import memory

from . import named_libraries
from .work import FAMILIAR, LEARNING, NEW, library_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from watchkeeper.core.paths import Paths

    from .cases import Case
    from .plan_file import Phase, Plan

# From so many sessions on a stack is familiar; before, it is being learned.
FAMILIAR_SESSIONS = 5
BY_PLAN, BY_HISTORY, UNKNOWN = "plan", "history", "unknown"
_MOST_MEMORIES = 200
# The less is known the more it counts.
_ORDER = (NEW, LEARNING, FAMILIAR)


class Knowledge(NamedTuple):
    """What the user has worked with. Keys are those of `library_key`."""

    sessions_here: int
    """How many sessions of this project the ledger knows."""
    stack_sessions: Counter[str]
    """How many remembered sessions, in any project, were about something."""
    library_sessions: Counter[str]
    """How many sessions have used a library."""
    in_use: frozenset[str]
    """What the project's manifests name."""


def knowledge_of(
    usage: sqlite3.Connection, paths: Paths, project: str, cases: Iterable[Case], but_session: str = ""
) -> Knowledge:
    """Return what is known of the user's work; the session `but_session`, which asks, does not count."""
    (here,) = usage.execute(
        "SELECT count(*) FROM sessions WHERE project = ? AND project <> '' AND session_id <> ? AND last_at IS NOT NULL",
        (project, but_session),
    ).fetchone()
    used = {(case.session_id, library) for case in cases for library in case.work.libraries}
    return Knowledge(
        int(here),
        _remembered(memory.folder_of(paths)),
        Counter(library for _, library in used),
        named_libraries.keys_in_use(project) if project else frozenset(),
    )


def stack_of(phase: Phase, plan: Plan, knowledge: Knowledge) -> tuple[str, str]:
    """Return how familiar the stack of a phase is, and who says so; empty where nobody can tell."""
    named = {library_key(name) for name in phase.stack}
    claims = [phase.claims[key] for key in phase.claims if key in named]
    stated = phase.familiarity or next((each for each in _ORDER if each in claims), "") or plan.familiarity
    if stated:
        return stated, BY_PLAN
    # What is named and not part of this project yet is known from elsewhere or not at all.
    foreign = [key for key in named if key not in knowledge.in_use]
    counts = [knowledge.stack_sessions[key] for key in foreign] or [knowledge.sessions_here]
    fewest = min(counts)
    if not fewest:
        return "", UNKNOWN
    return (FAMILIAR if fewest >= FAMILIAR_SESSIONS else LEARNING), BY_HISTORY


def new_libraries(phase: Phase, knowledge: Knowledge, before: Sequence[Phase] = ()) -> tuple[str, ...]:
    """Return those libraries of a phase that nobody has met: not the project, no session, no phase `before` it."""
    met = {library_key(name) for each in before for name in each.libraries}
    return tuple(name for name in phase.libraries if library_key(name) not in met and _is_new(name, phase, knowledge))


def _is_new(name: str, phase: Phase, knowledge: Knowledge) -> bool:
    key = library_key(name)
    said = phase.claims.get(key)
    if said:
        return said == NEW
    return key not in knowledge.in_use and not knowledge.library_sessions[key] and not knowledge.stack_sessions[key]


def _remembered(folder: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))[:_MOST_MEMORIES]
    except OSError:
        return counts
    for name in names:
        try:
            remembered = memory.read(os.path.join(folder, name))
        except memory.Unreadable:
            continue
        sessions = len(memory.sessions_of(remembered))
        for tech in memory.context_of(remembered).tech_stack:
            counts[library_key(tech)] += sessions
    return counts
