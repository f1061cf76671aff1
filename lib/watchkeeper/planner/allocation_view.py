"""The plan of the queue as `watchkeeper queue plan` shows it."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

from watchkeeper.core import words

from .allocation import allocate
from .assessment import likelihood_pct
from .availability import of_settings
from .forecast import WINDOW_S, read_forecast
from .placing import hours_of
from .reasons import why_not, why_then

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.app import App

    from .allocation import Allocation, Deferral, Placement
    from .candidate import Candidate
    from .forecast import Forecast


def allocation_view(app: App, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Return the plan of the candidates under the settings and the quota there is."""
    planner = app.settings["planner"]
    available = of_settings(app.settings)
    plan = allocate(candidates, read_forecast(app), available, app.now, planner["look_ahead_days"])
    return {
        **view_of(plan),
        "hours": {
            "working": list(planner["working_hours"]),
            "quiet": list(planner["quiet_hours"]),
            "time_zone": planner["time_zone"] or None,
            "closed_now": available.why_closed(app.now) or None,
        },
    }


def view_of(plan: Allocation) -> dict[str, Any]:
    """Return the plan window by window; tokens that are not known are None."""
    candidates = [*(each.candidate for each in plan.placements), *(each.candidate for each in plan.deferrals)]
    names = {each.id: each.name for each in candidates}
    return {
        "now_at": plan.now,
        "until_at": plan.until_at,
        "look_ahead_days": round((plan.until_at - plan.now) / 86_400.0),
        "forecast": forecast_view(plan.forecast),
        "windows": [
            _window_view(plan, started_at, list(placed))
            for started_at, placed in groupby(plan.placements, key=lambda each: _window_start(each, plan))
        ],
        "deferred": [_deferral_view(plan, each, names) for each in plan.deferrals],
        "ends_at": plan.ends_at,
        "sessions": len(plan.placements),
        "exact": plan.is_exact,
    }


def forecast_view(forecast: Forecast) -> dict[str, Any]:
    """Return what the plan counts on; tokens are None where they are not known, and everywhere without a window."""
    week = forecast.week
    return {
        "metered": forecast.is_metered,
        "left_tokens": forecast.left_tokens,
        "usable_tokens": forecast.usable_now_tokens,
        "reserve_tokens": forecast.reserve_tokens,
        "source": forecast.source,
        "age_s": forecast.age_s,
        "resets_at": forecast.resets_at,
        "burn_tokens_per_min": forecast.burn_tokens_per_min,
        "window": {"usable_tokens": forecast.usable_tokens, "source": forecast.limit_source},
        "weekly": {
            "used_pct": week.used_pct,
            "left_tokens": week.left_tokens,
            "resets_at": week.resets_at,
            "source": week.source,
        },
    }


def _window_start(placed: Placement, plan: Allocation) -> float:
    return placed.slot.window_starts_at if plan.forecast.is_metered else plan.now


def _window_view(plan: Allocation, started_at: float, placed: list[Placement]) -> dict[str, Any]:
    first, last = placed[0], placed[-1]
    usable = _known(first.slot.left_tokens)
    needs = [_needs(each, plan) for each in placed]
    return {
        "starts_at": started_at,
        "resets_at": started_at + WINDOW_S if plan.forecast.is_metered else None,
        "is_open": plan.forecast.resets_at is not None and started_at < plan.now,
        "usable_tokens": usable,
        "planned_tokens": sum(each for each in needs if each is not None),
        "left_tokens": None if usable is None else max(0, round(last.slot.left_tokens) - (needs[-1] or 0)),
        "sessions": [_placement_view(each, need) for each, need in zip(placed, needs, strict=True)],
    }


def _placement_view(placed: Placement, needs: int | None) -> dict[str, Any]:
    candidate, slot = placed.candidate, placed.slot
    has = _known(slot.left_tokens)
    return {
        "id": candidate.id,
        "name": candidate.name,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "hours": hours_of(candidate),
        "hours_assumed": candidate.hours is None,
        "tokens": candidate.mid_tokens,
        "has_tokens": has,
        "buffer_tokens": None if has is None or needs is None else has - needs,
        "confidence_pct": None if has is None else likelihood_pct(candidate, has),
        "running": candidate.started_at is not None,
        "scheduled": candidate.at is not None,
        "reason": why_then(slot, candidate) if candidate.started_at is None else _still_to_come(needs),
    }


def _still_to_come(tokens: int | None) -> str:
    return f"is running, about {words.tokens(tokens)} still to come" if tokens else "is running"


def _deferral_view(plan: Allocation, deferral: Deferral, names: dict[str, str]) -> dict[str, Any]:
    candidate = deferral.candidate
    waits_for = [names.get(each, each) for each in deferral.waits_for]
    return {
        "id": candidate.id,
        "name": candidate.name,
        "tokens": candidate.mid_tokens,
        "code": deferral.code,
        "reason": why_not(deferral.code, candidate, plan.rules, waits_for),
    }


def _needs(placed: Placement, plan: Allocation) -> int | None:
    """What the plan counts for a session; the whole window for one without an estimate."""
    return (
        None if math.isinf(plan.rules.usable_tokens) and placed.candidate.mid_tokens is None else round(placed.tokens)
    )


def _known(tokens: float) -> int | None:
    return None if math.isinf(tokens) else round(tokens)
