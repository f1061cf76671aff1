"""Past work that is like the work ahead: what it was estimated at, and what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .work import PHASE, SESSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .cases import Case
    from .work import Work

_MOST = 3
# What likeness counts: of type, project, libraries, length, and that there was an estimate to compare with.
_TYPE, _PROJECT, _LIBRARY, _ESTIMATED = 2.0, 1.0, 1.5, 1.0
_LEAST = 1.5


def similar(works: Sequence[Work], cases: Iterable[Case], most: int = _MOST) -> list[Case]:
    """Return the past sessions and phases most like the works, the likest first; of each session the likest."""
    known = list(cases)
    shares = _shares(known)
    best: dict[str, tuple[float, float, Case]] = {}
    for case in known:
        if case.work.kind not in (PHASE, SESSION):
            continue
        ranked = (max((_likeness(work, case, shares) for work in works), default=0.0), case.at, case)
        before = best.get(case.session_id)
        if ranked[0] >= _LEAST and (before is None or ranked[:2] > before[:2]):
            best[case.session_id] = ranked
    found = sorted(best.values(), key=lambda each: each[:2], reverse=True)
    return [case for _, _, case in found[:most]]


def view_of(case: Case) -> dict[str, Any]:
    """Return what is shown of a past case."""
    estimated = case.estimated_tokens
    return {
        "session": case.session_id,
        "kind": case.work.kind,
        "name": case.work.name or None,
        "type": case.work.task_type or None,
        "project": case.work.project or None,
        "at": case.at,
        "hours": case.hours,
        "estimated_tokens": None if estimated is None else round(estimated),
        "actual_tokens": round(case.tokens),
        "variance_pct": None if not estimated else 100.0 * (case.tokens - estimated) / estimated,
    }


def _shares(cases: Iterable[Case]) -> dict[str, dict[str, float]]:
    """Return which share of each session's hours was work of each type: a session itself has none."""
    hours: dict[str, dict[str, float]] = {}
    for case in cases:
        if case.work.kind != SESSION and case.work.task_type:
            own = hours.setdefault(case.session_id, {})
            own[case.work.task_type] = own.get(case.work.task_type, 0.0) + (case.hours or 0.0)
    return {
        session_id: {kind: each / total for kind, each in own.items()}
        for session_id, own in hours.items()
        if (total := sum(own.values())) > 0
    }


def _likeness(work: Work, case: Case, shares: dict[str, dict[str, float]]) -> float:
    past = case.work
    is_same = float(bool(work.task_type) and work.task_type == past.task_type)
    score = _TYPE * (is_same if past.task_type else shares.get(case.session_id, {}).get(work.task_type, 0.0))
    score += _PROJECT * (bool(work.project) and work.project == past.project)
    score += _LIBRARY * len(set(work.libraries) & set(past.libraries))
    score += _ESTIMATED * (case.estimated_tokens is not None)
    if work.hours and case.hours:
        score += min(work.hours, case.hours) / max(work.hours, case.hours)
    return score
