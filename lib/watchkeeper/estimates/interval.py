"""An estimate: a middle value and the range that holds the actual in four cases of five."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from . import student

if TYPE_CHECKING:
    from collections.abc import Sequence

COVERAGE = 0.80
# Factors between the middle and a bound up to which the confidence is high, and medium.
_HIGH_UP_TO, _MEDIUM_UP_TO = 1.5, 2.5
HIGH, MEDIUM, LOW = "high", "medium", "low"
_NORMAL_DEGREES = 1e6


class Interval(NamedTuple):
    """Counted tokens (settings quota.counted): the actual is between low and high with the probability `coverage`.

    In logarithms the actual is Student's t around the middle, with `spread` as scale and `degrees` of freedom.
    """

    low_tokens: float
    mid_tokens: float
    high_tokens: float
    coverage: float
    spread: float
    degrees: float
    cases: int = 0
    """How many finished pieces of the user's own work it rests on; 0 is the constants alone."""
    source: str = "estimated"
    lift: float = 0.0
    """By how much, in logarithms, a sum is passed in half of the cases above its middle; 0 for a single part."""

    @property
    def confidence(self) -> str:
        """The word for the spread: high within a factor of 1.5 of the middle, medium within 2.5, else low."""
        factor = math.sqrt(self.high_tokens / self.low_tokens) if self.low_tokens > 0 else math.inf
        return HIGH if factor <= _HIGH_UP_TO else MEDIUM if factor <= _MEDIUM_UP_TO else LOW


def interval(
    log_mid: float, spread: float, degrees: float = _NORMAL_DEGREES, cases: int = 0, coverage: float = COVERAGE
) -> Interval:
    """Return the interval of a t variable in logarithms, around `log_mid` with the scale `spread`."""
    reach = spread * student.quantile(0.5 + coverage / 2.0, degrees)
    return Interval(
        math.exp(log_mid - reach), math.exp(log_mid), math.exp(log_mid + reach), coverage, spread, degrees, cases
    )


def total(parts: Sequence[Interval], correlation: float, fixed_tokens: float = 0.0) -> Interval:
    """Return the interval of a sum whose parts err together with `correlation` (0 alone, 1 all alike).

    The middle is the sum of the middles, which a sum passes more often than not, since what is large weighs more: its
    logarithm is around log(middle) + `lift`, to second order (sum_i w_i s_i^2 - spread^2) / 2. The spread is that of
    the sum's logarithm to first order, each part counting by its share: sqrt(sum_ij w_i w_j r_ij s_i s_j). So the
    bounds lie between those of parts that err alone, which are too narrow for phases of one session, and the sums of
    the bounds, which are too wide. `fixed_tokens` are certain: what finished parts took.
    """
    mid = sum(part.mid_tokens for part in parts)
    if not parts or mid <= 0:
        return Interval(fixed_tokens, fixed_tokens, fixed_tokens, COVERAGE, 0.0, _NORMAL_DEGREES)
    shares = [part.mid_tokens / mid * part.spread for part in parts]
    alone, together = sum(share * share for share in shares), sum(shares) ** 2
    spread = math.sqrt((1.0 - correlation) * alone + correlation * together)
    lift = max(0.0, sum(part.mid_tokens / mid * part.spread**2 for part in parts) - spread**2) / 2.0
    degrees, cases = min(part.degrees for part in parts), min(part.cases for part in parts)
    made = interval(math.log(mid) + lift, spread, degrees, cases, parts[0].coverage)
    return made._replace(
        # A middle below the range would be none.
        low_tokens=min(made.low_tokens, mid) + fixed_tokens,
        mid_tokens=mid + fixed_tokens,
        high_tokens=made.high_tokens + fixed_tokens,
        lift=lift,
    )


def probability_within(estimate: Interval, tokens: float, fixed_tokens: float = 0.0) -> float:
    """Return the probability that the work takes at most `tokens`; `fixed_tokens` as they were given to `total`."""
    left, mid = tokens - fixed_tokens, estimate.mid_tokens - fixed_tokens
    if estimate.spread <= 0.0 or mid <= 0.0:
        return 1.0 if left >= mid else 0.0
    if left <= 0.0:
        return 0.0
    return student.probability_below((math.log(left / mid) - estimate.lift) / estimate.spread, estimate.degrees)


def safe_upper_tokens(estimate: Interval, probability: float, fixed_tokens: float = 0.0) -> float:
    """Return the tokens that the work stays within with a probability."""
    mid = estimate.mid_tokens - fixed_tokens
    if estimate.spread <= 0.0 or mid <= 0.0:
        return estimate.mid_tokens
    reach = estimate.spread * student.quantile(probability, estimate.degrees)
    return fixed_tokens + mid * math.exp(estimate.lift + reach)
