"""Bayesian linear regression with effects that are drawn towards zero, robust against outliers; standard library only.

Each observation is log(actual / prior). Its features have normal priors around zero, whose spread says how far a type,
a project or a library may be from the user's whole: the posterior mean is the shrinkage estimate of a hierarchical
normal model (Gelman et al., Bayesian Data Analysis, 3rd ed., chapters 14 and 15). The noise is Student's t, fitted by
weights that fall with the error (Lange, Little and Taylor 1989, "Robust statistical modeling using the t
distribution"); its scale has an inverse gamma prior. Old observations weigh less.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Features = dict[str, float]

NOISE_DEGREES = 5.0
_MOST_ROUNDS, _SETTLED = 12, 1e-3
_SMALLEST_SCALE = 0.05
_SMALLEST_PIVOT = 1e-12
# Of its own estimate: an observation that stands alone says nothing of itself.
_MOST_SHARE = 0.95


class Observation(NamedTuple):
    """`value` is log(actual / prior), `weight` how much it counts (1 for what is fresh)."""

    features: Features
    value: float
    weight: float = 1.0


class Belief(NamedTuple):
    """What is believed before anything was seen."""

    spread_of: Callable[[str], float]
    """How far a feature's effect may be from zero: its prior standard deviation."""
    scale: float
    """Of the noise."""
    scale_weight: float
    """As if so many observations had shown that scale."""


class Posterior:
    """What observations say of the effects, and of a further observation."""

    def __init__(self, observations: Sequence[Observation], belief: Belief) -> None:
        """Fit the observations; none at all leave the belief as it is."""
        self.observations = tuple(observations)
        self._belief = belief
        names = sorted({name for each in observations for name in each.features})
        self._places = {name: place for place, name in enumerate(names)}
        self._rows = [[(self._places[name], value) for name, value in each.features.items()] for each in observations]
        self.scale = belief.scale
        self.means = [0.0] * len(names)
        self._robust = [1.0] * len(observations)
        self._covariance: list[list[float]] = []
        self._fit(names)

    @property
    def weight(self) -> float:
        """How many fresh observations these are worth."""
        return sum(each.weight for each in self.observations)

    def effect(self, name: str) -> float:
        """Return the posterior mean of a feature's effect, 0.0 for one that was never seen."""
        place = self._places.get(name)
        return 0.0 if place is None else self.means[place]

    def mean(self, features: Mapping[str, float]) -> float:
        """Return what is expected of a further observation."""
        return sum(self.effect(name) * value for name, value in features.items())

    def variance_of_mean(self, features: Mapping[str, float]) -> float:
        """Return how uncertain that expectation is, the noise not counted."""
        unseen = sum(
            (value * self._belief.spread_of(name)) ** 2 for name, value in features.items() if name not in self._places
        )
        return unseen + self._variance(
            [(self._places[name], value) for name, value in features.items() if name in self._places]
        )

    def residuals(self) -> list[float]:
        """Return by how much each observation differs from what is expected of it."""
        return [each.value - self._dot(row) for each, row in zip(self.observations, self._rows, strict=True)]

    def left_out(self) -> list[tuple[float, float]]:
        """Return for each observation its error, and the scale of that error, if all others had been fitted alone.

        Closed form by the leverage; the noise scale and the weights of the others stay as they are.
        """
        found = []
        for each, row, robust, residual in zip(
            self.observations, self._rows, self._robust, self.residuals(), strict=True
        ):
            variance = self._variance(row)
            share = min(_MOST_SHARE, each.weight * robust * variance / self.scale**2)
            found.append((residual / (1.0 - share), math.sqrt(self.scale**2 + variance / (1.0 - share))))
        return found

    def _fit(self, names: Sequence[str]) -> None:
        prior = [1.0 / self._belief.spread_of(name) ** 2 for name in names]
        for _ in range(_MOST_ROUNDS if self.observations else 0):
            before = self.scale
            matrix = [[prior[i] if i == j else 0.0 for j in range(i + 1)] for i in range(len(names))]
            right = [0.0] * len(names)
            for each, row, robust in zip(self.observations, self._rows, self._robust, strict=True):
                weight = each.weight * robust / self.scale**2
                for place, value in row:
                    right[place] += weight * value * each.value
                    line = matrix[place]
                    for other, other_value in row:
                        if other <= place:
                            line[other] += weight * value * other_value
            self._covariance = _inverse(matrix)
            self.means = [sum(map(operator.mul, line, right)) for line in self._covariance]
            self._update_noise()
            if abs(self.scale / before - 1.0) < _SETTLED:
                break

    def _update_noise(self) -> None:
        # EM for the t distribution: what lies far out weighs less, also for the scale.
        weights = self._belief.scale_weight
        squares = weights * self._belief.scale**2
        for number, (each, row) in enumerate(zip(self.observations, self._rows, strict=True)):
            square = (each.value - self._dot(row)) ** 2 + self._variance(row)
            robust = (NOISE_DEGREES + 1.0) / (NOISE_DEGREES + square / self.scale**2)
            self._robust[number] = robust
            squares += each.weight * robust * square
            weights += each.weight
        self.scale = max(_SMALLEST_SCALE, math.sqrt(squares / weights))

    def _dot(self, row: Sequence[tuple[int, float]]) -> float:
        return sum(self.means[place] * value for place, value in row)

    def _variance(self, row: Sequence[tuple[int, float]]) -> float:
        total = 0.0
        for place, value in row:
            line = self._covariance[place]
            total += value * sum(line[other] * other_value for other, other_value in row)
        return total


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Return the inverse of a positive definite matrix, given by its lower half, by its Cholesky factor."""
    size = len(matrix)
    # The rows of L^-1, where matrix = L L'.
    lower: list[list[float]] = []
    inverse_factor: list[list[float]] = []
    for i, line in enumerate(matrix):
        made: list[float] = []
        for j in range(i):
            other = lower[j]
            made.append((line[j] - sum(map(operator.mul, made, other))) / other[j])
        root = math.sqrt(max(_SMALLEST_PIVOT, line[i] - sum(value * value for value in made)))
        inverse_row = [0.0] * size
        for j, share in enumerate(made):
            if share:
                other = inverse_factor[j]
                for k in range(j + 1):
                    inverse_row[k] -= share * other[k]
        inverse_row[i] = 1.0
        inverse_factor.append([value / root for value in inverse_row])
        made.append(root)
        lower.append(made)
    columns = list(zip(*inverse_factor, strict=True))
    inverse = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            inverse[i][j] = inverse[j][i] = sum(map(operator.mul, columns[i][i:], columns[j][i:]))
    return inverse
