"""Tests of core/ledger.py and core/schema.py: both files open when they are needed, and their tables are there."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.support.clock import NOON
from watchkeeper.core import schema, store
from watchkeeper.core.file_lock import FileLock
from watchkeeper.core.ledger import Ledger, Transaction


def test_nothing_is_made_until_it_is_needed(tmp_path: Path) -> None:
    """A ledger that nobody asks makes no file; each file is made when its part is asked for."""
    with Ledger(str(tmp_path), NOON) as ledger:
        made = [os.listdir(tmp_path)]
        assert ledger.usage is ledger.usage
        made.append(os.listdir(tmp_path))
        assert ledger.state is ledger.state

    assert [] == made[0]
    assert "usage.db" in made[1]
    assert "state.db" not in made[1]
    assert {"usage.db", "state.db"} == set(os.listdir(tmp_path))


def test_a_set_aside_file_is_told_of(tmp_path: Path) -> None:
    """What the user must know of the files is kept until it is taken, once, and the other file is not touched."""
    with Ledger(str(tmp_path), NOON) as ledger:
        ledger.state.execute("INSERT INTO quota_resets (at) VALUES (1.0)")
    (tmp_path / "usage.db").write_bytes(b"damaged" * 1000)
    with Ledger(str(tmp_path), NOON) as ledger:
        ledger.usage.execute("SELECT * FROM responses")
        kept = ledger.state.execute("SELECT at FROM quota_resets").fetchall()

    [notice] = ledger.take_notices()
    assert "usage.db is damaged" in notice
    assert [] == ledger.take_notices()
    assert [(1.0,)] == kept


def test_what_was_set_aside_is_told_though_the_other_file_has_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another process is at the second of two damaged files, the sentence about the first is not lost."""
    for name in ("usage.db", "state.db"):
        (tmp_path / name).write_bytes(b"damaged" * 1000)
    monkeypatch.setattr(store, "BUSY_S", 0.0)
    ledger = Ledger(str(tmp_path), NOON)

    with FileLock(str(tmp_path / "state.db.lock"), 0.0), pytest.raises(TimeoutError):
        ledger.recover()

    [notice] = ledger.take_notices()
    assert "usage.db is damaged" in notice


def insert(ledger: Ledger, *times: float) -> None:
    """Write each of the times in one transaction."""
    with Transaction(ledger.state) as db:
        for at in times:
            db.execute("INSERT INTO quota_resets (at) VALUES (?)", (at,))


def test_a_transaction_is_committed_whole_or_not_at_all(tmp_path: Path) -> None:
    """A block that ends well is stored; one that fails is rolled back and its error goes on."""
    with Ledger(str(tmp_path), NOON) as ledger:
        insert(ledger, 1.0)
        with pytest.raises(sqlite3.IntegrityError):
            insert(ledger, 2.0, 1.0)
    with Ledger(str(tmp_path), NOON) as ledger:
        assert [(1.0,)] == ledger.state.execute("SELECT at FROM quota_resets").fetchall()


def test_a_closed_ledger_opens_again(tmp_path: Path) -> None:
    """After close the files can be asked for anew."""
    ledger = Ledger(str(tmp_path), NOON)
    ledger.usage.execute("INSERT INTO windows VALUES (1.0)")
    ledger.close()

    assert [(1.0,)] == ledger.usage.execute("SELECT * FROM windows").fetchall()
    ledger.close()


@pytest.mark.parametrize("migrations", [schema.USAGE, schema.STATE], ids=["usage", "state"])
def test_migrations_are_numbered_in_order(migrations: tuple[schema.Migration, ...]) -> None:
    """A migration's name begins with its number, which is its place."""
    numbers = [int(migration.__name__.split("_")[1]) for migration in migrations]

    assert list(range(1, len(migrations) + 1)) == numbers


def test_an_older_ledger_is_brought_up_to_date(tmp_path: Path) -> None:
    """A file of the first version keeps its rows and a backup, and has the later tables, one it had unnumbered too."""
    db, _ = store.open_store(str(tmp_path / "state.db"), schema.STATE[:1], NOON)
    db.execute("INSERT INTO quota_resets (at) VALUES (1.0)")
    schema.state_002_handoffs(db)
    db.execute("DROP INDEX handoffs_by_state")
    db.close()

    with Ledger(str(tmp_path), NOON) as ledger:
        assert [(1.0,)] == ledger.state.execute("SELECT at FROM quota_resets").fetchall()
        assert [] == ledger.state.execute("SELECT * FROM handoffs").fetchall()
    assert (tmp_path / f"state.db.before-2-{NOON:.0f}").exists()
