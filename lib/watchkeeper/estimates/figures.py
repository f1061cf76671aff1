"""Hours and tokens as people write them: `1-1.5h`, `4 to 6 hours`, `90 min`, `25,000 - 32,000`, `~8k tokens`."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

MOST_HOURS, MOST_TOKENS = 1_000.0, 1_000_000_000.0
# What a line can hold and still be read; more is no figure.
_LONGEST_LINE = 2_000
# A working day and week, where a plan counts in them.
_HOURS = {"m": 1.0 / 60.0, "h": 1.0, "d": 8.0, "w": 40.0}

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:[.,]\d{1,2})?(?!\d)"
_TO = r"\s*(?:-|–|—|−|to|bis|\.\.)\s*"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|hr|days?|weeks?|wks?|h|m|d|w)(?![A-Za-z])"
_DURATION = re.compile(
    rf"(?<![\w.,/])~?(?P<low>{_NUMBER})\s*(?P<low_unit>{_UNIT})?(?:{_TO}~?(?P<high>{_NUMBER}))?\s*(?P<unit>{_UNIT})",
    re.IGNORECASE,
)
_MORE_MINUTES = re.compile(r"\s*(?P<minutes>[0-5]?\d)\s*(?:minutes?|mins?|m)(?![A-Za-z])", re.IGNORECASE)
_TOKENS = re.compile(
    rf"(?<![\w.,/])[~+≈]?(?P<low>{_NUMBER})\s*(?P<low_unit>[kKmM](?![A-Za-z]))?(?:{_TO}[~+≈]?(?P<high>{_NUMBER})"
    r"\s*(?P<high_unit>[kKmM](?![A-Za-z]))?)?(?P<word>\s*tok(?:en)?s?\b)?"
)
_BRACKETS = re.compile(r"[(\[][^()\[\]]{1,120}[)\]]")
_EDGES = " -–—:,·|"
_THOUSANDS = {"k": 1e3, "m": 1e6}
_FORMULA = re.compile(
    rf"(?P<hours>{_NUMBER})\s*h\w*\s*[×x*]\s*(?P<rate>{_NUMBER})\s*(?P<rate_unit>[kK])?\s*/\s*h\w*"
    rf"(?:\s*[×x*]\s*(?P<factor>{_NUMBER}))?(?P<why>\s*\([^)]{{0,80}}\))?\s*=\s*~?(?P<result>{_NUMBER})"
    r"\s*(?P<result_unit>[kK])?"
)


class Span(NamedTuple):
    """From the least to the most; both the same where one figure is given."""

    low: float
    high: float

    @property
    def mid(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2.0

    def __add__(self, other: tuple[object, ...]) -> Span:
        """Return the span of both together."""
        if not isinstance(other, Span):
            return NotImplemented
        return Span(self.low + other.low, self.high + other.high)


class Formula(NamedTuple):
    """A product that a plan writes down, and the result that it gives it."""

    text: str
    hours: float
    tokens_per_hour: float
    factor: float
    stated_tokens: float

    @property
    def tokens(self) -> float:
        """What the product makes."""
        return self.hours * self.tokens_per_hour * self.factor


def hours_in(text: str) -> Span | None:
    """Return the first duration in a line, in hours; None where there is none that makes sense."""
    found = _duration(text)
    return found[0] if found else None


def hours_of_title(text: str) -> tuple[Span | None, str]:
    """Return how long a title says that something takes, and the title without that.

    That is a duration in brackets or at the title's end; `the 5h window` says nothing of it.
    """
    shown = text.strip()
    for brackets in _BRACKETS.finditer(shown[:_LONGEST_LINE]):
        span = hours_in(brackets[0])
        if span is not None:
            return span, f"{shown[: brackets.start()].rstrip()} {shown[brackets.end() :].lstrip()}".strip(
                _EDGES
            ) or shown
    found = _duration(shown, at_end=True)
    if found is None:
        return None, shown
    return found[0], shown[: found[1]].strip(_EDGES) or shown


def tokens_in(text: str, is_about_tokens: bool = False) -> Span | None:
    """Return the first number of tokens in a line; `is_about_tokens`: the line's label says that it is one."""
    for match in _TOKENS.finditer(text[:_LONGEST_LINE]):
        if not match["word"] and not is_about_tokens:
            continue
        high_unit = (match["high_unit"] or "").lower()
        low_unit = (match["low_unit"] or (high_unit if match["high"] else "")).lower()
        low = _number(match["low"]) * _THOUSANDS.get(low_unit, 1.0)
        high = _number(match["high"]) * _THOUSANDS.get(high_unit, 1.0) if match["high"] else low
        span = _span(low, high, MOST_TOKENS)
        if span is not None:
            return span
    return None


def formula_in(text: str) -> Formula | None:
    """Return hours x tokens per hour x factor = tokens, where a line says so."""
    match = _FORMULA.search(text[:_LONGEST_LINE])
    if match is None:
        return None
    rate = _number(match["rate"]) * (1e3 if match["rate_unit"] else 1.0)
    result = _number(match["result"]) * (1e3 if match["result_unit"] else 1.0)
    return Formula(" ".join(match[0].split()), _number(match["hours"]), rate, _number(match["factor"] or "1"), result)


def _duration(text: str, at_end: bool = False) -> tuple[Span, int, int] | None:
    line = text[:_LONGEST_LINE]
    for match in _DURATION.finditer(line):
        unit = _unit(match["unit"])
        low_unit = _unit(match["low_unit"]) if match["low_unit"] else unit
        low = _number(match["low"]) * _HOURS[low_unit]
        end = match.end()
        high = _number(match["high"]) * _HOURS[unit] if match["high"] else low
        minutes = _MORE_MINUTES.match(line, end) if unit == "h" and not match["high"] else None
        if minutes:
            low = high = low + int(minutes["minutes"]) / 60.0
            end = minutes.end()
        span = _span(low, high, MOST_HOURS)
        if span is not None and not (at_end and line[end:].strip(_EDGES + ".")):
            return span, match.start(), end
    return None


def _unit(written: str) -> str:
    return written[0].lower()


def _number(text: str) -> float:
    whole = re.sub(r",(?=\d{3}(?!\d))", "", text)
    return float(whole.replace(",", "."))


def _span(low: float, high: float, most: float) -> Span | None:
    least, largest = min(low, high), max(low, high)
    return Span(least, largest) if math.isfinite(largest) and 0 < largest <= most else None
