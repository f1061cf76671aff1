"""The words of alerts: what happened, what is left, what to do next."""

from __future__ import annotations

from . import levels, words
from .alerts import CONTEXT, CONTEXT_SIZE, RESET, TIME_LEFT
from .quota import FIVE_HOUR, REPORTED, SEVEN_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .alerts import Alert
    from .context import Context
    from .quota import Quota, Weekly

MOST_MODEL_CHARACTERS = 240
# Below this age of a window its pace says nothing yet.
PACE_AFTER_S = 600.0


def runway_min(quota: Quota, now: float) -> float | None:
    """Return the minutes until the five-hour limit at the pace of this window, None while that cannot be told."""
    started_at = quota.window.started_at
    if started_at is None or not quota.used_pct or now - started_at < PACE_AFTER_S:
        return None
    pct_per_min = quota.used_pct / ((max(quota.at, started_at + 1) - started_at) / 60.0)
    return max(0.0, 100.0 - quota.used_pct) / pct_per_min


def for_user(
    due: Sequence[Alert],
    settings: dict[str, dict[str, Any]],
    quota: Quota,
    weekly: Weekly,
    context: Context,
    now: float,
) -> str:
    """Return one line for the user about the alerts that were claimed, empty if there are none."""
    sentences = [_user_sentence(alert, settings, quota, weekly, context, now) for alert in _without_repetition(due)]
    return "Watchkeeper: " + " ".join(sentences) if sentences else ""


def for_model(due: Sequence[Alert], quota: Quota, weekly: Weekly, context: Context, now: float) -> str:
    """Return one line for the model of at most `MOST_MODEL_CHARACTERS`, empty if there are no alerts."""
    line = " ".join(_model_sentence(alert, quota, weekly, context, now) for alert in _without_repetition(due))
    return line if len(line) <= MOST_MODEL_CHARACTERS else line[: MOST_MODEL_CHARACTERS - 1] + "…"


def is_urgent(alert: Alert) -> bool:
    """Return whether an alert is also worth a desktop notice."""
    return alert.kind in (RESET, TIME_LEFT) or (alert.kind != CONTEXT_SIZE and alert.threshold >= levels.DANGER_PCT)


def at_start(quota: Quota, now: float) -> str:
    """Return the line that greets a session which starts when the five-hour quota is already in danger."""
    return f"Watchkeeper: {_left(quota)} of the five-hour quota is left{_until_reset(quota, now)}. {_next_step(quota)}"


def _without_repetition(due: Sequence[Alert]) -> list[Alert]:
    # What is said of the quota in danger names the reset already.
    names_reset = any(alert.kind == FIVE_HOUR and alert.threshold >= levels.DANGER_PCT for alert in due)
    return [alert for alert in due if not (names_reset and alert.kind == TIME_LEFT)]


def _user_sentence(
    alert: Alert, settings: dict[str, dict[str, Any]], quota: Quota, weekly: Weekly, context: Context, now: float
) -> str:
    if alert.kind == RESET:
        return "The five-hour quota has reset: there is room again. /start-next-session picks up what waits."
    if alert.kind == TIME_LEFT:
        minutes = words.duration(max(0.0, (quota.window.resets_at or now) - now))
        return f"{minutes} until the five-hour window resets at {words.clock_time(quota.window.resets_at or now, now)}."
    if alert.kind == SEVEN_DAY:
        resets = f", resets {words.clock_time(weekly.resets_at, now)}" if weekly.resets_at else ""
        return f"{words.share(weekly.used_pct or 0.0)} of the weekly quota is used{resets}."
    if alert.kind == CONTEXT_SIZE:
        size = words.tokens(context.used_tokens or 0)
        return f"This session's context holds {size} tokens, read again at every turn. /compact-context frees some."
    if alert.kind == CONTEXT:
        advice = settings["advice"]["context"][levels.level_of(context.used_pct, settings["context"]["levels"])]
        return f"{words.share(context.used_pct or 0.0)} of this session's context is used. {advice}"
    used = f"{words.share(quota.used_pct or 0.0)} of the five-hour quota is used"
    if quota.overage:
        return f"{used}; extra usage is on, so work goes on and is billed.{_until_reset(quota, now, separate=True)}"
    if alert.threshold < levels.DANGER_PCT:
        return f"{used}{_until_reset(quota, now)}."
    runway = runway_min(quota, now)
    pace = f", about {words.duration(runway * 60.0)} at this pace" if runway is not None else ""
    return f"{used}; {_left(quota)} left{pace}{_until_reset(quota, now)}. {_next_step(quota)}"


def _model_sentence(alert: Alert, quota: Quota, weekly: Weekly, context: Context, now: float) -> str:
    if alert.kind == FIVE_HOUR:
        return (
            f"Watchkeeper: {words.share(quota.used_pct or 0.0)} of the user's five-hour quota is used"
            f"{_until_reset(quota, now)}. Finish the current step economically; "
            "before starting anything large, suggest /plan-next-session."
        )
    if alert.kind == SEVEN_DAY:
        return f"Watchkeeper: {words.share(weekly.used_pct or 0.0)} of the user's weekly quota is used; be economical."
    if alert.kind == TIME_LEFT:
        return f"Watchkeeper: little quota is left{_until_reset(quota, now)}; keep the work where it can stop."
    size = words.tokens(context.used_tokens or 0)
    share = f" ({words.share(context.used_pct)} of what is usable)" if context.used_pct is not None else ""
    return f"Watchkeeper: the context holds {size} tokens{share}. Prefer edits and short outputs over re-reading files."


def _until_reset(quota: Quota, now: float, separate: bool = False) -> str:
    resets_at = quota.window.resets_at
    if resets_at is None:
        return ""
    about = "" if quota.window.source == REPORTED else "about "
    text = f"resets {about}{words.clock_time(resets_at, now)} (in {words.duration(resets_at - now)})"
    return f" It {text}." if separate else f", {text}"


def _left(quota: Quota) -> str:
    return f"{100 - int(quota.used_pct or 0.0)}%"


def _next_step(quota: Quota) -> str:
    if (quota.used_pct or 0.0) >= 95.0:
        return "Save now: /save-and-restart."
    if (quota.used_pct or 0.0) >= 90.0:
        return "Wrap up this task, then /plan-next-session."
    return "Finish what is small, then /plan-next-session."
