"""How likely a session stays within what is left follows from the three points of its estimate."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planner.plans import forecast
from watchkeeper.planner.assessment import assess, likelihood_pct
from watchkeeper.planner.candidate import Candidate


def estimated(low: int | None, middle: int | None, high: int | None) -> Candidate:
    return Candidate("1", "Polish", low, middle, high)


@pytest.mark.parametrize(
    ("points", "tokens", "expected"),
    [
        ((10_000, 20_000, 40_000), 40_000, 100.0),
        ((10_000, 20_000, 40_000), 10_000, 0.0),
        ((10_000, 20_000, 30_000), 20_000, 50.0),
        ((10_000, 20_000, 40_000), 20_000, 100 / 3),
        ((10_000, 10_000, 30_000), 20_000, 75.0),
        ((None, 20_000, None), 30_000, None),
        ((20_000, 20_000, 20_000), 30_000, None),
    ],
)
def test_likelihood(points: tuple[int | None, int, int | None], tokens: int, expected: float | None) -> None:
    """The triangular distribution over low, middle and high; nothing is said of an estimate without a spread."""
    found = likelihood_pct(estimated(*points), tokens)

    assert found is None if expected is None else found == pytest.approx(expected)


def test_likelihood_is_what_a_sample_shows() -> None:
    """Of many draws from the distribution the share that stays within is the likelihood."""
    dice = random.Random(5)
    draws = [dice.triangular(30_000, 90_000, 45_000) for _ in range(20_000)]
    share = 100 * sum(draw <= 60_000 for draw in draws) / len(draws)

    assert share == pytest.approx(likelihood_pct(estimated(30_000, 45_000, 90_000), 60_000), abs=1.0)


@given(
    st.lists(st.integers(1, 10**6), min_size=3, max_size=3).map(sorted), st.integers(0, 10**6), st.integers(0, 10**6)
)
def test_more_tokens_are_never_less_likely_to_be_enough(points: list[int], one: int, other: int) -> None:
    """The likelihood grows with what there is, and is a share."""
    less, more = (likelihood_pct(estimated(*points), tokens) for tokens in sorted((one, other)))

    assert (less is None) == (more is None) == (points[0] == points[2])
    if less is not None and more is not None:
        assert 0.0 <= less <= more <= 100.0


def test_a_fit_says_its_figures() -> None:
    """What it needs, what there is, what that leaves, and how likely it is to be enough."""
    found = assess(estimated(38_000, 45_000, 120_000), forecast(115_000), None)

    assert (
        "needs 45,000 (38,000 to 120,000) tokens, has 105,000 (115,000 left less the reserve of 10,000): "
        "60,000 to spare, 96% likely to be enough"
    ) == found.words
    assert 60_000 == found.buffer_tokens
