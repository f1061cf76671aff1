"""Taking a look at the machine and keeping it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core.ledger import Transaction

from . import levels, machine

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths
    from watchkeeper.core.state import Sample

_KEPT_DAYS = 7


def take(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    now: float,
    look: Callable[[str, float], Sample] = machine.look,
) -> Sample:
    """Look at the machine, store what was seen with its level, drop what is older than a week, and return it."""
    seen = look(paths.state, now)
    level, _ = levels.level_of(seen, settings["resources"])
    sample = seen._replace(level=level)
    kept_days = min(_KEPT_DAYS, settings["storage"]["retention_days"])
    with Transaction(ledger.state) as db:
        save_sample(db, sample)
        drop_samples(db, now - kept_days * 86_400.0)
    return sample


def save_sample(db: sqlite3.Connection, sample: Sample) -> None:
    """Store a sample inside a transaction."""
    db.execute("INSERT OR REPLACE INTO samples VALUES (?,?,?,?,?,?,?,?,?)", sample)


def drop_samples(db: sqlite3.Connection, before_at: float) -> None:
    """Drop the samples before a time inside a transaction."""
    db.execute("DELETE FROM samples WHERE at < ?", (before_at,))
