"""How far actual tokens are from what was estimated: in words that rate it, and in the line that is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import words

if TYPE_CHECKING:
    from .progress import Progress
    from .quota_fit import Room
    from .tracked import Tracked, TrackedPhase

# Percent off up to which an estimate deserves the word.
EXCELLENT_PCT, VERY_GOOD_PCT, GOOD_PCT = 5.0, 10.0, 15.0


def pct(actual: float, estimated: float) -> float | None:
    """Return how much more than estimated it took, in percent."""
    return 100.0 * (actual - estimated) / estimated if estimated else None


def rating(off_pct: float | None, is_inside: bool) -> str:
    """Return the word for an error; beyond good it counts whether the actual was within the range at all."""
    if off_pct is None:
        return "unknown"
    off = abs(off_pct)
    if off < EXCELLENT_PCT:
        return "excellent"
    if off < VERY_GOOD_PCT:
        return "very good"
    if off < GOOD_PCT:
        return "good"
    return "within its range" if is_inside else "outside its range"


def is_inside(phase: TrackedPhase, tokens: float) -> bool:
    """Return whether a phase's tokens lie within what it was estimated at."""
    return phase.low_tokens <= tokens <= phase.high_tokens


def is_deviation(phase: TrackedPhase, tokens: float) -> bool:
    """Return whether a finished phase was so far off that it is worth a reason."""
    off = pct(tokens, phase.mid_tokens)
    return not is_inside(phase, tokens) or (off is not None and abs(off) >= GOOD_PCT)


def sentence(made: Tracked, phase: TrackedPhase, progress: Progress, room: Room) -> str:
    """Return the line that tells of a phase that is over, or has left its range."""
    tokens = progress.phases[made.phases.index(phase)].tokens
    return " ".join(
        part
        for part in (
            _of_phase(phase, tokens),
            _of_total(made, progress),
            _of_quota(progress, room),
            _of_pace(made, progress),
        )
        if part
    )


def deviation(phase: TrackedPhase, tokens: int) -> dict[str, Any]:
    """Return the record of a deviation; what nobody has said yet is None."""
    return {
        "phase": f"phase{phase.number}",
        "reason": None,
        "extraTokens": round(tokens - phase.mid_tokens),
        "category": None,
        "preventable": None,
        "lesson": None,
    }


def _of_phase(phase: TrackedPhase, tokens: int) -> str:
    off = pct(tokens, phase.mid_tokens) or 0.0
    span = f"{words.tokens(phase.low_tokens)} to {words.tokens(phase.high_tokens)}"
    estimated = f"{words.tokens(phase.mid_tokens)} estimated ({off:+.1f}%; range {span})"
    if phase.ended_at is None:
        return f"{phase.name!r} has left its range: {words.tokens(tokens)} tokens so far, {estimated}."
    return f"{phase.name!r} is done: {words.tokens(tokens)} tokens, {estimated}."


def _of_total(made: Tracked, progress: Progress) -> str:
    going = progress.projection
    off = pct(going.mid_tokens, made.mid_tokens) or 0.0
    estimated = words.tokens(made.mid_tokens)
    if all(each.ended_at is not None for each in made.phases):
        return f"All phases are done: {words.tokens(progress.use.tokens)} tokens, {estimated} estimated."
    span = f"{words.tokens(going.low_tokens)} to {words.tokens(going.high_tokens)}"
    return f"The plan now makes about {words.tokens(going.mid_tokens)} ({span}) in place of {estimated} ({off:+.0f}%)."


def _of_quota(progress: Progress, room: Room) -> str:
    if room.left_tokens is None or not progress.left.mid_tokens:
        return ""
    left, need = words.tokens(room.left_tokens), words.tokens(progress.left.mid_tokens)
    if progress.left.mid_tokens > room.left_tokens:
        return f"The {need} still to come do not fit in the {left} left of the quota."
    if progress.left.high_tokens > room.left_tokens:
        return f"The {need} still to come fit in the {left} left of the quota, their upper bound does not."
    return f"The {need} still to come fit in the {left} left of the quota."


def _of_pace(made: Tracked, progress: Progress) -> str:
    if progress.average_tokens_per_min is None or not made.hours:
        return ""
    target = made.mid_tokens / (made.hours * 60.0)
    return f"{progress.average_tokens_per_min:,.0f} tokens a minute, planned {target:,.0f}."
