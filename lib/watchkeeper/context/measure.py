"""How many tokens each item takes: what its length lets expect, corrected by what each response has measured."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .items import READS, RESULTS, THINKING, TOOL_FINDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .items import Reading

# Between two responses the context grows by what was said between them, each character by its share. An expectation
# that is off by more than these factors was not off: something else has come or gone.
_LEAST, _MOST = 0.4, 2.5
# Below this the frames of what is said weigh more than its characters.
_SMALL_TOKENS = 600.0
_CLEARED_TOKENS = 20.0


class Measured(NamedTuple):
    """The tokens of every item, measured as far as responses tell.

    With `total_tokens`, what the last response read less what was taken out since, `system_tokens` + `rest_tokens` +
    those of the first `items_read` items make that; without a response it is None and everything is an estimate.
    """

    tokens: tuple[float, ...]
    system_tokens: float
    """System prompt and tools, and what else was there before anything was said."""
    rest_tokens: float
    """What has come in between and is not in the transcript."""
    total_tokens: int | None
    items_read: int
    cleared_tokens: float = 0.0
    """What was taken out since the last response; an estimate."""

    @property
    def pending_tokens(self) -> float:
        """What has come after the last response; an estimate."""
        return sum(self.tokens[self.items_read :])


def measure(reading: Reading, usual_system_tokens: float = 0.0) -> Measured:
    """Return the tokens of the items of a reading; without a response the system is as large as usual."""
    tokens = [item.tokens for item in reading.items]
    if not reading.responses:
        _clear(reading, tokens, -1, len(tokens))
        return Measured(tuple(tokens), usual_system_tokens, 0.0, None, 0)
    first, last = reading.responses[0], reading.responses[-1]
    before = sum(tokens[: first.item])
    if before > first.context_tokens:
        _scale(tokens, range(first.item), first.context_tokens / before)
        before = float(first.context_tokens)
    system = first.context_tokens - before
    prompts = set(reading.prompts)
    rest = 0.0
    for earlier, later in pairwise(reading.responses):
        between = range(earlier.item, later.item)
        left = _fit(
            tokens,
            between,
            later.context_tokens - earlier.context_tokens + _clear(reading, tokens, earlier.item, later.item),
        )
        if left < 0 and not prompts.isdisjoint(between):
            # Some models drop what they thought once the user speaks again.
            left += _take(reading, tokens, later.item, (THINKING,), -left)
        elif left > 0 and any(reading.items[place].name == TOOL_FINDER for place in between):
            # The tools it has found are described from then on.
            system, left = system + left, 0.0
        rest += left
    # Something has gone, and nothing says what: most likely results, which clients clear when they are old.
    for parts in ((READS, RESULTS), ()):
        if rest < 0:
            rest += _take(reading, tokens, last.item, parts, -rest)
    if rest < 0:
        system, rest = system + rest, 0.0
    cleared = _clear(reading, tokens, last.item, len(tokens), last.item)
    return Measured(tuple(tokens), system, rest, round(last.context_tokens - cleared), last.item, cleared)


def _fit(tokens: list[float], places: range, growth: float) -> float:
    """Make the items at `places` take what the context grew by, and return what cannot be theirs."""
    expected = sum(tokens[place] for place in places)
    if expected <= 0:
        return growth
    factor = growth / expected
    if factor < _LEAST:
        return growth - expected
    if expected >= _SMALL_TOKENS:
        factor = min(factor, _MOST)
    elif growth > _MOST * _SMALL_TOKENS:
        factor = 1.0
    _scale(tokens, places, factor)
    return growth - factor * expected


def _clear(reading: Reading, tokens: list[float], after: int, until: int, end: int | None = None) -> float:
    """Empty the results before `end` that were cleared between two responses, and return what that has freed.

    `after` and `until` are how many items those could read: what is cleared right before a response is gone for it.
    """
    cleared = {call_id for each in reading.clearings if after < each.item <= until for call_id in each.call_ids}
    end = until if end is None else end
    freed = 0.0
    for result in reading.results if cleared else ():
        left = result.stub_tokens or _CLEARED_TOKENS
        if result.call_id in cleared and result.item < end and tokens[result.item] > left:
            freed += tokens[result.item] - left
            tokens[result.item] = left
    return freed


def _take(reading: Reading, tokens: list[float], end: int, parts: tuple[str, ...], wanted: float) -> float:
    """Take up to `wanted` tokens from the items before `end` that are of some parts, or any, and return how many."""
    places = [place for place in range(end) if not parts or reading.items[place].part in parts]
    known = sum(tokens[place] for place in places)
    taken = min(known, wanted)
    if known > 0:
        _scale(tokens, places, 1.0 - taken / known)
    return taken


def _scale(tokens: list[float], places: Iterable[int], factor: float) -> None:
    for place in places:
        tokens[place] *= factor
