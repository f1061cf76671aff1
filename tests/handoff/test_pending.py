from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.commands.scene import Scene
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import pending

PROJECT = "/p"


@pytest.fixture
def scene(home: User) -> Scene:
    return Scene(home)


@pytest.fixture
def db(scene: Scene) -> Iterator[sqlite3.Connection]:
    with scene.ledger as ledger:
        yield ledger.state


def mark(db: sqlite3.Connection, name: str, at: float = NOON, booking_id: str = "") -> None:
    with Transaction(db):
        pending.mark(db, name, PROJECT, f"from-{name}", f"/f/{name}.md", "manual", None, at, booking_id)


def waiting(db: sqlite3.Connection) -> str | None:
    found = pending.waiting_in(db, PROJECT)
    return found.handoff_id if found else None


def test_the_last_one_waits(db: sqlite3.Connection) -> None:
    """Of several handoffs of a project the last one waits; other projects' are their own."""
    mark(db, "one")
    mark(db, "two", NOON + 1)

    assert "two" == waiting(db)
    assert pending.waiting_in(db, "/other") is None
    assert "dropped" == getattr(pending.find(db, "one"), "state", None)


def test_it_is_given_once(db: sqlite3.Connection) -> None:
    """A claimed handoff waits for nobody else, and once used it never comes back."""
    mark(db, "one")

    assert pending.claim(db, "one", "s1", NOON)
    assert not pending.claim(db, "one", "s1", NOON)
    assert not pending.claim(db, "one", "s2", NOON)
    assert waiting(db) is None
    pending.use(db, "s1")
    pending.give_back(db, "s1")
    assert waiting(db) is None


def test_it_is_given_back(db: sqlite3.Connection) -> None:
    """A session that ends without a prompt leaves it to the next one."""
    mark(db, "one")
    pending.claim(db, "one", "s1", NOON)

    pending.give_back(db, "s1")

    assert "one" == waiting(db)


def test_it_is_not_given_back_over_another(db: sqlite3.Connection) -> None:
    """What has come to wait meanwhile stays what waits."""
    mark(db, "one")
    pending.claim(db, "one", "s1", NOON)
    mark(db, "two")

    pending.give_back(db, "s1")

    assert "two" == waiting(db)
    assert pending.claim(db, "two", "s2", NOON)
    assert waiting(db) is None


def test_old_claims_are_found(db: sqlite3.Connection) -> None:
    """After twelve hours a claim that was not settled is looked at again."""
    mark(db, "one")
    pending.claim(db, "one", "s1", NOON)

    assert [] == pending.stale_claimants(db, PROJECT, NOON + 11 * 3600)
    assert ["s1"] == pending.stale_claimants(db, PROJECT, NOON + 13 * 3600)
    assert [] == pending.stale_claimants(db, "/other", NOON + 13 * 3600)


def test_a_booked_one_is_for_its_session(db: sqlite3.Connection) -> None:
    """What a booking holds waits for nobody else, and is not dropped by a later one."""
    mark(db, "booked", booking_id="b1")
    mark(db, "other")

    assert "other" == waiting(db)
    booked = pending.booked_in(db, PROJECT)
    assert booked is not None
    assert "booked" == booked.handoff_id


def test_a_booking_keeps_what_waits(db: sqlite3.Connection) -> None:
    """A handoff that waits is tied to a booking and its time; one that does not wait cannot be."""
    mark(db, "one")

    assert pending.tie(db, "one", "b1", NOON + 60)
    assert pending.tie(db, "one", "b2", NOON + 90)
    assert waiting(db) is None
    booked = pending.booked_in(db, PROJECT)
    assert booked is not None
    assert ("b2", NOON + 90) == (booked.booking_id, booked.scheduled_for)
    pending.claim(db, "one", "s1", NOON)
    assert not pending.tie(db, "one", "b3", NOON + 120)
    assert not pending.tie(db, "none", "b3", NOON + 120)


def test_a_cancelled_booking_lets_it_wait_for_anyone(db: sqlite3.Connection) -> None:
    """What a booking kept waits again without a time, unless another handoff has come to wait; a used one stays so."""
    mark(db, "one")
    pending.tie(db, "one", "b1", NOON + 60)
    pending.untie(db, "b1")
    assert "one" == waiting(db)
    assert ("manual", None) == (
        getattr(pending.find(db, "one"), "start", ""),
        getattr(pending.find(db, "one"), "scheduled_for", 0),
    )

    pending.tie(db, "one", "b2", NOON + 60)
    mark(db, "two", NOON + 1)
    pending.untie(db, "b2")
    pending.untie(db, "")
    assert "two" == waiting(db)
    assert "dropped" == getattr(pending.find(db, "one"), "state", "")

    pending.tie(db, "two", "b3", NOON + 60)
    pending.claim(db, "two", "s1", NOON)
    pending.use(db, "s1")
    pending.untie(db, "b3")
    assert "used" == getattr(pending.find(db, "two"), "state", "")


def test_dropping_and_scheduling(db: sqlite3.Connection) -> None:
    """A handoff can be told not to wait, and when its session starts."""
    mark(db, "one")
    pending.schedule(db, "one", "reset", NOON + 60)

    assert ("reset", NOON + 60) == (
        getattr(pending.find(db, "one"), "start", ""),
        getattr(pending.find(db, "one"), "scheduled_for", 0),
    )
    assert pending.drop(db, "one")
    assert not pending.drop(db, "one")
    assert waiting(db) is None


def test_of_several_sessions_at_once_one_gets_it(scene: Scene, db: sqlite3.Connection) -> None:
    """Eight sessions that start at the same moment claim one handoff: one of them has it."""
    mark(db, "one")

    def start(number: int) -> bool:
        with scene.ledger as ledger, Transaction(ledger.state):
            return pending.claim(ledger.state, "one", f"s{number}", NOON)

    with ThreadPoolExecutor(8) as pool:
        assert 1 == sum(pool.map(start, range(8)))
