"""Pieces of the user's own work that are finished, with what they took: stretches and sessions of history, phases."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.usage import counted_sum

from .work import PHASE, SESSION, STRETCH, Range, Work, library_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from watchkeeper.core.ledger import Ledger

# Learning looks no further back.
MOST_CASES = 300
# What only looked something up says nothing of what work takes.
FEWEST_TOKENS, FEWEST_ACTIVE_S = 2_000, 60.0
# A session of which nothing was heard for so long is over.
OVER_AFTER_S = 1_800.0


class Case(NamedTuple):
    """`work` as it was known (for a phase of a plan: as planned), and what it took."""

    work: Work
    tokens: float
    """Counted tokens (settings quota.counted), sub-agents included."""
    at: float
    """When it ended: nothing that was estimated before may know of it."""
    session_id: str
    started_at: float
    hours: float | None = None
    """What it really took, pauses not counted; for history the same as work.hours."""
    estimated_tokens: float | None = None
    """What was estimated of it before it began, if anything was."""


def read_cases(ledger: Ledger, settings: dict[str, dict[str, Any]], now: float) -> list[Case]:
    """Return the latest finished work, oldest first: tracked phases, and the history of all other sessions."""
    counted = settings["quota"]["counted"]
    phases, estimates = finished_phases(ledger.state, counted), finished_estimates(ledger.state, counted)
    history = stretch_cases(ledger.usage, counted, now)
    with_phases, with_estimate = {case.session_id for case in phases}, {case.session_id for case in estimates}
    stretches = [case for case in history if case.session_id not in with_phases]
    goes_on = {
        session_id
        for (session_id,) in ledger.usage.execute(
            "SELECT session_id FROM sessions WHERE last_at >= ?", (now - OVER_AFTER_S,)
        )
    }
    sessions = [case for case in session_cases(history) if case.session_id not in with_estimate | goes_on]
    return sorted([*phases, *stretches, *estimates, *sessions], key=lambda case: (case.at, case.started_at))


def stretch_cases(db: sqlite3.Connection, counted: Sequence[str], now: float) -> list[Case]:
    """Return the latest stretches that are worth learning from; the last one of a session that goes on is not over."""
    total = counted_sum(counted, "stretches.")
    rows = db.execute(
        f"SELECT stretches.session_id, ifnull(project, ''), stretches.started_at, stretches.ended_at, active_s,"
        f" task_type, libraries, {total} AS taken FROM stretches LEFT JOIN sessions USING (session_id)"
        " WHERE taken >= ? AND active_s >= ? AND stretches.ended_at < ? ORDER BY stretches.ended_at DESC LIMIT ?",
        (FEWEST_TOKENS, FEWEST_ACTIVE_S, now - OVER_AFTER_S, MOST_CASES),
    )
    return [
        Case(
            Work(STRETCH, task_type, active_s / 3600.0, project, libraries=_foreign(libraries, project)),
            float(taken),
            ended_at,
            session_id,
            started_at,
            active_s / 3600.0,
        )
        for session_id, project, started_at, ended_at, active_s, task_type, libraries, taken in reversed(
            rows.fetchall()
        )
    ]


def session_cases(stretches: Iterable[Case]) -> list[Case]:
    """Return the sessions that stretches add up to; a session is of no single type."""
    by_session: dict[str, list[Case]] = {}
    for stretch in stretches:
        by_session.setdefault(stretch.session_id, []).append(stretch)
    found = []
    for session_id, own in by_session.items():
        hours = sum(stretch.hours or 0.0 for stretch in own)
        libraries = tuple(dict.fromkeys(library for stretch in own for library in stretch.work.libraries))
        work = Work(SESSION, hours=hours, project=own[0].work.project, libraries=libraries)
        tokens, at = sum(stretch.tokens for stretch in own), max(stretch.at for stretch in own)
        found.append(Case(work, tokens, at, session_id, min(stretch.started_at for stretch in own), hours))
    return found


def _foreign(libraries: str, project: str) -> tuple[str, ...]:
    """Return the libraries but the project itself, whose parts import one another by its name."""
    own = library_key(os.path.basename(project))
    return tuple(library for library in libraries.split() if library != own)


def finished_phases(db: sqlite3.Connection, counted: Sequence[str]) -> list[Case]:
    """Return the phases of plans that were tracked to their end and counted as tokens are counted now."""
    rows = db.execute(
        "SELECT estimates.session_id, project, name, task_type, estimate_phases.hours, size, familiarity, quality,"
        " libraries, new_libraries, own_low_tokens, own_high_tokens, estimate_phases.mid_tokens,"
        " estimate_phases.started_at, estimate_phases.ended_at, estimate_phases.actual_tokens,"
        " estimate_phases.actual_hours FROM estimate_phases JOIN estimates USING (estimate_id)"
        " WHERE state <> 'replaced' AND estimate_phases.actual_tokens > 0 AND estimate_phases.ended_at IS NOT NULL"
        " AND counted = ? ORDER BY estimate_phases.ended_at DESC LIMIT ?",
        (" ".join(counted), MOST_CASES),
    )
    found = []
    for row in reversed(rows.fetchall()):
        session_id, project, name, task_type, hours, size, familiarity, quality, libraries, new, low, high = row[:12]
        mid_tokens, started_at, ended_at, actual_tokens, actual_hours = row[12:]
        work = Work(
            PHASE,
            task_type,
            hours,
            project,
            size,
            familiarity,
            quality,
            tuple(libraries.split()),
            tuple(new.split()),
            Range(low, high) if low and high else None,
            name,
        )
        taken, began_at = float(actual_tokens), ended_at if started_at is None else started_at
        found.append(Case(work, taken, ended_at, session_id, began_at, actual_hours, mid_tokens))
    return found


def finished_estimates(db: sqlite3.Connection, counted: Sequence[str]) -> list[Case]:
    """Return the sessions that were estimated before they began and did all that was planned.

    One that ended with phases left open took less than its estimate was about.
    """
    rows = db.execute(
        "SELECT session_id, project, title, hours, mid_tokens, ifnull(started_at, ended_at), ended_at, actual_tokens,"
        " actual_hours FROM estimates WHERE state = 'done' AND actual_tokens > 0 AND ended_at IS NOT NULL"
        " AND counted = ?"
        " AND NOT EXISTS (SELECT 1 FROM estimate_phases WHERE estimate_phases.estimate_id = estimates.estimate_id"
        " AND estimate_phases.ended_at IS NULL) ORDER BY ended_at DESC LIMIT ?",
        (" ".join(counted), MOST_CASES),
    )
    return [
        Case(
            Work(SESSION, hours=hours, project=project, name=title),
            float(taken),
            ended_at,
            session_id,
            started_at,
            actual_hours,
            mid_tokens,
        )
        for session_id, project, title, hours, mid_tokens, started_at, ended_at, taken, actual_hours in reversed(
            rows.fetchall()
        )
    ]
