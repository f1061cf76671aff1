"""Which alerts are due, and claiming each exactly once: per window for the user, per session for the model."""

from __future__ import annotations

from . import levels, state
from .ledger import Transaction
from .quota import FIVE_HOUR, MEASURED, REPORTED, SEVEN_DAY, SPAN_S
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

USER, MODEL, DESKTOP = "user", "model", "desktop"
CONTEXT, CONTEXT_SIZE, TIME_LEFT, RESET = "context", "context_size", "time_left", "reset"

# A figure that has fallen this far below a threshold makes it tellable again: it was corrected, or room was made.
_RE_ARM_PCT = 5.0


class Reading(NamedTuple):
    """How things stand for one session."""

    quota: Quota
    weekly: Weekly
    context: Context


class Alert(NamedTuple):
    """An alert that is due: `threshold` is the highest one passed, `passed` holds the lower ones too."""

    kind: str
    subject: str
    threshold: float
    passed: tuple[float, ...]
    since_at: float
    """It is told once at or after this moment."""
    value: float
    """The figure that passed the threshold."""


def due_alerts(
    ledger: Ledger, settings: dict[str, dict[str, Any]], latch: str, session_id: str, reading: Reading, now: float
) -> list[Alert]:
    """Return what has not been told to `latch` yet. To the model and the desktop only what is in danger.

    An estimate never raises an alert.
    """
    candidates = [
        *_quota_candidates(ledger, settings, reading, now),
        *_context_candidates(settings, session_id, reading.context),
    ]
    if latch == USER:
        reset = _reset_candidate(ledger, settings, reading.quota, now)
        candidates = [reset, *candidates] if reset else candidates
    due = []
    for candidate in candidates:
        if latch != USER and not is_danger(candidate, settings):
            continue
        if latch == MODEL and candidate.kind == TIME_LEFT:
            continue
        alert = candidate._replace(subject=session_id) if latch == MODEL else candidate
        told_at = state.told_at(ledger.state, latch, alert.subject, alert.kind, max(now, alert.since_at))
        if told_at.get(alert.threshold, -1.0) < alert.since_at:
            due.append(alert)
        elif alert.kind != TIME_LEFT and any(threshold > alert.value + _slack(alert) for threshold in told_at):
            with Transaction(ledger.state) as db:
                state.forget_told(db, latch, alert.subject, alert.kind, alert.value + _slack(alert))
    return due


def is_danger(alert: Alert, settings: dict[str, dict[str, Any]]) -> bool:
    """Return whether an alert is worth the model's and the desktop's attention."""
    if alert.kind in (FIVE_HOUR, SEVEN_DAY):
        return bool(alert.threshold >= settings["quota"]["levels"]["danger"])
    if alert.kind == CONTEXT:
        return bool(alert.threshold >= settings["context"]["levels"]["danger"])
    return alert.kind == TIME_LEFT


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


def _quota_candidates(ledger: Ledger, settings: dict[str, dict[str, Any]], reading: Reading, now: float) -> list[Alert]:
    candidates = []
    quota, weekly = reading.quota, reading.weekly
    window = quota.window
    if quota.source in (REPORTED, MEASURED) and window.started_at is not None:
        candidates.append(
            _alert(FIVE_HOUR, quota.account, quota.used_pct, quota_thresholds_pct(settings), window.started_at)
        )
        if window.resets_at is not None:
            # The fewer minutes are left, the more it matters: as negative numbers the highest threshold speaks.
            minutes_left = (window.resets_at - now) / 60.0
            thresholds = [-float(minutes) for minutes in settings["quota"]["time_left_alerts_min"]]
            time_left = _alert(TIME_LEFT, quota.account, -minutes_left, thresholds, window.started_at)
            is_low = quota.used_pct is not None and quota.used_pct >= settings["quota"]["levels"]["danger"]
            # Who has a session booked wants to know when it comes, however much is left.
            if time_left is not None and (is_low or state.is_booked(ledger.state)):
                candidates.append(time_left)
    if weekly.used_pct is not None and weekly.resets_at is not None:
        thresholds = [float(pct) for pct in settings["quota"]["weekly_alerts"]]
        candidates.append(
            _alert(SEVEN_DAY, quota.account, weekly.used_pct, thresholds, weekly.resets_at - SPAN_S[SEVEN_DAY])
        )
    return [alert for alert in candidates if alert is not None]


def _context_candidates(settings: dict[str, dict[str, Any]], session_id: str, context: Context) -> list[Alert]:
    thresholds = [float(pct) for pct in settings["context"]["alerts"]]
    candidates = [_alert(CONTEXT, session_id, context.used_pct, thresholds, context.compacted_at)]
    size = float(settings["context"]["alert_tokens"])
    if size and context.used_tokens is not None:
        candidates.append(_alert(CONTEXT_SIZE, session_id, float(context.used_tokens), [size], context.compacted_at))
    return [alert for alert in candidates if alert is not None]


def _reset_candidate(ledger: Ledger, settings: dict[str, dict[str, Any]], quota: Quota, now: float) -> Alert | None:
    danger_pct = settings["quota"]["levels"]["danger"]
    # A reset is good news only to those who had been told that little was left.
    told = state.told_at(ledger.state, USER, quota.account, FIVE_HOUR, now)
    warned_at = max((at for threshold, at in told.items() if threshold >= danger_pct), default=None)
    report = state.latest_report(ledger.state, quota.account, FIVE_HOUR, now)
    if warned_at is None:
        return None
    ended_at = report.resets_at if report is not None and report.resets_at <= now else quota.window.started_at
    is_over = ended_at is not None and warned_at < ended_at <= now
    is_low = quota.used_pct is None or quota.used_pct < danger_pct
    return Alert(RESET, quota.account, 0.0, (0.0,), warned_at, 0.0) if is_over and is_low else None


def _alert(kind: str, subject: str, value: float | None, thresholds: Sequence[float], since_at: float) -> Alert | None:
    passed = levels.passed(value, thresholds)
    return Alert(kind, subject, passed[-1], passed, since_at, value or 0.0) if passed else None


def _slack(alert: Alert) -> float:
    return alert.threshold / 10.0 if alert.kind == CONTEXT_SIZE else _RE_ARM_PCT
