"""How well work was estimated: by what was said before it began, else by what all other work says of it."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

from .interval import COVERAGE
from .posterior import NOISE_DEGREES
from .student import quantile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cases import Case
    from .learned import Fitted, Learned


class Checked(NamedTuple):
    """A finished piece of work against its estimate."""

    case: Case
    expected_tokens: float
    was_told: bool
    """It was estimated before it began; else this is what all other work says of it."""
    is_inside: bool
    """The actual is inside the interval."""

    @property
    def variance(self) -> float:
        """By how much the actual is above the estimate, as a share of it."""
        return self.case.tokens / self.expected_tokens - 1.0

    @property
    def error(self) -> float:
        """Log of actual over estimate."""
        return math.log(self.case.tokens / self.expected_tokens)


class Accuracy(NamedTuple):
    """Of several pieces of work. `accuracy` is 1 less the median variance, from 0 to 1."""

    cases: int
    told: int
    """How many of them were estimated before they began."""
    accuracy: float
    median_variance: float
    """Of the absolute variances, as a share."""
    median_log_error: float
    inside: float
    """Share of the actuals inside their intervals of 80 %."""


def checked(fitted: Fitted) -> list[Checked]:
    """Return the cases that a fit was made of, each against its estimate."""
    reach = quantile(0.5 + COVERAGE / 2.0, NOISE_DEGREES) * fitted.calibration
    found = []
    for case, (error, scale) in zip(fitted.cases, fitted.errors, strict=True):
        left_out_tokens = case.tokens * math.exp(-error)
        told = case.estimated_tokens
        found.append(Checked(case, told or left_out_tokens, bool(told), abs(error) <= reach * scale))
    return found


def pieces(learned: Learned) -> list[Checked]:
    """Return the finished phases and stretches, oldest first, against their estimates."""
    return checked(learned.pieces[0])


def sessions(learned: Learned) -> list[Checked]:
    """Return the finished sessions, oldest first, against their estimates."""
    return checked(learned.sessions[0])


def accuracy_of(work: Iterable[Checked]) -> Accuracy | None:
    """Return how well work was estimated; None of none."""
    done = list(work)
    if not done:
        return None
    variance = statistics.median(abs(each.variance) for each in done)
    return Accuracy(
        len(done),
        sum(each.was_told for each in done),
        max(0.0, 1.0 - variance),
        variance,
        statistics.median(abs(each.error) for each in done),
        sum(each.is_inside for each in done) / len(done),
    )


def by_type(work: Iterable[Checked]) -> dict[str, Accuracy]:
    """Return how well the work of each type was estimated."""
    groups: dict[str, list[Checked]] = {}
    for each in work:
        groups.setdefault(each.case.work.task_type, []).append(each)
    return {kind: found for kind, own in sorted(groups.items()) if (found := accuracy_of(own)) is not None}
