"""What the five-hour windows and the week will have left for planned sessions, with the source of every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import usage
from watchkeeper.core.account import API
from watchkeeper.core.quota import ESTIMATED, MEASURED, REPORTED, UNKNOWN
from watchkeeper.quota.budget import reserve_tokens

if TYPE_CHECKING:
    from watchkeeper.app import App

WINDOW_S = usage.WINDOW_S
WEEK_S = 7 * 86_400.0
# A reset is told to the minute and may be late: what waits for it starts this much after it.
AFTER_RESET_S = 300.0
# Below this share a reported whole percent says too little of how many tokens make a hundred of them.
_LEAST_TELLING_PCT = 5.0


class Week(NamedTuple):
    """The weekly limit. Tokens are None where it is not known how many make it up."""

    left_tokens: int | None = None
    """What planned sessions may still use before the reset."""
    usable_tokens: int | None = None
    """What they may use of a whole week."""
    used_pct: float | None = None
    resets_at: float | None = None
    source: str = UNKNOWN


class Forecast(NamedTuple):
    """The five-hour window and the week, as planning sees them. None is not known."""

    left_tokens: int | None = None
    """What is left of the open window, the emergency reserve included; of a whole one where none is open."""
    limit_tokens: int | None = None
    """What a whole window has."""
    resets_at: float | None = None
    """When the open window resets, epoch seconds; None where none is open: the next response opens one."""
    source: str = UNKNOWN
    """Where `left_tokens` comes from: reported, measured, estimated, unknown."""
    limit_source: str = UNKNOWN
    """Where `limit_tokens` comes from: plan, estimated, unknown."""
    age_s: float | None = None
    burn_tokens_per_min: float | None = None
    reserve_tokens: int = 0
    """What is kept of each window for saving the work."""
    week: Week = Week()
    is_metered: bool = True
    """False where sessions are paid by the token: there is no window then."""

    @property
    def usable_tokens(self) -> int | None:
        """What sessions may use of a whole window."""
        return None if self.limit_tokens is None else max(0, self.limit_tokens - self.reserve_tokens)

    @property
    def usable_now_tokens(self) -> int | None:
        """What a session that starts now may use."""
        return None if self.left_tokens is None else max(0, self.left_tokens - self.reserve_tokens)

    def at(self, now: float) -> Forecast:
        """Return the forecast as it is at `now`: a window whose reset is over has made room for a whole one."""
        seen = self
        if seen.resets_at is not None and seen.resets_at <= now:
            known = seen.limit_tokens is not None
            source = seen.limit_source if known else UNKNOWN
            seen = seen._replace(left_tokens=seen.limit_tokens, resets_at=None, source=source, age_s=None)
        week = seen.week
        if week.resets_at is not None and week.resets_at <= now:
            # How much of the new week was used elsewhere is not known.
            seen = seen._replace(week=Week())
        return seen


def read_forecast(app: App) -> Forecast:
    """Return the forecast for the account that the calling session, or the newest one here, runs on."""
    from watchkeeper.readings.status import quota_status

    quota = quota_status(app)["quota"]
    pct_per_token = _learned_pct_per_token(app, str(quota["account"] or ""))
    week_tokens = _week_tokens(app, quota)
    return forecast_of(quota, app.settings, pct_per_token, week_tokens).at(app.now)


def forecast_of(
    quota: dict[str, Any], settings: dict[str, dict[str, Any]], pct_per_token: float | None, week_tokens: int | None
) -> Forecast:
    """Return the forecast that a view of the quota gives.

    `pct_per_token` is what was learned of the five-hour limit, `week_tokens` what was measured of the open week.
    """
    if quota["account"] == API:
        return Forecast(is_metered=False)
    limit_tokens, limit_source = _limit(quota, pct_per_token)
    used_pct = quota["used_pct"] if quota["about_pct"] is None else quota["about_pct"]
    source = quota["source"] if quota["about_pct"] is None else ESTIMATED
    left_tokens: int | None = None
    if used_pct is not None and used_pct >= 100:
        left_tokens = 0
    elif quota["source"] == MEASURED and limit_source == "plan":
        left_tokens = quota["remaining_tokens"]
    elif used_pct is not None and limit_tokens is not None:
        left_tokens = round(limit_tokens * (100.0 - used_pct) / 100.0)
        source = ESTIMATED if limit_source == ESTIMATED else source
    return Forecast(
        left_tokens=left_tokens,
        limit_tokens=limit_tokens,
        resets_at=quota["window"]["resets_at"],
        source=UNKNOWN if left_tokens is None else source,
        limit_source=limit_source,
        age_s=None if left_tokens is None else quota["age_s"],
        burn_tokens_per_min=quota["burn_tokens_per_min"],
        reserve_tokens=reserve_tokens(settings, limit_tokens),
        week=_week(quota["weekly"], week_tokens, float(settings["planner"]["weekly_use_pct"])),
    )


def _limit(quota: dict[str, Any], pct_per_token: float | None) -> tuple[int | None, str]:
    if quota["limit_tokens"]:
        return int(quota["limit_tokens"]), "plan"
    if pct_per_token:
        return round(100.0 / pct_per_token), ESTIMATED
    used_pct = quota["used_pct"]
    if quota["source"] == REPORTED and used_pct >= _LEAST_TELLING_PCT and quota["used_tokens"]:
        return round(100.0 * quota["used_tokens"] / used_pct), ESTIMATED
    return None, UNKNOWN


def _week(weekly: dict[str, Any], tokens: int | None, use_pct: float) -> Week:
    used_pct, resets_at = weekly["used_pct"], weekly["resets_at"]
    if used_pct is None or resets_at is None:
        return Week()
    left_tokens = usable_tokens = None
    if tokens and used_pct >= _LEAST_TELLING_PCT:
        limit_tokens = 100.0 * tokens / used_pct
        usable_tokens = round(limit_tokens * use_pct / 100.0)
        left_tokens = max(0, round(limit_tokens * (use_pct - used_pct) / 100.0))
    elif used_pct >= use_pct:
        left_tokens = 0
    return Week(left_tokens, usable_tokens, used_pct, resets_at, ESTIMATED if tokens else REPORTED)


def _learned_pct_per_token(app: App, account: str) -> float | None:
    from watchkeeper.core import state

    return state.learned_pct_per_token(app.ledger.state, account).get("")


def _week_tokens(app: App, quota: dict[str, Any]) -> int | None:
    """What was measured since the open week began; work on other machines makes the week look smaller than it is."""
    resets_at = quota["weekly"]["resets_at"]
    if resets_at is None:
        return None
    counted = app.settings["quota"]["counted"]
    account = str(quota["account"] or "")
    return usage.counted_tokens(app.ledger.usage, counted, account, resets_at - WEEK_S, app.now + 1.0)
