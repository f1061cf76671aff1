"""Tests of core/quota.py."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, Hooks, report, response
from watchkeeper.core import quota, schema, state, usage
from watchkeeper.core.ledger import Transaction


def read(hooks: Hooks, now: float, account: str = "") -> quota.Quota:
    with hooks.ledger(now) as ledger:
        return quota.read_quota(ledger, hooks.settings, account, now)


def test_nothing_known_is_unknown(home: User) -> None:
    """With no report, no plan and nothing learned the share is unknown, whatever was used."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON - 60, 500_000))

    found = read(hooks, NOON)

    assert (None, quota.UNKNOWN) == (found.used_pct, found.source)


def test_a_report_of_the_open_window_wins(home: User) -> None:
    """A report wins over the plan, and its reset makes the window."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.used(response("m1", NOON - 60, 100_000))
    hooks.report(report(81.5, NOON - 30, NOON + HOUR))

    found = read(hooks, NOON)

    assert (81.5, quota.REPORTED, NOON - 30) == (found.used_pct, found.source, found.at)
    assert quota.Window(NOON - 4 * HOUR, NOON + HOUR, quota.REPORTED) == found.window


def test_a_plan_is_measured_from_the_first_response(home: User) -> None:
    """Without a report the counted tokens since the first response are held against the plan, less cache reads."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.used(response("m1", NOON, 40_000, cache_read_input_tokens=9_000_000), response("m2", NOON + HOUR, 10_000))

    found = read(hooks, NOON + 2 * HOUR)

    assert (25.0, quota.MEASURED) == (found.used_pct, found.source)
    assert quota.Window(NOON, NOON + 5 * HOUR, quota.MEASURED) == found.window


def test_an_expired_report_anchors_the_next_window(home: User) -> None:
    """After a reported reset the next window starts at the first response after it, not at the full hour."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.report(report(99, NOON - HOUR, NOON))
    hooks.used(response("m1", NOON - 60), response("m2", NOON + 700, 2000))

    found = read(hooks, NOON + HOUR)

    assert quota.Window(NOON + 700, NOON + 700 + 5 * HOUR, quota.MEASURED) == found.window
    assert 1.0 == found.used_pct


def test_no_window_is_open_after_the_last_one_ended(home: User) -> None:
    """When five hours have passed and nothing was used since, no window is open and nothing of it is used."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.used(response("m1", NOON))

    found = read(hooks, NOON + 6 * HOUR)

    assert quota.Window(None, None, quota.MEASURED) == found.window
    assert 0.0 == found.used_pct


def test_a_reset_by_hand_starts_a_fresh_window(home: User) -> None:
    """`quota reset` lets the window start at the first response after it and sets older reports aside."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.used(response("m1", NOON, 100_000), response("m2", NOON + HOUR, 20_000))
    hooks.report(report(60, NOON + 60, NOON + 4 * HOUR))
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        state.save_hand_reset(db, NOON + 1800, state.latest_report(db, "", "five_hour", NOON))

    found = read(hooks, NOON + 2 * HOUR)

    assert (10.0, quota.MEASURED, NOON + HOUR) == (found.used_pct, found.source, found.window.started_at)


def test_what_was_learned_serves_as_an_estimate(home: User) -> None:
    """With a learned share per token and no report the figure is an estimate and says so."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON, 50_000))
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        db.execute("INSERT INTO learned VALUES ('', '', 0.001, 9, 0.1, 0)")

    found = read(hooks, NOON + HOUR)

    assert quota.ESTIMATED == found.source
    assert pytest.approx(50.0) == found.used_pct


def test_use_since_a_report_is_told_as_about(home: User) -> None:
    """Between reports the figure stays the report's; what was measured since makes an `about` beside it."""
    hooks = Hooks(home)
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        db.execute("INSERT INTO learned VALUES ('', '', 0.001, 9, 0.1, 0)")
    hooks.report(report(40, NOON, NOON + HOUR))
    hooks.used(response("m1", NOON + 300, 5_000))

    found = read(hooks, NOON + 600)

    assert 40.0 == found.used_pct
    assert pytest.approx(45.0) == found.about_pct


def test_sessions_on_an_api_key_have_no_window(home: User) -> None:
    """For an account that pays by the token the limit is unknown and no window is measured, plan or not."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.used(response("m1", NOON))

    found = read(hooks, NOON + 60, account="api")

    assert (None, quota.UNKNOWN, None) == (found.used_pct, found.source, found.window.started_at)


def test_the_week_is_known_from_reports_alone(home: User) -> None:
    """The weekly share comes from a report whose reset is still to come, else it is unknown."""
    hooks = Hooks(home)
    hooks.report(report(10, NOON, NOON + 100 * HOUR, kind="seven_day"))
    with hooks.ledger() as ledger:
        known = quota.read_weekly(ledger, "", NOON + HOUR)
        over = quota.read_weekly(ledger, "", NOON + 101 * HOUR)

    assert (10.0, NOON + 100 * HOUR, quota.REPORTED) == known[:3]
    assert (None, None, quota.UNKNOWN) == over[:3]


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(None, id="null window"),
        pytest.param([], id="a list"),
        pytest.param({"used_percentage": 1_776_950_400, "resets_at": NOON + HOUR}, id="the epoch as percentage"),
        pytest.param({"used_percentage": 101.5, "resets_at": NOON + HOUR}, id="over 101 percent"),
        pytest.param({"used_percentage": -1, "resets_at": NOON + HOUR}, id="negative"),
        pytest.param({"used_percentage": float("nan"), "resets_at": NOON + HOUR}, id="not a number"),
        pytest.param({"used_percentage": True, "resets_at": NOON + HOUR}, id="a truth value"),
        pytest.param({"used_percentage": "42", "resets_at": NOON + HOUR}, id="a text"),
        pytest.param({"used_percentage": 42, "resets_at": "2026-11-20T13:00:00Z"}, id="reset as a date"),
        pytest.param({"used_percentage": 42, "resets_at": NOON - 1}, id="reset in the past"),
        pytest.param({"used_percentage": 42, "resets_at": NOON + 50 * HOUR}, id="reset too far away"),
        pytest.param({"used_percentage": 42}, id="no reset"),
    ],
)
def test_figures_that_cannot_be_true_are_no_report(entry: object) -> None:
    """What the client tells of a limit is dropped when it cannot be true."""
    assert quota.report_of("five_hour", {"five_hour": entry}, "", NOON) is None


def test_a_hair_over_a_hundred_counts_as_full() -> None:
    """Percentages up to 101 are the server's rounding."""
    found = quota.report_of("five_hour", {"five_hour": {"used_percentage": 100.4, "resets_at": NOON + 60}}, "", NOON)

    assert found is not None
    assert 100.0 == found.used_pct


_KEYS = st.sampled_from(["five_hour", "used_percentage", "resets_at", "x"])
_LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text()


@given(st.recursive(_LEAVES, lambda part: st.lists(part) | st.dictionaries(_KEYS, part)))
def test_no_shape_of_rate_limits_breaks_reading(limits: Any) -> None:
    """Whatever stands in `rate_limits`, reading it gives a believable report or none."""
    found = quota.report_of("five_hour", limits, "", NOON)

    assert found is None or (0 <= found.used_pct <= 100 and found.resets_at > NOON)


class TestReportsOfOneWindow:
    """A lower reading within one window is believed only when nothing contradicts it for two minutes."""

    def told(self, hooks: Hooks) -> float:
        with hooks.ledger() as ledger:
            found = state.latest_report(ledger.state, "", "five_hour", NOON)
        assert found is not None
        return found.used_pct

    def test_a_lower_reading_waits(self, home: User) -> None:
        """A stale terminal's lower reading changes nothing."""
        hooks = Hooks(home)
        hooks.report(report(60, NOON, NOON + HOUR), report(50, NOON + 10, NOON + HOUR))

        assert 60.0 == self.told(hooks)

    def test_a_confirmed_lower_reading_is_believed(self, home: User) -> None:
        """After two minutes without contradiction the server has lowered the figure."""
        hooks = Hooks(home)
        hooks.report(*(report(pct, NOON + late, NOON + HOUR) for pct, late in ((60, 0), (2, 10), (2, 70), (2, 131))))

        assert 2.0 == self.told(hooks)

    def test_a_fresh_terminal_contradicts_a_stale_one(self, home: User) -> None:
        """Readings that alternate never go down."""
        hooks = Hooks(home)
        hooks.report(*(report(60 if late % 20 else 50, NOON + late, NOON + HOUR) for late in range(0, 400, 10)))

        assert 60.0 == self.told(hooks)

    def test_wobbling_resets_are_one_window(self, home: User) -> None:
        """Reset times that differ by seconds belong to the same window; five hours later it is the next."""
        hooks = Hooks(home)
        hooks.report(
            report(60, NOON, NOON + HOUR),
            report(61, NOON + 5, NOON + HOUR + 7),
            report(3, NOON + 2 * HOUR, NOON + 6 * HOUR),
        )
        with hooks.ledger() as ledger:
            rows = ledger.state.execute("SELECT resets_at, used_pct FROM reports ORDER BY 1").fetchall()

        assert [(NOON + HOUR + 7, 61.0), (NOON + 6 * HOUR, 3.0)] == rows


@given(st.lists(st.integers(0, 60 * 60), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_windows_do_not_depend_on_the_order_of_responses(minutes: list[int], random: Any) -> None:
    """The chain of windows is the same however late a response is read."""
    times = [NOON + 60.0 * minute for minute in minutes]
    shuffled = random.sample(times, len(times))
    expected: list[float] = []
    for at in sorted(times):
        if not expected or at >= expected[-1] + usage.WINDOW_S:
            expected.append(at)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for migration in schema.USAGE:
            migration(db)
        for place, at in enumerate(shuffled):
            usage.merge_facts(db, [response(f"m{place}", at)])

        assert expected == [row[0] for row in db.execute("SELECT started_at FROM windows ORDER BY 1")]
