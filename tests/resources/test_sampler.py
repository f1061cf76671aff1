"""Samples are kept for a week."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.core.paths import Paths, paths_in
from watchkeeper.core.settings import DEFAULTS
from watchkeeper.core.state import Sample, latest_sample
from watchkeeper.resources import sampler

DAY_S = 86_400.0


@pytest.fixture
def paths(home: User) -> Paths:
    return paths_in(str(home.config), home.environ)


def look(folder: str, now: float) -> Sample:
    return Sample(now, 1.2, 8.0, None, 12.5, 80.0, 1, 5.0, "unknown")


def hot(temperature_c: float) -> Callable[[str, float], Sample]:
    return lambda _, now: Sample(now, 8.0, 16.0, temperature_c, 10.0, None, None, 50.0, "unknown")


def test_a_sample_is_stored_with_its_level(paths: Paths) -> None:
    """What was seen is found again, with what it means."""
    with Ledger(paths.state, NOON) as ledger:
        taken = sampler.take(ledger, DEFAULTS, paths, NOON, look)

        assert "critical" == taken.level
        assert taken == latest_sample(ledger.state, NOON)


@pytest.mark.parametrize(("retention_days", "kept"), [(400, 8), (8, 8)])
def test_old_samples_are_dropped(paths: Paths, retention_days: int, kept: int) -> None:
    """After a week a sample is dropped, whatever longer retention is set for other things."""
    settings = DEFAULTS | {"storage": {"retention_days": retention_days}}
    with Ledger(paths.state, NOON) as ledger:
        for day in range(30):
            sampler.take(ledger, settings, paths, NOON + day * DAY_S, look)

        times = [row[0] for row in ledger.state.execute("SELECT at FROM samples ORDER BY at")]
        assert [NOON + day * DAY_S for day in range(30 - kept, 30)] == times


def test_two_looks_at_one_moment_are_one(paths: Paths) -> None:
    """Samplers that run at once do no harm."""
    with Ledger(paths.state, NOON) as ledger:
        sampler.take(ledger, DEFAULTS, paths, NOON, look)
        sampler.take(ledger, DEFAULTS, paths, NOON, look)

        assert (1,) == ledger.state.execute("SELECT count(*) FROM samples").fetchone()


def test_a_level_that_rises_is_told_once(paths: Paths) -> None:
    """Each worse level is news once; a figure that wavers around a bound is not, and after half an hour it is again."""
    seen = [(0, 60), (1, 76), (2, 74), (3, 76), (4, 86), (5, 76), (6, 86), (40, 86), (80, 76)]
    told = []
    with Ledger(paths.state, NOON) as ledger:
        for minute, temperature_c in seen:
            sampler.take(ledger, DEFAULTS, paths, NOON + minute * 60.0, hot(temperature_c))
            told.append(len(ledger.take_notices()))

    assert [0, 1, 0, 0, 1, 0, 0, 1, 1] == told


def test_what_is_told_says_what_is_short(paths: Paths) -> None:
    """The sentence names what was seen and the bound; whoever has muted alerts is not told."""
    with Ledger(paths.state, NOON) as ledger:
        sampler.take(ledger, DEFAULTS, paths, NOON, hot(91))
        told = ledger.take_notices()
        with Transaction(ledger.state) as db:
            db.execute("INSERT INTO mutes VALUES ('', 'alerts', ?)", (NOON + 9_000,))
        sampler.take(ledger, DEFAULTS, paths, NOON + 3_600, hot(91))

        assert ["The machine: processor at 91 °C, at or above 90 °C."] == told
        assert [] == ledger.take_notices()
