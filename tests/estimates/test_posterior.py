"""The regression behind the estimates, against what can be reckoned by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates.posterior import Belief, Observation, Posterior

BELIEF = Belief(lambda name: {"": 2.0}.get(name, 0.5), 0.5, 5.0)


def of(*values: float, **features: float) -> list[Observation]:
    return [Observation({"": 1.0, **features}, value) for value in values]


def test_nothing_seen_is_the_belief() -> None:
    """Without observations the mean is zero and as uncertain as it was believed."""
    posterior = Posterior([], BELIEF)

    assert (0.0, 0.5) == (posterior.mean({"": 1.0}), posterior.scale)
    assert 4.0 + 0.25 == pytest.approx(posterior.variance_of_mean({"": 1.0, "x": 1.0}))
    assert ([], []) == (posterior.left_out(), posterior.residuals())


def test_equal_observations_are_shrunk_a_little() -> None:
    """The mean of equal values is drawn towards zero by the share that its prior has in the precision."""
    posterior = Posterior(of(1.0, 1.0, 1.0, 1.0), BELIEF)
    robust = 6.0 / 5.0
    precision = 4 * robust / posterior.scale**2 + 1 / 4.0

    assert 1.0 - 0.25 / precision == pytest.approx(posterior.mean({"": 1.0}), rel=0.01)
    assert posterior.scale < BELIEF.scale


def test_effects_share_what_they_explain() -> None:
    """What two groups differ by is explained by their effects, drawn towards what they have in common."""
    posterior = Posterior([*of(*[1.0] * 20, a=1.0), *of(*[2.0] * 20, b=1.0)], BELIEF)

    assert posterior.effect("a") < 0.0 < posterior.effect("b")
    assert (
        1.0
        < posterior.mean({"": 1.0, "a": 1.0})
        < posterior.mean({"": 1.0})
        < posterior.mean({"": 1.0, "b": 1.0})
        < 2.0
    )
    assert 0.0 == posterior.effect("never seen")


def test_a_slope_is_found() -> None:
    """An effect that grows with a number is learned as its slope."""
    points = [Observation({"": 1.0, "x": x / 10.0}, 3.0 + 0.5 * x / 10.0) for x in range(-20, 21)]

    assert 0.5 == pytest.approx(Posterior(points, BELIEF).effect("x"), abs=0.02)


def test_old_observations_weigh_less() -> None:
    """Of two opinions the fresh one counts more."""
    old = [Observation({"": 1.0}, 0.0, 0.1) for _ in range(10)]
    fresh = [Observation({"": 1.0}, 1.0, 1.0) for _ in range(10)]

    assert Posterior([*old, *fresh], BELIEF).mean({"": 1.0}) > 0.8


@given(st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=12), st.floats(-1e6, 1e6))
def test_no_outlier_takes_over(values: list[float], mad: float) -> None:
    """However far one observation lies, the mean stays where the others are."""
    before = Posterior(of(*values), BELIEF)
    after = Posterior(of(*values, mad), BELIEF)

    assert abs(after.mean({"": 1.0})) < 12.0
    assert all(math.isfinite(value) for value in (after.scale, after.mean({"": 1.0}), before.scale))


@pytest.mark.parametrize("place", [0, 4, 9])
def test_left_out_errors_are_those_of_a_fit_without(place: int) -> None:
    """The closed form of leaving one out agrees with leaving it out and fitting again."""
    values = [0.1, 0.5, -0.2, 0.4, 0.9, 0.3, 0.0, 0.6, 0.2, -0.1]
    features = [{"": 1.0, ("a" if number % 2 else "b"): 1.0} for number in range(10)]
    everything = [Observation(*each) for each in zip(features, values, strict=True)]
    error, scale = Posterior(everything, BELIEF).left_out()[place]
    without = Posterior(everything[:place] + everything[place + 1 :], BELIEF)

    assert values[place] - without.mean(features[place]) == pytest.approx(error, abs=0.05)
    assert math.sqrt(without.scale**2 + without.variance_of_mean(features[place])) == pytest.approx(scale, rel=0.15)
