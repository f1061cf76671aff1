"""Intervals: what they promise holds, alone and summed up."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates import student
from watchkeeper.estimates.interval import Interval, interval, probability_within, safe_upper_tokens, total

spreads = st.floats(0.05, 2.0)
middles = st.floats(1_000.0, 1e7)


@pytest.mark.parametrize(
    ("degrees", "expected"), [(2, 1.886), (3, 1.638), (5, 1.476), (10, 1.372), (30, 1.310), (1e6, 1.2816)]
)
def test_quantiles_of_student(degrees: float, expected: float) -> None:
    """The 90 % quantiles are those of the tables, to half a percent."""
    assert expected == pytest.approx(student.quantile(0.9, degrees), rel=0.005)


@given(st.floats(0.01, 0.99), st.floats(2.0, 100.0))
def test_quantile_and_probability_are_inverse(probability: float, degrees: float) -> None:
    """The probability of staying below a quantile is the one it was asked for."""
    assert probability == pytest.approx(student.probability_below(student.quantile(probability, degrees), degrees))


@given(middles, spreads, st.floats(2.5, 50.0))
def test_an_interval_is_around_its_middle(mid: float, spread: float, degrees: float) -> None:
    """The middle is between the bounds, by the same factor from both, and is passed in half of the cases."""
    found = interval(math.log(mid), spread, degrees)

    assert found.low_tokens < found.mid_tokens < found.high_tokens
    assert found.high_tokens / found.mid_tokens == pytest.approx(found.mid_tokens / found.low_tokens)
    assert 0.5 == pytest.approx(probability_within(found, found.mid_tokens))
    assert 0.9 == pytest.approx(probability_within(found, found.high_tokens))
    assert found.high_tokens == pytest.approx(safe_upper_tokens(found, 0.9))


@pytest.mark.parametrize(("spread", "word"), [(0.2, "high"), (0.5, "medium"), (1.0, "low")])
def test_confidence_follows_from_the_spread(spread: float, word: str) -> None:
    """The narrower the interval, the greater the confidence."""
    assert word == interval(math.log(50_000), spread).confidence


@given(st.lists(st.tuples(middles, spreads), min_size=1, max_size=8), st.floats(0.0, 1.0))
def test_a_sum_lies_between_its_extremes(parts: list[tuple[float, float]], correlation: float) -> None:
    """Middles add up; the spread is at most the largest part's, and grows with the correlation."""
    intervals = [interval(math.log(mid), spread) for mid, spread in parts]
    found = total(intervals, correlation)

    assert sum(each.mid_tokens for each in intervals) == pytest.approx(found.mid_tokens)
    assert total(intervals, 0.0).spread - 1e-9 <= found.spread <= total(intervals, 1.0).spread + 1e-9
    assert found.spread <= max(each.spread for each in intervals) + 1e-9


def test_one_part_is_its_own_sum() -> None:
    """The sum of one part is that part."""
    part = interval(math.log(40_000), 0.6, 5.0, 7)

    assert part == pytest.approx(total([part], 0.4))


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_sums_hold_what_they_promise(correlation: float, spread: float) -> None:
    """Of simulated plans of four phases that err together so far, four totals in five are in their interval."""
    draw = random.Random(f"{correlation} {spread}")
    mids = (30_000.0, 60_000.0, 45_000.0, 20_000.0)
    found = total([interval(math.log(mid), spread) for mid in mids], correlation)
    inside = []
    for _ in range(4_000):
        shared = draw.gauss(0.0, math.sqrt(correlation))
        taken = sum(mid * math.exp(spread * (shared + draw.gauss(0.0, math.sqrt(1.0 - correlation)))) for mid in mids)
        inside.append(found.low_tokens <= taken <= found.high_tokens)

    assert 0.75 <= statistics.fmean(inside) <= 0.85


@pytest.mark.parametrize("spread", [0.5, 1.0, 1.5])
def test_a_safe_limit_of_a_sum_is_safe(spread: float) -> None:
    """Large parts weigh more in a sum than small ones, so it passes the sum of the middles more often than not."""
    draw = random.Random(f"safe {spread}")
    mids = (30_000.0, 60_000.0, 45_000.0, 20_000.0)
    found = total([interval(math.log(mid), spread) for mid in mids], 0.4)
    taken = []
    for _ in range(4_000):
        shared = draw.gauss(0.0, math.sqrt(0.4))
        taken.append(sum(mid * math.exp(spread * (shared + draw.gauss(0.0, math.sqrt(0.6)))) for mid in mids))

    safe_tokens = safe_upper_tokens(found, 0.95)
    within_mid = statistics.fmean(tokens <= found.mid_tokens for tokens in taken)

    assert 0.94 <= statistics.fmean(tokens <= safe_tokens for tokens in taken) <= 0.97
    assert probability_within(found, found.mid_tokens) == pytest.approx(within_mid, abs=0.05)


def test_finished_parts_are_certain() -> None:
    """What is done shifts the interval and does not widen it; what is left of the quota counts from there."""
    part = interval(math.log(40_000), 0.5)
    found = total([part], 0.4, fixed_tokens=100_000)

    assert (part.low_tokens + 100_000, part.high_tokens + 100_000) == pytest.approx(
        (found.low_tokens, found.high_tokens)
    )
    assert probability_within(part, 60_000) == pytest.approx(probability_within(found, 160_000, 100_000))
    assert 0.0 == probability_within(found, 90_000, 100_000)


def test_nothing_left_is_certain() -> None:
    """A plan whose phases are all done takes what they took."""
    done = total([], 0.4, fixed_tokens=80_000)

    assert (80_000, 80_000, 80_000) == done[:3]
    assert "high" == done.confidence
    assert (1.0, 0.0) == (probability_within(done, 80_000, 80_000), probability_within(done, 79_000, 80_000))
    assert 80_000 == safe_upper_tokens(done, 0.95, 80_000)


def test_an_estimate_says_that_it_is_one() -> None:
    """The source of an interval is that it was estimated."""
    assert "estimated" == Interval(1.0, 2.0, 4.0, 0.8, 0.5, 5.0).source
