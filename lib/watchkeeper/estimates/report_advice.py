"""What follows from a report's figures: the model's weights, the trend of estimates, recommendations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import prediction, tracked, variance
from .estimate import estimate
from .work import STRETCH, Work

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .learned import Learned
    from .tracked import Tracked

_MOST_TREND = 12
# Sessions whose mean error is compared with that of those before.
_RECENT = 3
# From this share of tokens on something is worth a word.
_NOTABLE_PCT = 25.0
_LOW_CACHE_PCT = 80.0


def weights(learned: Learned) -> dict[str, Any]:
    """Return what the model reckons with now, by type: tokens per hour, and the buffer."""
    types = {case.work.task_type for case in learned.cases if case.work.task_type}
    return {
        kind: {
            "tokensPerHour": round(estimate(Work(STRETCH, kind, 1.0), learned).mid_tokens),
            "bufferPct": round(prediction.buffer_of(kind, learned).pct),
        }
        for kind in sorted(types)
    }


def trend(db: sqlite3.Connection, made: Tracked | None) -> dict[str, Any]:
    """Return how close the estimates of finished plans were, oldest first, and whether they come closer."""
    past = [each for each in tracked.finished(db) if _is_comparable(each)]
    own = [] if made is None else [made.estimate_id]
    sessions = [
        {
            "session": each.session_id,
            "title": each.title,
            "at": each.ended_at,
            "estimated_tokens": each.mid_tokens,
            "actual_tokens": each.actual_tokens,
            "variance_pct": variance.pct(each.actual_tokens or 0, each.mid_tokens),
            "accuracy_pct": max(0.0, 100.0 - abs(variance.pct(each.actual_tokens or 0, each.mid_tokens) or 0.0)),
            "is_this": each.estimate_id in own,
        }
        for each in past[-_MOST_TREND:]
    ]
    errors = [abs(float(each["variance_pct"] or 0.0)) for each in sessions]
    word = None
    if len(errors) > _RECENT:
        before, recent = _mean(errors[:-_RECENT]), _mean(errors[-_RECENT:])
        word = "closer" if recent < 0.9 * before else "further off" if recent > 1.1 * before else "the same"
    return {"sessions": sessions, "word": word, "recent": _RECENT}


def _is_comparable(each: Tracked) -> bool:
    return all(phase.ended_at is not None for phase in each.phases)


def recommendations(view: dict[str, Any], learned: Learned) -> list[str]:
    """Return what follows from the figures; nothing where they say nothing."""
    found = []
    made = view["estimate"]
    for kind in sorted({phase["type"] for phase in made["phases"] if phase["rating"]} if made else ()):
        buffer = prediction.buffer_of(kind, learned)
        if buffer.cases:
            found.append(f"Buffer for {kind}: {buffer.pct:.0f}%, as {buffer.cases} pieces of such work have shown.")
    size = prediction.session_size(learned)
    if size is not None:
        best = size.recommended
        found.append(
            f"Sessions of up to {best.to_hours:.1f} hours are estimated best: half of them within a factor of "
            f"{best.typical_factor:.1f}."
        )
    cache_pct = view["usage"]["cache_pct"]
    if cache_pct is not None and cache_pct < _LOW_CACHE_PCT:
        found.append(
            f"Only {cache_pct:.0f}% of what was read came from the cache; long pauses and other models make it cold."
        )
    whole = sum(each["tokens"] for each in view["tools"])
    largest = view["files"][0] if view["files"] else None
    if largest is not None and whole and 100.0 * largest["tokens"] / whole >= _NOTABLE_PCT:
        pct = 100.0 * largest["tokens"] / whole
        found.append(f"{largest['name']} alone made {pct:.0f}% of what tools put into the context.")
    if len(view["compactions"]) > 1:
        found.append(f"{len(view['compactions'])} compactions: shorter sessions, or /save-and-restart between phases.")
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
