"""Samples are kept for a week."""

from __future__ import annotations

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.core.ledger import Ledger
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


def test_a_sample_is_stored_with_its_level(paths: Paths) -> None:
    """What was seen is found again, with what it means."""
    with Ledger(paths.state, NOON) as ledger:
        taken = sampler.take(ledger, DEFAULTS, paths, NOON, look)

        assert "critical" == taken.level
        assert taken == latest_sample(ledger.state)


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
