"""The context window of a session: what is used, how fast it grows, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import levels, message
from watchkeeper.core.context import OFF
from watchkeeper.core.quota import UNKNOWN
from watchkeeper.core.records import MAIN

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.core.context import Context


def context_view(app: App, session_id: str, row: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return how full a session's context is; `row` is what the ledger knows of the session."""
    level = levels.level_of(context.used_pct, app.settings["context"]["levels"])
    thresholds = [float(pct) for pct in app.settings["context"]["alerts"]]
    next_alert = levels.next_threshold(context.used_pct, thresholds)
    used, usable = context.used_tokens, context.usable_tokens
    remaining = None if used is None or usable is None else max(0, usable - used)
    per_hour = _growth_tokens_per_hour(app, session_id, row, context)
    return {
        "model": context.model or None,
        "used_tokens": used,
        "pending_tokens": None if used is None else context.pending_tokens,
        "limit_tokens": usable,
        "window_tokens": context.window_tokens,
        "remaining_tokens": remaining,
        "used_pct": context.used_pct,
        "level": level,
        "advice": app.settings["advice"]["context"].get(level),
        "source": context.source,
        "age_s": None if context.source == UNKNOWN else max(0.0, app.now - context.at),
        "hours_left": remaining / per_hour if remaining is not None and per_hour else None,
        "compacted_at": context.compacted_at or None,
        "auto_compaction": _auto_compaction(context, remaining),
        "next_alert_pct": next_alert,
        "next_alert_tokens": _tokens_until(used, usable, next_alert),
    }


def _auto_compaction(context: Context, remaining: int | None) -> dict[str, Any] | None:
    """Return when the client compacts by itself, and how that is known; None without a window."""
    if context.usable_tokens is None:
        return None
    is_off = context.compaction == OFF
    return {
        "at_tokens": None if is_off else context.usable_tokens,
        "after_tokens": None if is_off else remaining,
        "source": context.compaction,
    }


def _tokens_until(used: int | None, usable: int | None, threshold_pct: float | None) -> int | None:
    if used is None or usable is None or threshold_pct is None:
        return None
    return max(0, round(threshold_pct * usable / 100.0) - used)


def _growth_tokens_per_hour(app: App, session_id: str, row: dict[str, Any], context: Context) -> float | None:
    if context.used_tokens is None or context.at <= 0:
        return None
    since_at = max(context.compacted_at, row.get("started_at") or 0.0)
    first = app.ledger.usage.execute(
        "SELECT at, input_tokens + cache_creation_input_tokens + cache_read_input_tokens FROM responses"
        " WHERE at >= ? AND session_id = ? AND rank = ? ORDER BY at LIMIT 1",
        (since_at, session_id, MAIN),
    ).fetchone()
    if first is None or context.at - first[0] < message.PACE_AFTER_S or context.used_tokens <= first[1]:
        return None
    growth: float = context.used_tokens - first[1]
    hours: float = (context.at - first[0]) / 3600.0
    return growth / hours
