"""What fills the context: parts that add up to the measured total, files and tools that take the most."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.quota import ESTIMATED, MEASURED

from .items import CODE, CONVERSATION, HOOKS, MEMORY, READS, RESULTS, SUMMARY, THINKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .items import Reading
    from .measure import Measured

SYSTEM, REST = "system", "rest"
# In the order they are shown; `rest` is what has come and is not in the transcript.
PARTS = (SYSTEM, MEMORY, SUMMARY, READS, RESULTS, CONVERSATION, THINKING, CODE, HOOKS, REST)


class Part(NamedTuple):
    """A share of the context: its whole tokens and what they are made of."""

    part: str
    tokens: int
    number: int


class Named(NamedTuple):
    """What one file or one tool takes; `spare_tokens` of it are superseded, or stand there again."""

    name: str
    tokens: int
    number: int
    spare_tokens: int


class Composition(NamedTuple):
    """What the context consists of. The parts' tokens make `total_tokens`, to the token."""

    total_tokens: int
    source: str
    parts: tuple[Part, ...]
    pending_tokens: int
    """What has come after that was measured; an estimate."""
    files: tuple[Named, ...]
    tools: tuple[Named, ...]
    """What came from tools that read no files."""
    prompts: int


def compose(reading: Reading, measured: Measured, spare: Iterable[int]) -> Composition:
    """Return the composition of a reading; `spare` are the items of results that stand there again or are outdated."""
    end = measured.items_read if measured.total_tokens is not None else len(reading.items)
    sums = dict.fromkeys(PARTS, 0.0)
    sums[SYSTEM], sums[REST] = measured.system_tokens, measured.rest_tokens
    for place in range(end):
        sums[reading.items[place].part] += measured.tokens[place]
    total = measured.total_tokens if measured.total_tokens is not None else round(sum(sums.values()))
    counts = _counts(reading, end)
    whole = _whole(list(sums.values()), total)
    parts = [
        Part(part, tokens, counts.get(part, 0))
        for part, tokens in zip(sums, whole, strict=True)
        if tokens or counts.get(part)
    ]
    outdated = set(spare)
    return Composition(
        total,
        MEASURED if measured.total_tokens is not None and not measured.cleared_tokens else ESTIMATED,
        tuple(parts),
        round(measured.pending_tokens) if measured.total_tokens is not None else 0,
        _by_name(reading, measured, end, READS, outdated),
        _by_name(reading, measured, end, RESULTS, outdated),
        sum(prompt < end for prompt in reading.prompts),
    )


def _counts(reading: Reading, end: int) -> dict[str, int]:
    """Return how many there are of each part: of code its calls, of the conversation how often a person spoke."""
    counts: dict[str, int] = defaultdict(int)
    calls = set(reading.calls)
    for place, item in enumerate(reading.items[:end]):
        counts[item.part] += item.part == CODE or place not in calls
    counts[CONVERSATION] = sum(prompt < end for prompt in reading.prompts)
    counts[SYSTEM] = 1
    return counts


def _by_name(reading: Reading, measured: Measured, end: int, part: str, spare: set[int]) -> tuple[Named, ...]:
    tokens: dict[str, float] = defaultdict(float)
    outdated: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    calls = set(reading.calls)
    for place in range(end):
        item = reading.items[place]
        if item.part == part:
            tokens[item.name] += measured.tokens[place]
            counts[item.name] += place not in calls
            outdated[item.name] += measured.tokens[place] if place in spare else 0.0
    found = [Named(name, round(tokens[name]), counts[name], round(outdated[name])) for name in tokens]
    return tuple(sorted(found, key=lambda each: (-each.tokens, each.name)))


def _whole(values: Sequence[float], total: int) -> list[int]:
    """Return whole numbers near `values` that make exactly `total`."""
    whole = [int(value) for value in values]
    by_fraction = sorted(range(len(values)), key=lambda place: whole[place] - values[place])
    for place in by_fraction[: total - sum(whole)]:
        whole[place] += 1
    return whole
