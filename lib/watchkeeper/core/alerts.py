"""Which alerts are due, and claiming each exactly once: per window for the user, per session for the model."""

from __future__ import annotations

from . import levels, state
from .ledger import Transaction
from .quota import FIVE_HOUR, MEASURED, REPORTED, SEVEN_DAY
from .settings import quota_thresholds_pct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NamedTuple

    from .context import Context
    from .ledger import Ledger
    from .quota import Quota, Weekly
else:
    from .named import NamedTuple

USER, MODEL = "user", "model"
CONTEXT, CONTEXT_SIZE, TIME_LEFT, RESET = "context", "context_size", "time_left", "reset"

_WEEK_S = 7 * 86400.0


class Alert(NamedTuple):
    """An alert that is due: `threshold` is the highest one passed, `passed` holds the lower ones too."""

    kind: str
    subject: str
    threshold: float
    passed: tuple[float, ...]
    since_at: float
    """It is told once at or after this moment."""


def due_alerts(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    latch: str,
    session_id: str,
    quota: Quota,
    weekly: Weekly,
    context: Context,
    now: float,
) -> list[Alert]:
    """Return what has not been told to `latch` yet. To the model only what is from `levels.DANGER_PCT` on.

    An estimate never raises an alert.
    """
    candidates = _quota_candidates(settings, quota, weekly, now) + _context_candidates(settings, session_id, context)
    if latch == USER:
        reset = _reset_candidate(ledger, quota, now)
        candidates = [reset, *candidates] if reset else candidates
    due = []
    for alert in candidates:
        if latch == MODEL and alert.kind not in (CONTEXT_SIZE, TIME_LEFT) and alert.threshold < levels.DANGER_PCT:
            continue
        told = alert._replace(subject=session_id) if latch == MODEL else alert
        told_at = state.told_at(ledger.state, latch, told.subject, told.kind)
        if told_at.get(told.threshold, -1.0) < told.since_at:
            due.append(told)
    return due


def claim(ledger: Ledger, latch: str, due: Sequence[Alert], now: float) -> list[Alert]:
    """Return those of the due alerts that this process may tell; another one may have been faster."""
    if not due:
        return []
    with Transaction(ledger.state) as db:
        return [
            alert
            for alert in due
            if state.claim_told(db, latch, alert.subject, alert.kind, alert.passed, alert.since_at, now)
        ]


def _quota_candidates(settings: dict[str, dict[str, Any]], quota: Quota, weekly: Weekly, now: float) -> list[Alert]:
    candidates = []
    window = quota.window
    if quota.source in (REPORTED, MEASURED) and window.started_at is not None:
        candidates.append(
            _alert(FIVE_HOUR, quota.account, quota.used_pct, quota_thresholds_pct(settings), window.started_at)
        )
        if quota.used_pct is not None and quota.used_pct >= levels.DANGER_PCT and window.resets_at is not None:
            # The fewer minutes are left, the more it matters: as negative numbers the highest threshold speaks.
            minutes_left = (window.resets_at - now) / 60.0
            thresholds = [-float(minutes) for minutes in settings["quota"]["time_left_alerts_min"]]
            candidates.append(_alert(TIME_LEFT, quota.account, -minutes_left, thresholds, window.started_at))
    if weekly.used_pct is not None and weekly.resets_at is not None:
        thresholds = [float(pct) for pct in settings["quota"]["weekly_alerts"]]
        candidates.append(_alert(SEVEN_DAY, quota.account, weekly.used_pct, thresholds, weekly.resets_at - _WEEK_S))
    return [alert for alert in candidates if alert is not None]


def _context_candidates(settings: dict[str, dict[str, Any]], session_id: str, context: Context) -> list[Alert]:
    thresholds = [float(pct) for pct in settings["context"]["alerts"]]
    candidates = [_alert(CONTEXT, session_id, context.used_pct, thresholds, context.compacted_at)]
    size = float(settings["context"]["alert_tokens"])
    if size and context.used_tokens is not None:
        candidates.append(_alert(CONTEXT_SIZE, session_id, float(context.used_tokens), [size], context.compacted_at))
    return [alert for alert in candidates if alert is not None]


def _reset_candidate(ledger: Ledger, quota: Quota, now: float) -> Alert | None:
    # A reset is good news only to those who had been told that little was left.
    told = state.told_at(ledger.state, USER, quota.account, FIVE_HOUR)
    warned_at = max((at for threshold, at in told.items() if threshold >= levels.DANGER_PCT), default=None)
    report = state.latest_report(ledger.state, quota.account, FIVE_HOUR)
    if warned_at is None:
        return None
    ended_at = report.resets_at if report is not None and report.resets_at <= now else quota.window.started_at
    is_over = ended_at is not None and warned_at < ended_at <= now
    is_low = quota.used_pct is None or quota.used_pct < levels.DANGER_PCT
    return Alert(RESET, quota.account, 0.0, (0.0,), warned_at) if is_over and is_low else None


def _alert(kind: str, subject: str, value: float | None, thresholds: Sequence[float], since_at: float) -> Alert | None:
    passed = levels.passed(value, thresholds)
    return Alert(kind, subject, passed[-1], passed, since_at) if passed else None
