"""Taking a look at the machine, keeping it for a while, and saying once when it has become worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import state
from watchkeeper.core.ledger import Transaction

from . import levels, machine

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths
    from watchkeeper.core.state import Sample

_KEPT_DAYS = 7
# A level is news when none as bad was seen for this long: a figure that wavers around a bound is told once.
_NEWS_AFTER_S = 1800.0


def take(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    now: float,
    look: Callable[[str, float], Sample] = machine.look,
) -> Sample:
    """Look at the machine, store what was seen with its level, drop what is older than a week, and return it.

    When that level is worse than any of the last half hour, a sentence about it waits for the next session to tell.
    """
    seen = look(paths.state, now)
    level, reasons = levels.level_of(seen, settings["resources"])
    sample = seen._replace(level=level)
    kept_days = min(_KEPT_DAYS, settings["storage"]["retention_days"])
    with Transaction(ledger.state) as db:
        before = levels.worst(recent_levels(db, now - _NEWS_AFTER_S))
        save_sample(db, sample)
        drop_samples(db, now - kept_days * 86_400.0)
    if levels.worst([level, before]) != before and not state.is_muted(ledger.state, "", "alerts", now):
        ledger.note(f"The machine: {'; '.join(reasons)}.")
    return sample


def recent_levels(db: sqlite3.Connection, since_at: float) -> list[str]:
    """Return the levels that were seen from `since_at` on."""
    return [row[0] for row in db.execute("SELECT DISTINCT level FROM samples WHERE at >= ?", (since_at,))]


def save_sample(db: sqlite3.Connection, sample: Sample) -> None:
    """Store a sample inside a transaction."""
    db.execute("INSERT OR REPLACE INTO samples VALUES (?,?,?,?,?,?,?,?,?)", sample)


def drop_samples(db: sqlite3.Connection, before_at: float) -> None:
    """Drop the samples before a time inside a transaction."""
    db.execute("DELETE FROM samples WHERE at < ?", (before_at,))
