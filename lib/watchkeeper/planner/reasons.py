"""In words: why a session starts when it does, and why one has no place in a plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from watchkeeper.core import words

from .placing import APPOINTMENT, BLOCKED, HOURS, NO_HOURS, PREVIOUS, SOON, TOO_LARGE, WEEK, WEEK_TOO_SMALL, WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .candidate import Candidate
    from .placing import Rules, Slot

_BEGINNINGS = {
    SOON: "right away",
    PREVIOUS: "after the one before",
    HOURS: "when free hours begin",
    WINDOW: "5 minutes after the reset",
    WEEK: "5 minutes after the weekly reset",
    APPOINTMENT: "as scheduled",
}


def why_then(slot: Slot, candidate: Candidate | None = None) -> str:
    """Return why a session starts when it does: `5 minutes after the reset: needs 65k, 8k were left before it`."""
    beginning = _BEGINNINGS[slot.cause]
    if math.isinf(slot.waited_left_tokens) or candidate is None:
        return beginning
    if slot.cause == HOURS:
        beginning += " after the reset"
    if candidate.mid_tokens is None:
        return f"{beginning}: gets a window to itself"
    needs, left = words.tokens(candidate.mid_tokens), words.tokens(slot.waited_left_tokens)
    return f"{beginning}: needs {needs}, {left} left before"


def why_not(code: str, candidate: Candidate, rules: Rules, waits_for: Sequence[str]) -> str:
    """Return why a session has no place in a plan; `waits_for` are the names of what keeps it from one."""
    needs = "a whole window" if candidate.mid_tokens is None else f"{candidate.mid_tokens:,} tokens"
    if code == TOO_LARGE:
        return f"needs {needs}, a whole window has {rules.usable_tokens:,.0f} above the reserve: split it"
    if code == WEEK_TOO_SMALL:
        return f"needs {needs}, a week has {rules.week_usable_tokens:,.0f} for planned sessions: split it"
    if code == NO_HOURS and not rules.longest_span_s:
        return "finds no free time at all: widen the working hours or shorten the quiet ones"
    if code == NO_HOURS:
        longest = words.duration(rules.longest_span_s)
        return f"takes longer than the longest free time, which is {longest}: split it or widen the working hours"
    if code == BLOCKED:
        return f"waits for {', '.join(waits_for)}, which the plan does not hold"
    if candidate.at is not None and candidate.at >= rules.until_at:
        return f"is scheduled for {words.clock_time(candidate.at, rules.now)}, farther ahead than the plan looks"
    return f"finds no room within {words.duration(rules.until_at - rules.now)}"
