"""What follows from the spread of past errors: how much to keep in reserve, and which sessions are predictable."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

from . import accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .accuracy import Checked
    from .learned import Learned

FIRST_BUFFER_PCT = 20.0
# What a buffer is enough for: four cases of five.
BUFFER_COVERAGE = 0.80
# Fewer cases of a type measure no spread.
FEWEST_FOR_BUFFER = 8
_FEWEST_PER_BAND = 4
_BANDS = 3
# A longer session is as good as long as its error is no more than so much larger than the least.
_ABOUT_AS_GOOD = 1.15


class Buffer(NamedTuple):
    """What to add to the middle so that four cases of five stay within."""

    pct: float
    cases: int
    """How many cases measured it; 0 where it is the share to begin with."""


class Band(NamedTuple):
    """Sessions of a like length, and how far off estimates of them are."""

    from_hours: float
    to_hours: float
    sessions: int
    typical_tokens: float
    typical_factor: float
    """Actual and estimate differ by this factor in half of the cases."""


class SessionSize(NamedTuple):
    """The longest sessions that are about as predictable as the most predictable ones."""

    recommended: Band
    bands: tuple[Band, ...]


def buffer_of(task_type: str, learned: Learned) -> Buffer:
    """Return the buffer for work of a type (empty: of all types), as its errors have shown."""
    done = accuracy.pieces(learned)
    errors = [each.error for each in done if not task_type or each.case.work.task_type == task_type]
    if len(errors) < FEWEST_FOR_BUFFER:
        return Buffer(FIRST_BUFFER_PCT, 0)
    reach = statistics.quantiles(errors, n=100, method="inclusive")[round(100 * BUFFER_COVERAGE) - 1]
    return Buffer(max(0.0, 100.0 * math.expm1(reach)), len(errors))


def session_size(learned: Learned) -> SessionSize | None:
    """Return which length of sessions keeps this user's estimates close; None while there are too few sessions."""
    done = sorted(accuracy.sessions(learned), key=lambda each: each.case.hours or 0.0)
    if len(done) < _BANDS * _FEWEST_PER_BAND:
        return None
    edges = [round(len(done) * part / _BANDS) for part in range(_BANDS + 1)]
    bands = tuple(_band(done[edges[part] : edges[part + 1]]) for part in range(_BANDS))
    least = min(math.log(band.typical_factor) for band in bands)
    good = [band for band in bands if math.log(band.typical_factor) <= least * _ABOUT_AS_GOOD]
    return SessionSize(good[-1], bands)


def _band(done: Sequence[Checked]) -> Band:
    hours = [each.case.hours or 0.0 for each in done]
    return Band(
        min(hours),
        max(hours),
        len(done),
        statistics.median(each.case.tokens for each in done),
        math.exp(statistics.median(abs(each.error) for each in done)),
    )
