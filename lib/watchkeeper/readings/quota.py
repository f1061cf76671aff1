"""The five-hour and weekly limits: what is used, at which pace, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import levels, message, usage
from watchkeeper.core.account import API
from watchkeeper.core.quota import ESTIMATED, MEASURED, REPORTED, UNKNOWN, measured_tokens
from watchkeeper.core.settings import quota_thresholds_pct

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.core.quota import Quota, Weekly, Window

# What a tool call takes on average where this window has too few to say.
_TOKENS_PER_CALL = 1_500
_FEWEST_CALLS = 5


def quota_view(app: App, quota: Quota, weekly: Weekly) -> dict[str, Any]:
    """Return the limits of an account with pace, what is left and the next alert."""
    db, now, window = app.ledger.usage, app.now, quota.window
    used_tokens = measured_tokens(db, app.settings, quota.account, window, now)
    elapsed_s = None if window.started_at is None else max(0.0, now - window.started_at)
    has_pace = elapsed_s is not None and elapsed_s >= message.PACE_AFTER_S
    remaining = _remaining_tokens(quota, used_tokens)
    next_alert = levels.next_threshold(quota.used_pct, quota_thresholds_pct(app.settings))
    level = levels.level_of(quota.used_pct, app.settings["quota"]["levels"])
    is_known = quota.source != UNKNOWN
    return {
        "plan": app.settings["quota"]["plan"] or None,
        "account": quota.account or None,
        "used_pct": quota.used_pct,
        "used_tokens": used_tokens,
        "counted": list(app.settings["quota"]["counted"]),
        "limit_tokens": quota.limit_tokens or None,
        "remaining_pct": None if quota.used_pct is None else max(0.0, 100.0 - quota.used_pct),
        "remaining_tokens": remaining,
        "source": quota.source,
        "age_s": max(0.0, now - quota.at) if is_known else None,
        "about_pct": quota.about_pct,
        "estimated": quota.source == ESTIMATED,
        "learned": _learned(app, quota.account),
        "overage": quota.overage,
        "level": level,
        "advice": app.settings["advice"]["quota"].get(level),
        "why_unknown": None if is_known else _why_unknown(app, quota),
        "burn_tokens_per_min": used_tokens / (elapsed_s / 60.0) if has_pace and elapsed_s else None,
        "runway_min": message.runway_min(quota, now),
        "tool_calls_left": _tool_calls_left(app, quota, remaining),
        "next_alert_pct": next_alert,
        "next_alert_tokens": _tokens_until(quota, used_tokens, next_alert),
        "window": _window_view(quota, window, elapsed_s, now),
        "weekly": {
            "used_pct": weekly.used_pct,
            "resets_at": weekly.resets_at,
            "source": weekly.source,
            "age_s": None if weekly.used_pct is None else max(0.0, now - weekly.at),
        },
    }


def _window_view(quota: Quota, window: Window, elapsed_s: float | None, now: float) -> dict[str, Any]:
    return {
        "started_at": window.started_at,
        "resets_at": window.resets_at,
        "source": window.source,
        "age_s": max(0.0, now - quota.at) if window.source == REPORTED else None,
        "elapsed_s": elapsed_s,
        "remaining_s": None if window.resets_at is None else max(0.0, window.resets_at - now),
        "elapsed_pct": None if elapsed_s is None else min(100.0, 100.0 * elapsed_s / usage.WINDOW_S),
    }


def _learned(app: App, account: str) -> dict[str, Any] | None:
    """Return the fit of what was learned of this account: from how many increments, and how far off it typically is."""
    row = app.ledger.state.execute(
        "SELECT increments, spread FROM learned WHERE account = ? AND model = ''", (account,)
    ).fetchone()
    return None if row is None else {"increments": row[0], "spread_pct": 100.0 * row[1]}


def _remaining_tokens(quota: Quota, used_tokens: int) -> int | None:
    if not quota.limit_tokens or quota.used_pct is None:
        return None
    if quota.source == MEASURED:
        return max(0, quota.limit_tokens - used_tokens)
    return max(0, round(quota.limit_tokens * (100.0 - quota.used_pct) / 100.0))


def _tokens_until(quota: Quota, used_tokens: int, threshold_pct: float | None) -> int | None:
    if threshold_pct is None or quota.used_pct is None:
        return None
    if quota.limit_tokens:
        return max(0, round((threshold_pct - quota.used_pct) * quota.limit_tokens / 100.0))
    if quota.used_pct >= 1 and used_tokens:
        # What one percent took so far, at the current mix of models.
        return max(0, round((threshold_pct - quota.used_pct) * used_tokens / quota.used_pct))
    return None


def _tool_calls_left(app: App, quota: Quota, remaining_tokens: int | None) -> int | None:
    if quota.used_pct is None or quota.window.started_at is None:
        return None
    calls = usage.tool_calls_between(app.ledger.usage, quota.window.started_at, app.now + 1.0)
    if calls >= _FEWEST_CALLS and quota.used_pct > 0:
        return int(max(0.0, 100.0 - quota.used_pct) * calls / quota.used_pct)
    return None if remaining_tokens is None else int(remaining_tokens / _TOKENS_PER_CALL)


def _why_unknown(app: App, quota: Quota) -> str:
    if quota.account == API:
        return "This session pays by the token (API key or cloud provider): there is no five-hour window."
    cause = (
        "Claude Code reports it after the first response of a session."
        if app.ledger.state.execute("SELECT 1 FROM snapshots LIMIT 1").fetchone()
        else "The status line, which is told it, has not run yet; in the VS Code panel it never does."
    )
    if app.settings["quota"]["plan"]:
        return cause
    return f"{cause} `watchkeeper config set quota.plan pro` measures against a plan."
