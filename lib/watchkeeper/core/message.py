"""The words of alerts: what happened, what is left, what to do next."""

from __future__ import annotations

from . import levels, words
from .alerts import CONTEXT, CONTEXT_SIZE, RESET, TIME_LEFT, is_danger
from .quota import FIVE_HOUR, REPORTED, SEVEN_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .alerts import Alert, Reading
    from .quota import Quota

MOST_MODEL_CHARACTERS = 240
# Below this age of a window its pace says nothing yet.
PACE_AFTER_S = 600.0
# The first thresholds are one quiet line; from here on a level's recommendation goes with them.
_ADVICE_FROM_PCT = 50.0


def runway_min(quota: Quota, now: float) -> float | None:
    """Return the minutes until the five-hour limit at the pace of this window, None while that cannot be told."""
    started_at = quota.window.started_at
    if started_at is None or not quota.used_pct or now - started_at < PACE_AFTER_S:
        return None
    pct_per_min = quota.used_pct / ((max(quota.at, started_at + 1) - started_at) / 60.0)
    return max(0.0, 100.0 - quota.used_pct) / pct_per_min


def for_user(due: Sequence[Alert], settings: dict[str, dict[str, Any]], reading: Reading, now: float) -> str:
    """Return one line for the user about the alerts that were claimed, empty if there are none."""
    # What is said of the quota in danger names the reset already.
    names_reset = any(alert.kind == FIVE_HOUR and is_danger(alert, settings) for alert in due)
    told = [alert for alert in due if not (names_reset and alert.kind == TIME_LEFT)]
    sentences = [_user_sentence(alert, settings, reading, now) for alert in told]
    return "Watchkeeper: " + " ".join(sentences) if sentences else ""


def for_model(alert: Alert, reading: Reading, now: float) -> str:
    """Return one line for the model about an alert, of at most `MOST_MODEL_CHARACTERS`."""
    return "Watchkeeper: " + _model_sentence(alert, reading, now)


def at_start(quota: Quota, settings: dict[str, dict[str, Any]], now: float) -> str:
    """Return the line that greets a session which starts when the five-hour quota is already in danger."""
    return f"Watchkeeper: {_quota_sentence(quota, settings, now, is_in_danger=True)}"


def _user_sentence(alert: Alert, settings: dict[str, dict[str, Any]], reading: Reading, now: float) -> str:
    quota, weekly, context = reading.quota, reading.weekly, reading.context
    if alert.kind == RESET:
        return "The five-hour quota has reset: there is room again."
    if alert.kind == TIME_LEFT:
        resets_at = quota.window.resets_at or now
        left = words.duration(resets_at - now)
        return f"{left} until the five-hour window resets at {words.clock_time(resets_at, now)}."
    if alert.kind == SEVEN_DAY:
        resets = f", resets {words.clock_time(weekly.resets_at, now)}" if weekly.resets_at else ""
        return f"{words.share(weekly.used_pct or 0.0)} of the weekly quota is used{resets}."
    if alert.kind == CONTEXT_SIZE:
        size = words.tokens(context.used_tokens or 0)
        return f"This session's context holds {size} tokens, read again at every turn. /compact-context frees some."
    if alert.kind == CONTEXT:
        advice = settings["advice"]["context"][levels.level_of(context.used_pct, settings["context"]["levels"])]
        return f"{words.share(context.used_pct or 0.0)} of this session's context is used. {advice}"
    return _quota_sentence(quota, settings, now, is_danger(alert, settings))


def _quota_sentence(quota: Quota, settings: dict[str, dict[str, Any]], now: float, is_in_danger: bool) -> str:
    used_pct = quota.used_pct or 0.0
    used = f"{words.share(used_pct)} of the five-hour quota is used"
    if quota.overage:
        return f"{used}; extra usage is on, so work goes on and is billed{_until_reset(quota, now)}."
    advice = settings["advice"]["quota"][levels.level_of(used_pct, settings["quota"]["levels"])]
    if not is_in_danger:
        return f"{used}{_until_reset(quota, now)}." + (f" {advice}" if used_pct >= _ADVICE_FROM_PCT else "")
    return f"{used}; {100 - int(used_pct)}% left{_pace(quota, now)}{_until_reset(quota, now)}. {advice}"


def _model_sentence(alert: Alert, reading: Reading, now: float) -> str:
    quota, weekly, context = reading.quota, reading.weekly, reading.context
    if alert.kind == FIVE_HOUR:
        return (
            f"{words.share(quota.used_pct or 0.0)} of the user's five-hour quota is used{_until_reset(quota, now)}. "
            "Finish the current step economically; before starting anything large, suggest /plan-next-session."
        )
    if alert.kind == SEVEN_DAY:
        return f"{words.share(weekly.used_pct or 0.0)} of the user's weekly quota is used; be economical."
    size = words.tokens(context.used_tokens or 0)
    share = f" ({words.share(context.used_pct)} of what is usable)" if context.used_pct is not None else ""
    return f"the context holds {size} tokens{share}. Prefer edits and short outputs over reading files again."


def _pace(quota: Quota, now: float) -> str:
    runway = runway_min(quota, now)
    comes_first = quota.window.resets_at is not None and now + (runway or 0.0) * 60.0 >= quota.window.resets_at
    return "" if runway is None or comes_first else f", about {words.duration(runway * 60.0)} at this pace"


def _until_reset(quota: Quota, now: float) -> str:
    resets_at = quota.window.resets_at
    if resets_at is None:
        return ""
    about = "" if quota.window.source == REPORTED else "about "
    return f", resets {about}{words.clock_time(resets_at, now)} (in {words.duration(resets_at - now)})"
