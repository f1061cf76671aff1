"""What `watchkeeper estimates` shows: how well work was estimated, session by session, and what was learned."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from . import accuracy, history, learned, model_file, prediction
from .estimate import estimate
from .interval import COVERAGE
from .library_knowledge import knowledge
from .work import PHASE, STRETCH, TASK_TYPES, Work

if TYPE_CHECKING:
    import sqlite3

    from watchkeeper.app import App

    from .accuracy import Accuracy, Checked
    from .learned import Learned

_MOST_SESSIONS, _MOST_LIBRARIES = 10, 8


def learned_view(app: App) -> dict[str, Any]:
    """Return what was learned. Tokens are counted ones; a share of cases is in percent, a variance too."""
    known = learned.read(app.ledger, app.settings, app.now)
    pieces, sessions = accuracy.pieces(known), accuracy.sessions(known)
    model = model_file.read(model_file.path_of(app.paths))
    return {
        "now_at": app.now,
        "counted": list(app.settings["quota"]["counted"]),
        "coverage": COVERAGE,
        "sessions_analyzed": len(sessions),
        "pieces_analyzed": len(pieces),
        "phases_tracked": sum(each.case.work.kind == PHASE for each in pieces),
        "estimated_before": sum(each.was_told for each in pieces),
        "accuracy": _accuracy(accuracy.accuracy_of(sessions)),
        "piece_accuracy": _accuracy(accuracy.accuracy_of(pieces)),
        "types": [_type(kind, known, pieces) for kind in TASK_TYPES],
        "sessions": [_session(each) for each in reversed(sessions[-_MOST_SESSIONS:])],
        "session_size": _session_size(known),
        "libraries": [
            {
                "library": each.library,
                "sessions": each.sessions,
                "integration_tokens": round(each.integration_tokens),
                "last_at": each.last_at,
            }
            for each in knowledge(known)[:_MOST_LIBRARIES]
        ],
        "classifier": classifier(app.ledger.usage),
        "unread_bytes": history.backlog_bytes(app.ledger, app.paths, app.now),
        "model": {
            "path": model_file.path_of(app.paths),
            "is_there": os.path.exists(model_file.path_of(app.paths)),
            "is_readable": model is not None,
        },
    }


def classifier(db: sqlite3.Connection) -> dict[str, Any]:
    """Return in how many stretches what was done and what was asked for speak for the same type."""
    cases, agree, sure = db.execute(
        "SELECT count(*), ifnull(sum(tools_say = words_say), 0), ifnull(sum(certainty >= 0.6), 0)"
        " FROM stretches WHERE words_say <> '' AND calls > 0"
    ).fetchone()
    return {
        "stretches": cases,
        "agreement_pct": 100.0 * agree / cases if cases else None,
        "sure_pct": 100.0 * sure / cases if cases else None,
    }


def _type(kind: str, known: Learned, pieces: list[Checked]) -> dict[str, Any]:
    found = estimate(Work(STRETCH, kind, 1.0), known)
    buffer = prediction.buffer_of(kind, known)
    return {
        "type": kind,
        "low_tokens_per_hour": found.low_tokens,
        "tokens_per_hour": found.mid_tokens,
        "high_tokens_per_hour": found.high_tokens,
        "confidence": found.confidence,
        "buffer_pct": buffer.pct,
        "buffer_cases": buffer.cases,
        "accuracy": _accuracy(accuracy.accuracy_of(each for each in pieces if each.case.work.task_type == kind)),
    }


def _accuracy(found: Accuracy | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "cases": found.cases,
        "estimated_before": found.told,
        "accuracy_pct": 100.0 * found.accuracy,
        "median_variance_pct": 100.0 * found.median_variance,
        "typical_factor": math.exp(found.median_log_error),
        "inside_pct": 100.0 * found.inside,
    }


def _session(each: Checked) -> dict[str, Any]:
    return {
        "session_id": each.case.session_id,
        "project": each.case.work.project or None,
        "ended_at": each.case.at,
        "hours": each.case.hours,
        "tokens": round(each.case.tokens),
        "expected_tokens": round(each.expected_tokens),
        "variance_pct": 100.0 * each.variance,
        "inside": each.is_inside,
        "estimated_before": each.was_told,
    }


def _session_size(known: Learned) -> dict[str, Any] | None:
    size = prediction.session_size(known)
    if size is None:
        return None
    return {**size.recommended._asdict(), "bands": [band._asdict() for band in size.bands]}
