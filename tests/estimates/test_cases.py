"""Plans that were tracked to their end, as work to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import NOON
from watchkeeper.core.ledger import Ledger
from watchkeeper.core.settings import DEFAULTS
from watchkeeper.estimates.cases import read_cases
from watchkeeper.estimates.work import Range

COUNTED = "input output cache_creation"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(str(tmp_path), NOON) as made:
        yield made


def insert(ledger: Ledger, table: str, **columns: Any) -> None:
    marks = ", ".join("?" * len(columns))
    ledger.state.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))


def an_estimate(ledger: Ledger, **columns: Any) -> None:
    known = {
        "estimate_id": "e1",
        "session_id": "s1",
        "project": "/p",
        "title": "Dashboard",
        "made_at": NOON - 9_000,
        "hours": 2.0,
        "low_tokens": 50_000,
        "mid_tokens": 100_000,
        "high_tokens": 200_000,
        "coverage": 0.8,
        "counted": COUNTED,
        "state": "done",
        "started_at": NOON - 8_000,
        "ended_at": NOON - 4_000,
        "actual_tokens": 120_000,
        "actual_hours": 1.1,
    }
    insert(ledger, "estimates", **{**known, **columns})


def a_phase(ledger: Ledger, number: int, **columns: Any) -> None:
    known = {
        "estimate_id": "e1",
        "number": number,
        "name": f"Phase {number}",
        "task_type": "testing",
        "hours": 1.0,
        "size": "small",
        "libraries": "httpx rich",
        "new_libraries": "rich",
        "own_low_tokens": 20_000,
        "own_high_tokens": 45_000,
        "low_tokens": 25_000,
        "mid_tokens": 50_000,
        "high_tokens": 100_000,
        "started_at": NOON - 8_000,
        "ended_at": NOON - 6_000,
        "actual_tokens": 60_000,
        "actual_hours": 0.5,
    }
    insert(ledger, "estimate_phases", **{**known, **columns})


def test_finished_phases_and_sessions_are_cases(ledger: Ledger) -> None:
    """A phase and a session that are over are cases as planned, with what was estimated and what they took."""
    an_estimate(ledger)
    a_phase(ledger, 1)
    phase, session = read_cases(ledger, DEFAULTS, NOON)

    assert ("phase", "testing", 1.0, "/p", "small") == (
        phase.work.kind,
        phase.work.task_type,
        phase.work.hours,
        phase.work.project,
        phase.work.size,
    )
    assert (("httpx", "rich"), ("rich",), Range(20_000, 45_000)) == (
        phase.work.libraries,
        phase.work.new_libraries,
        phase.work.own_range,
    )
    assert (60_000, 50_000, 0.5) == (phase.tokens, phase.estimated_tokens, phase.hours)
    assert ("session", 120_000, 100_000, 1.1) == (
        session.work.kind,
        session.tokens,
        session.estimated_tokens,
        session.hours,
    )


@pytest.mark.parametrize(
    ("estimate", "phase", "kinds"),
    [
        pytest.param({}, {"ended_at": None, "actual_tokens": None}, [], id="a phase is open"),
        pytest.param({"state": "running", "ended_at": None}, {}, ["phase"], id="still running"),
        pytest.param({"state": "replaced"}, {}, [], id="replaced by a later estimate"),
        pytest.param({"counted": "output"}, {}, [], id="counted otherwise"),
        pytest.param({"actual_tokens": 0}, {"actual_tokens": 0}, [], id="nothing was done"),
    ],
)
def test_what_is_no_case(ledger: Ledger, estimate: dict[str, Any], phase: dict[str, Any], kinds: list[str]) -> None:
    """What is open, replaced, empty or counted otherwise teaches nothing."""
    an_estimate(ledger, **estimate)
    a_phase(ledger, 1, **phase)

    assert kinds == [case.work.kind for case in read_cases(ledger, DEFAULTS, NOON)]


def test_tracked_work_is_not_history_too(ledger: Ledger) -> None:
    """The stretches of a session whose phases were tracked are left out: it was the same work."""
    an_estimate(ledger)
    a_phase(ledger, 1)
    for session_id in ("s1", "s2"):
        ledger.usage.execute(
            "INSERT INTO stretches VALUES (?,?,?,1800,'testing',0.9,'testing','',9,2,'',0,30000,0,0)",
            (session_id, NOON - 8_000, NOON - 6_000),
        )

    assert [("phase", "s1"), ("session", "s1"), ("session", "s2"), ("stretch", "s2")] == sorted(
        (case.work.kind, case.session_id) for case in read_cases(ledger, DEFAULTS, NOON)
    )
