"""What was learned, as a file that a person can read; it is made from the ledger and nothing depends on it."""

from __future__ import annotations

import json
import math
import os
import statistics
from typing import TYPE_CHECKING, Any

from watchkeeper.core import whole_file
from watchkeeper.render.json_text import iso

from . import accuracy, prediction
from .estimate import estimate
from .interval import COVERAGE
from .library_knowledge import knowledge
from .work import STRETCH, TASK_TYPES, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.core.paths import Paths

    from .accuracy import Checked
    from .learned import Learned

VERSION = "1.0.0"
PHASES_ABOVE_TOKENS = 100_000
_MOST_BYTES = 4 << 20
_MOST_LIBRARIES, _MOST_SPECIALTIES = 100, 5
# Sessions from which a user counts as intermediate and as advanced.
_LEVELS = ((50, "advanced"), (10, "intermediate"), (0, "beginner"))
_FEWEST_FOR_TREND = 5


def path_of(paths: Paths) -> str:
    """Return where the model file is kept."""
    return os.path.join(paths.config, "ml-model", "estimation-model.json")


def write(paths: Paths, learned: Learned, counted: Sequence[str], now: float) -> str:
    """Write the model file, whatever stands in its place, and return its path. Raises OSError when it cannot be."""
    path = path_of(paths)
    text = json.dumps(document(learned, counted, now), indent=2, ensure_ascii=False, allow_nan=False)
    whole_file.write_text(path, text + "\n")
    return path


def read(path: str) -> dict[str, Any] | None:
    """Return the model at `path`, None where there is none or it is damaged."""
    try:
        with open(path, "rb") as file:
            model = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return model if isinstance(model, dict) else None


def document(learned: Learned, counted: Sequence[str], now: float) -> dict[str, Any]:
    """Return the model as JSON has it; times are ISO 8601, accuracies and variances shares from 0 to 1."""
    pieces, sessions = accuracy.pieces(learned), accuracy.sessions(learned)
    overall = accuracy.accuracy_of(sessions)
    return {
        "version": VERSION,
        "lastUpdated": iso(now),
        "tokens": f"counted tokens ({', '.join(counted)}), sub-agents included",
        "coverage": COVERAGE,
        "sessionsAnalyzed": len(sessions),
        "piecesAnalyzed": len(pieces),
        "overallAccuracy": None if overall is None else _share(overall.accuracy),
        "overallInsideInterval": None if overall is None else _share(overall.inside),
        "userProfile": _profile(learned, sessions),
        "taskTypeAccuracy": {
            kind: {
                "accuracy": _share(found.accuracy),
                "avgVariance": _share(found.median_variance),
                "insideInterval": _share(found.inside),
                "cases": found.cases,
                "estimatedBefore": found.told,
            }
            for kind, found in accuracy.by_type(pieces).items()
        },
        "tokensPerHour": {kind: _per_hour(kind, learned) for kind in TASK_TYPES},
        "libraryKnowledge": {
            each.library: {
                "sessionsUsed": each.sessions,
                "avgIntegrationCost": round(each.integration_tokens),
                "variance": None if each.variance is None else _share(each.variance),
            }
            for each in knowledge(learned)[:_MOST_LIBRARIES]
        },
        "errors": {
            "correlationOfPhases": _share(learned.correlation),
            "plannedHours": _share(learned.hours_error),
            "rangesOfPlans": _share(learned.range_error),
        },
        "recommendations": _recommendations(learned, pieces),
    }


def _profile(learned: Learned, sessions: Sequence[Checked]) -> dict[str, Any]:
    rates = [each.case.tokens / each.case.hours / 60.0 for each in sessions if each.case.hours]
    return {
        "experienceLevel": next(level for fewest, level in _LEVELS if len(sessions) >= fewest),
        "specialties": [each.library for each in knowledge(learned)[:_MOST_SPECIALTIES] if each.sessions > 1],
        "learningCurve": _trend([each for each in accuracy.pieces(learned) if each.was_told]),
        "avgBurnRate": round(statistics.median(rates)) if rates else None,
    }


def _trend(told: Sequence[Checked]) -> float | None:
    """Return by how much the absolute log error fell per estimated piece, None while there are too few."""
    errors = [abs(each.error) for each in told]
    if len(errors) < _FEWEST_FOR_TREND:
        return None
    slope, _ = statistics.linear_regression(range(len(errors)), errors)
    return round(-slope, 4)


def _per_hour(kind: str, learned: Learned) -> dict[str, Any]:
    found = estimate(Work(STRETCH, kind, 1.0), learned)
    return {
        "low": round(found.low_tokens),
        "mid": round(found.mid_tokens),
        "high": round(found.high_tokens),
        "confidence": found.confidence,
    }


def _recommendations(learned: Learned, pieces: Sequence[Checked]) -> dict[str, str]:
    if not pieces:
        return {"confidence": "Nothing was learned yet: these are the constants, and they may be far off."}
    groups = accuracy.by_type(pieces)
    ranked = sorted(groups, key=lambda kind: groups[kind].median_log_error)
    factors = ", ".join(f"{kind} {math.exp(groups[kind].median_log_error):.1f}" for kind in ranked)
    buffers = {kind: prediction.buffer_of(kind, learned) for kind in ranked}
    buffer = ", ".join(
        f"{each.pct:.0f}% for {kind}" + ("" if each.cases else " (not measured yet)") for kind, each in buffers.items()
    )
    size = prediction.session_size(learned)
    return {
        "confidence": f"Half of the estimates are off by no more than these factors: {factors}.",
        "buffer": f"Four of five stay within: {buffer}.",
        "phases": f"Break sessions above {PHASES_ABOVE_TOKENS:,} tokens into phases."
        if size is None
        else f"Sessions of up to {size.recommended.to_hours:.1f} hours are estimated best.",
    }


def _share(value: float) -> float:
    return round(value, 3)
