"""What a pruned copy leaves out, and the line that stands there instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from . import inert
from .items import STUB_MARK
from .opportunities import DUPLICATE, OLD_READ, SUPERSEDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .opportunities import Candidate

_REPEATABLE = ("Grep", "Glob", "LS", "WebFetch", "WebSearch", "NotebookRead")
_LONGEST_TARGET = 160
_FRAME_TOKENS, _PER_CHARACTER = 8.0, 0.3
_TYPICAL_PATH = "x" * 110


class Plan(NamedTuple):
    """What is left out: the line instead of each result, by its call's id, and what that makes of the context."""

    stubs: dict[str, str]
    left_out: tuple[Candidate, ...]
    tokens_before: int
    tokens_after: int


def plan(found: Sequence[Candidate], total_tokens: int, kept_in: str, target_tokens: float = 0.0) -> Plan:
    """Return how to bring a context of `total_tokens` down to `target_tokens`, or as far as `found` goes.

    What is missed least goes first. `kept_in` is the transcript that keeps what is left out.
    """
    stubs: dict[str, str] = {}
    left_out = []
    tokens = float(total_tokens)
    for candidate in found:
        if tokens <= target_tokens:
            break
        # The same promise wherever the transcript lies.
        saved = candidate.tokens - _FRAME_TOKENS - _PER_CHARACTER * len(stub(candidate, _TYPICAL_PATH))
        if saved > 0 and candidate.result.call_id not in stubs:
            stubs[candidate.result.call_id] = stub(candidate, kept_in)
            left_out.append(candidate._replace(saved_tokens=saved))
            tokens -= saved
    return Plan(stubs, tuple(left_out), total_tokens, max(0, round(tokens)))


def stub(candidate: Candidate, kept_in: str) -> str:
    """Return the line that says what was there and how to get it again."""
    result, about = candidate.result, f"about {round(candidate.tokens):,} tokens"
    target = inert.line(result.target, _LONGEST_TARGET)
    if candidate.kind in (SUPERSEDED, OLD_READ):
        last = "the end" if math.isinf(result.last_line) else f"line {result.last_line:.0f}"
        what = f"{target or 'a file'} from line {result.first_line} to {last}, {about}"
        how = "it was read again or written anew later" if candidate.kind == SUPERSEDED else "an earlier read"
        return f"{STUB_MARK} {what}; {how}. Read the file for what it says now.]"
    of = f" for {target!r}" if target else ""
    what = f"{result.lines:,} lines that {inert.line(result.tool, 60)} returned{of}, {about}"
    if candidate.kind == DUPLICATE:
        return f"{STUB_MARK} {what}; the same was returned again later.]"
    if result.tool in _REPEATABLE:
        return f"{STUB_MARK} {what}. Call it again when you need it.]"
    place = f"{inert.line(kept_in, 400)}, where {inert.line(result.call_id, 80)} finds it"
    return f"{STUB_MARK} {what}. It is kept in {place}.]"
