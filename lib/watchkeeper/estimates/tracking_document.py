"""The file of a compared session, `session-tracking/<session id>.json`: our figures, others' reasons and lessons."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from watchkeeper.core import whole_file
from watchkeeper.handoff import folder
from watchkeeper.render.text import one_line

from . import variance
from .tracked import DONE

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

    from .progress import Progress, Use
    from .tracked import Tracked, TrackedPhase

_MOST_BYTES = 1 << 20
# What a person or Claude may fill in, and what stands there from then on.
FILLED_IN = ("reason", "category", "preventable", "lesson")
CATEGORIES = ("debugging", "scope", "rework", "research", "tooling", "estimate", "other")


def folder_of(paths: Paths) -> str:
    """Return where the files of tracked sessions are kept."""
    return os.path.join(paths.config, "session-tracking")


def path_of(paths: Paths, session_id: str) -> str:
    """Return where the file of a session is kept; whatever the session is called, it stays in the folder."""
    return os.path.join(folder_of(paths), folder.safe_name(session_id) + ".json")


def read(path: str) -> dict[str, Any]:
    """Return what the file holds, empty where there is none that can be read."""
    try:
        with open(path, "rb") as file:
            known = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def document(made: Tracked, progress: Progress, known: dict[str, Any]) -> dict[str, Any]:
    """Return the content of the file; what was filled in by hand in `known`, the file so far, stays."""
    notes = _notes_of(known)
    phases = dict(zip(made.phases, progress.phases, strict=True))
    current = made.current
    return {
        "sessionId": made.session_id,
        "planFile": made.plan_path,
        "title": made.title,
        "startTime": _iso(made.started_at),
        "endTime": _iso(made.ended_at),
        "status": "completed" if made.state == DONE else "in_progress",
        "estimated": {
            "totalTokens": round(made.mid_tokens),
            "lowTokens": round(made.low_tokens),
            "highTokens": round(made.high_tokens),
            "coverage": round(made.coverage, 3),
            "totalHours": made.hours,
            "phases": {_key(phase): _estimated(phase) for phase in made.phases},
        },
        "actual": {
            "totalTokens": progress.use.tokens,
            "totalHours": round(progress.use.hours, 2),
            "currentPhase": _key(current) if current else None,
            "phases": {
                _key(phase): _actual(phase, use, notes.get(_key(phase)))
                for phase, use in phases.items()
                if phase.started_at is not None
            },
        },
        "burnRate": {
            "currentRate": _rounded(progress.recent_tokens_per_min),
            "averageRate": _rounded(progress.average_tokens_per_min),
            "projectedTotal": round(progress.projection.mid_tokens),
            "projectedLow": round(progress.projection.low_tokens),
            "projectedHigh": round(progress.projection.high_tokens),
        },
        "deviations": _deviations(phases, known),
    }


def filled_in(known: dict[str, Any], phase: int, **said: object) -> dict[str, Any]:
    """Return the file's content with what was said of a phase's deviation, recorded if it was not yet."""
    key = f"phase{phase}"
    deviations = [dict(each) for each in _list(known.get("deviations"))]
    own = next((each for each in deviations if each.get("phase") == key), None)
    if own is None:
        own = {"phase": key, **dict.fromkeys(FILLED_IN), "extraTokens": None}
        deviations.append(own)
    own.update({name: value for name, value in said.items() if value is not None})
    return {**known, "deviations": deviations}


def write(paths: Paths, session_id: str, content: dict[str, Any]) -> str:
    """Store the file and return its path."""
    path = path_of(paths, session_id)
    whole_file.write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def _deviations(phases: dict[TrackedPhase, Use], known: dict[str, Any]) -> list[dict[str, Any]]:
    said = {str(each.get("phase")): each for each in _list(known.get("deviations"))}
    found = []
    for phase, use in phases.items():
        own = said.pop(_key(phase), None)
        is_due = phase.ended_at is not None and use.tokens > 0 and variance.is_deviation(phase, use.tokens)
        if is_due or own is not None:
            made = variance.deviation(phase, use.tokens)
            found.append({**made, **{name: _said(own.get(name)) for name in FILLED_IN if own is not None}})
    # What somebody noted of phases that are not there any more is theirs.
    return [*found, *said.values()]


def _said(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value if isinstance(value, bool) else None


def _estimated(phase: TrackedPhase) -> dict[str, Any]:
    return {
        "name": phase.name,
        "type": phase.task_type,
        "tokens": round(phase.mid_tokens),
        "lowTokens": round(phase.low_tokens),
        "highTokens": round(phase.high_tokens),
        "hours": phase.hours,
    }


def _actual(phase: TrackedPhase, use: Use, notes: object) -> dict[str, Any]:
    is_over = phase.ended_at is not None
    made: dict[str, Any] = {
        "completed": is_over,
        "estimatedTokens": round(phase.mid_tokens),
        "actualTokens": use.tokens,
        "startTime": _iso(phase.started_at),
    }
    if is_over:
        off = variance.pct(use.tokens, phase.mid_tokens)
        made |= {
            "variance": round(use.tokens - phase.mid_tokens),
            "variancePercent": None if off is None else round(off, 1),
            "endTime": _iso(phase.ended_at),
            "actualHours": round(use.hours, 2),
        }
    else:
        made["progress"] = round(use.tokens / phase.mid_tokens, 2) if phase.mid_tokens else None
    if isinstance(notes, str):
        made["notes"] = notes
    return made


def _notes_of(known: dict[str, Any]) -> dict[str, object]:
    actual = known.get("actual")
    phases = actual.get("phases") if isinstance(actual, dict) else None
    if not isinstance(phases, dict):
        return {}
    return {key: each.get("notes") for key, each in phases.items() if isinstance(each, dict)}


def _list(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _key(phase: TrackedPhase) -> str:
    return f"phase{phase.number}"


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(int(at), timezone.utc).isoformat().replace("+00:00", "Z")


def _rounded(number: float | None) -> int | None:
    return None if number is None else round(number)
