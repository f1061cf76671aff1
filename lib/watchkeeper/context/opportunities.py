"""What could be freed: results that are outdated, stand there again, are large and old; and exchanges long past."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .items import CONVERSATION, READER, THINKING, WRITERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .items import Reading, Result
    from .measure import Measured

SUPERSEDED, DUPLICATE, LARGE, OLD_READ = "superseded_reads", "duplicate_results", "large_outputs", "old_reads"
EXCHANGES = "old_exchanges"
# The kinds that a pruned copy leaves out, what is missed least first.
PRUNABLE = (SUPERSEDED, DUPLICATE, LARGE, OLD_READ)
KEEP_RECENT = 10

LARGE_TOKENS = 1_000
# A stub takes about so many, and less than as many again is not worth one.
STUB_TOKENS = 60
_WORTH_TOKENS = 120
# Too dear to get again, or what somebody decided.
_KEPT_TOOLS = (
    "Agent",
    "Task",
    "TaskOutput",
    "AgentOutputTool",
    "AskUserQuestion",
    "ExitPlanMode",
    "Skill",
    "ToolSearch",
)


class Candidate(NamedTuple):
    """A result that could be left out, and the tokens that this frees."""

    result: Result
    kind: str
    tokens: float
    """What it takes."""
    saved_tokens: float
    """What is freed when a stub takes its place."""


class Opportunity(NamedTuple):
    """What one kind of candidates would free."""

    kind: str
    tokens: int
    number: int
    """How many candidates there are."""


def candidates(reading: Reading, measured: Measured, keep_recent: int = KEEP_RECENT) -> list[Candidate]:
    """Return what could be left out, what is missed least and stands longest first.

    The latest `keep_recent` results stay whatever they are, and so do the latest that many reads that are current.
    """
    tokens = measured.tokens
    results = [result for result in reading.results if result.tool]
    recent = {result.item for result in results[max(0, len(results) - keep_recent) :]} if keep_recent else set()
    superseded, duplicates = _superseded(results), _duplicates(results)
    recent_reads = _recent_reads(results, superseded, keep_recent)
    relied_on = _relied_on(results)
    found = []
    for result in results:
        saved = tokens[result.item] - STUB_TOKENS
        if result.item in recent or result.item in relied_on or saved < _WORTH_TOKENS or not _can_go(result):
            continue
        if result.item in superseded:
            kind = SUPERSEDED
        elif result.item in duplicates:
            kind = DUPLICATE
        elif _is_read(result) and result.item not in recent_reads:
            kind = OLD_READ
        elif not _is_read(result) and tokens[result.item] >= LARGE_TOKENS:
            kind = LARGE
        else:
            continue
        found.append(Candidate(result, kind, tokens[result.item], saved))
    return sorted(found, key=lambda each: (PRUNABLE.index(each.kind), each.result.item))


def opportunities(
    reading: Reading, measured: Measured, found: Sequence[Candidate], keep_recent: int = KEEP_RECENT
) -> list[Opportunity]:
    """Return what each kind of `found` would free, and what a compaction would of old exchanges; none that is empty."""
    summed = [
        Opportunity(
            kind,
            round(sum(each.saved_tokens for each in found if each.kind == kind)),
            sum(each.kind == kind for each in found),
        )
        for kind in PRUNABLE
    ]
    if len(reading.prompts) > keep_recent:
        until = reading.prompts[len(reading.prompts) - keep_recent] if keep_recent else len(reading.items)
        said = sum(
            measured.tokens[place]
            for place, item in enumerate(reading.items[:until])
            if item.part in (CONVERSATION, THINKING)
        )
        summed.append(Opportunity(EXCHANGES, round(said), len(reading.prompts) - keep_recent))
    return [each for each in summed if each.number]


def spare_items(reading: Reading) -> set[int]:
    """Return the items of results that are outdated or stand there again."""
    return _superseded(reading.results) | _duplicates(reading.results)


def _recent_reads(results: Sequence[Result], superseded: set[int], keep_recent: int) -> set[int]:
    """Return the current reads of the files that were read or changed last."""
    touched = {result.target: result.item for result in results if result.tool == READER or result.tool in WRITERS}
    current = [result for result in results if _is_read(result) and result.item not in superseded]
    current.sort(key=lambda result: (touched[result.target], result.item), reverse=True)
    return {result.item for result in current[:keep_recent]}


def _superseded(results: Sequence[Result]) -> set[int]:
    """Return the reads of lines that were read again later, or of a file that was written anew later."""
    found: set[int] = set()
    later: dict[str, list[tuple[int, float]]] = {}
    for result in reversed(results):
        if not result.target:
            continue
        spans = later.setdefault(result.target, [])
        if _is_read(result):
            if any(first <= result.first_line and result.last_line <= last for first, last in spans):
                found.add(result.item)
            if not result.points_back:
                spans.append((result.first_line, result.last_line))
        elif result.tool == WRITERS[0] and not result.is_error:
            spans.append((1, float("inf")))
    return found


def _duplicates(results: Sequence[Result]) -> set[int]:
    """Return the results that the same tool has returned again later, character by character."""
    found: set[int] = set()
    later: set[tuple[str, int]] = set()
    for result in reversed(results):
        same = (result.tool, result.digest)
        if result.digest and same in later:
            found.add(result.item)
        later.add(same)
    return found


def _relied_on(results: Sequence[Result]) -> set[int]:
    """Return the results that a later one refers to instead of repeating them."""
    found: set[int] = set()
    latest: dict[str, int] = {}
    for result in results:
        if result.points_back:
            found.update({latest[result.target]} if result.target in latest else ())
        elif _is_read(result):
            latest[result.target] = result.item
    return found


def _is_read(result: Result) -> bool:
    return result.tool == READER and not result.is_error


def _can_go(result: Result) -> bool:
    return result.tool not in _KEPT_TOOLS and result.is_replaceable and not result.stub_tokens
