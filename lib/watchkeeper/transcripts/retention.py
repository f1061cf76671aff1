"""Forgetting what is older than the retention, all but the totals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import usage
from watchkeeper.core.ledger import Transaction

from .days import SLICE_S, day_of, start_of_day

if TYPE_CHECKING:
    import sqlite3
    from datetime import tzinfo

    from watchkeeper.core.ledger import Ledger

PRUNED_COST = "pruned_cost_usd"

_FOLD = """INSERT INTO totals VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (day, project, model) DO UPDATE SET
    messages = messages + excluded.messages,
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cache_creation_input_tokens = cache_creation_input_tokens + excluded.cache_creation_input_tokens,
    cache_read_input_tokens = cache_read_input_tokens + excluded.cache_read_input_tokens"""

# What is dated, by the table and its time.
_DATED_USAGE = {"tool_calls": "at", "compactions": "at", "agents": "last_at", "stretches": "ended_at"}
_DATED_STATE = {
    "reports": "resets_at",
    "report_changes": "at",
    "quota_resets": "at",
    "snapshots": "at",
    "told": "at",
    "mutes": "until",
    "samples": "at",
    "essentials": "at",
    "handoffs": "marked_at",
}
# Longer than any job's interval: who claims it again is not kept from it by what is forgotten.
_CLAIMS_KEPT_S = 7 * 86_400.0


def prune(ledger: Ledger, settings: dict[str, dict[str, Any]], now: float, zone: tzinfo | None = None) -> int:
    """Fold responses older than the retention into the totals by day, project and model; return how many.

    Everything else of that age is deleted. Days are those of `zone`, None for this machine's own, and are folded
    whole. Totals do not change by it, nor by reading old transcripts again.
    """
    before_at = start_of_day(now, zone, int(settings["storage"]["retention_days"]))
    if before_at <= usage.pruned_before_at(ledger.usage):
        return 0
    with Transaction(ledger.usage) as db:
        folded = _fold(db, before_at, zone)
        for table, column in _DATED_USAGE.items():
            db.execute(f"DELETE FROM {table} WHERE {column} < ?", (before_at,))
        # The window that was open then still anchors the next ones.
        db.execute("DELETE FROM windows WHERE started_at < ?", (before_at - usage.WINDOW_S,))
        _forget_sessions(db, before_at)
        _forget_transcripts(db, before_at)
        usage.save_fact(db, usage.PRUNED_BEFORE_AT, before_at)
    with Transaction(ledger.state) as db:
        for table, column in _DATED_STATE.items():
            db.execute(f"DELETE FROM {table} WHERE {column} < ?", (before_at,))
        db.execute("DELETE FROM jobs WHERE claimed_at < ?", (now - _CLAIMS_KEPT_S,))
    return folded


def _fold(db: sqlite3.Connection, before_at: float, zone: tzinfo | None) -> int:
    # Responses without a time cannot be dated and stay.
    rows = db.execute(
        "SELECT CAST(at / ? AS INTEGER), CASE ifnull(project, '') WHEN '' THEN ifnull(cwd, '') ELSE project END,"
        " responses.model, count(*), sum(input_tokens), sum(output_tokens), sum(cache_creation_input_tokens),"
        " sum(cache_read_input_tokens) FROM responses LEFT JOIN sessions USING (session_id)"
        " WHERE at > 0 AND at < ? GROUP BY 1, 2, 3",
        (SLICE_S, before_at),
    ).fetchall()
    db.executemany(_FOLD, [(day_of(slice_ * SLICE_S + 1, zone), *rest) for slice_, *rest in rows])
    return db.execute("DELETE FROM responses WHERE at > 0 AND at < ?", (before_at,)).rowcount


def _forget_sessions(db: sqlite3.Connection, before_at: float) -> None:
    old = (
        "FROM sessions WHERE max(ifnull(started_at, 0), ifnull(last_at, 0), ifnull(ended_at, 0)) < ?"
        " AND session_id NOT IN (SELECT session_id FROM responses)"
    )
    (cost_usd,) = db.execute(f"SELECT sum(cost_usd) {old}", (before_at,)).fetchone()
    if cost_usd:
        db.execute(
            "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (PRUNED_COST, cost_usd),
        )
    db.execute(f"DELETE {old}", (before_at,))


def _forget_transcripts(db: sqlite3.Connection, before_at: float) -> None:
    rows = db.execute("SELECT path FROM transcripts WHERE modified_ns < ?", (int(before_at * 1e9),))
    gone = [(path,) for (path,) in rows if not os.path.exists(path)]
    db.executemany("DELETE FROM transcripts WHERE path = ?", gone)
