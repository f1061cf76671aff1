"""The three ways to free the context: what each frees, costs and loses, and which one to take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core import words

from .composition import SYSTEM
from .items import MEMORY, READS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .composition import Composition
    from .pruning import Plan

PRUNE, COMPACT, RESTART, NONE = "prune", "compact", "restart", "none"
# Share of the usable window that a way has to get below.
GOAL_PCT = 50.0

# What a summary and what the client reads in again take after a compaction (11 real ones: 3.4 to 15.9 thousand, half
# of them under 9.6), what the summary itself is long, and a handoff.
AFTER_COMPACTION_TOKENS, SUMMARY_TOKENS, HANDOFF_TOKENS = 9_600, 3_000, 2_000
# Prices in input tokens, the same for every model: read from the cache, read and put into it, written by the model.
_CACHED, _UNCACHED, _WRITTEN = 0.1, 1.25, 5.0
# How much of the files that it has read a model reads again after a compaction.
_READ_AGAIN = 0.5


class Way(NamedTuple):
    """One way. Tokens are estimates; `cost_tokens` is what it costs once, in input tokens at their plain price."""

    way: str
    frees_tokens: int
    leaves_tokens: int
    leaves_pct: float | None
    reads_uncached_tokens: int
    """What is read anew because the cache does not hold it."""
    reads_cached_tokens: int
    writes_tokens: int
    """What the model writes for it."""
    cost_tokens: int
    fits: bool
    """It gets below the goal."""


class Advice(NamedTuple):
    """Which way to take, PRUNE, COMPACT, RESTART or NONE, and why in one sentence."""

    way: str
    why: str


def ways(
    composition: Composition, plan: Plan, usable_tokens: int | None, is_cached: bool, goal_pct: float = GOAL_PCT
) -> list[Way]:
    """Return the three ways from the one that loses least; `is_cached`: the API still has the context at hand."""
    used = composition.total_tokens
    parts = {part.part: part.tokens for part in composition.parts}
    always = parts.get(SYSTEM, 0) + parts.get(MEMORY, 0)
    current_reads = sum(file.tokens - file.spare_tokens for file in composition.files) if READS in parts else 0
    read_again = round(_READ_AGAIN * current_reads)
    compacted = min(used, always + AFTER_COMPACTION_TOKENS)
    fresh = min(used, always + HANDOFF_TOKENS)
    amounts = {
        PRUNE: (plan.tokens_after, plan.tokens_after, 0, 0),
        COMPACT: (
            compacted,
            compacted + read_again + (0 if is_cached else used),
            used if is_cached else 0,
            SUMMARY_TOKENS,
        ),
        RESTART: (fresh, fresh + read_again, 0, HANDOFF_TOKENS),
    }
    return [_way(way, used, usable_tokens, goal_pct, *amount) for way, amount in amounts.items()]


def advise(
    found: Sequence[Way], used_tokens: int, used_pct: float | None, starts_at_pct: float, most_tokens: int
) -> Advice:
    """Return which of the ways to take: none below `starts_at_pct` of the window and `most_tokens`.

    A fresh start costs least and loses the conversation, so it is the answer only where nothing else helps.
    """
    if used_tokens < most_tokens:
        if used_pct is None:
            return Advice(NONE, "How large the window is, is not known yet: the status line tells it.")
        if used_pct < starts_at_pct:
            return Advice(NONE, "There is room enough: nothing needs to be done.")
    fitting = [way for way in found if way.fits and way.way != RESTART]
    if not fitting:
        return Advice(RESTART, "Neither pruning nor compacting frees enough.")
    best = min(fitting, key=lambda way: way.cost_tokens)
    if best.way == PRUNE:
        return Advice(
            PRUNE, f"It frees about {words.tokens(best.frees_tokens)} tokens, asks no model and loses nothing for good."
        )
    if any(way.way == PRUNE for way in fitting):
        return Advice(COMPACT, "Pruning would do too, but reading the copy anew costs more than the summary.")
    return Advice(
        COMPACT, f"Pruning alone does not free enough; the summary leaves about {words.tokens(best.leaves_tokens)}."
    )


def _way(
    way: str, used: int, usable: int | None, goal_pct: float, leaves: int, uncached: int, cached: int, written: int
) -> Way:
    leaves_pct = None if not usable else 100.0 * leaves / usable
    # Where nobody knows the window, half of what there is counts as enough.
    fits = leaves_pct < goal_pct if leaves_pct is not None else leaves <= used / 2
    cost = _UNCACHED * uncached + _CACHED * cached + _WRITTEN * written
    return Way(way, max(0, used - leaves), leaves, leaves_pct, uncached, cached, written, round(cost), fits)
