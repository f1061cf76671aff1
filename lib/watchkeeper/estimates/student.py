"""Student's t by way of the normal distribution, closed both ways and right to a thousandth.

Wallace (1959), "Bounds on normal approximations to Student's and the chi-square distributions",
Annals of Mathematical Statistics 30.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def quantile(probability: float, degrees: float) -> float:
    """Return the value below which a t variable with `degrees` of freedom (at least 2) stays with a probability."""
    z = _NORMAL.inv_cdf(probability) / _shrinkage(degrees)
    return math.copysign(math.sqrt(degrees * math.expm1(min(z * z / degrees, 700.0))), z)


def probability_below(value: float, degrees: float) -> float:
    """Return the probability that a t variable with `degrees` of freedom (at least 2) is below `value`."""
    z = _shrinkage(degrees) * math.sqrt(degrees * math.log1p(value * value / degrees))
    return _NORMAL.cdf(math.copysign(z, value))


def _shrinkage(degrees: float) -> float:
    return (8.0 * degrees + 1.0) / (8.0 * degrees + 3.0)
