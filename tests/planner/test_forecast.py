"""The forecast takes every figure from where it is known, and knows nothing where nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.scene import Scene
from tests.planner.plans import NOW, forecast
from watchkeeper.core.settings import DEFAULTS
from watchkeeper.planner.forecast import Forecast, Week, forecast_of, read_forecast

WEEK_S = 7 * 86_400.0


def quota(**known: Any) -> dict[str, Any]:
    """A view of the quota: 42 % reported of a Pro window."""
    view: dict[str, Any] = {
        "account": "a",
        "used_pct": 42.0,
        "about_pct": None,
        "used_tokens": 80_000,
        "remaining_tokens": 116_000,
        "limit_tokens": 200_000,
        "source": "reported",
        "age_s": 60.0,
        "burn_tokens_per_min": 630.0,
        "window": {"resets_at": NOW + 9_900},
        "weekly": {"used_pct": None, "resets_at": None},
    }
    return view | known


def made(view: dict[str, Any], pct_per_token: float | None = None, week_tokens: int | None = None) -> Forecast:
    return forecast_of(view, DEFAULTS, pct_per_token, week_tokens)


def test_a_reported_share_of_a_known_plan() -> None:
    """What is left is the plan's limit less the reported share; the reserve of 10,000 is not for planned sessions."""
    found = made(quota())

    assert (116_000, 106_000, 190_000) == (found.left_tokens, found.usable_now_tokens, found.usable_tokens)
    assert ("reported", "plan", 60.0) == (found.source, found.limit_source, found.age_s)


@pytest.mark.parametrize(
    ("view", "pct_per_token", "left", "limit", "sources"),
    [
        pytest.param(
            quota(source="measured", used_pct=45.0, remaining_tokens=110_001), None, 110_001, 200_000,
            ("measured", "plan"), id="measured against the plan, to the token",
        ),
        pytest.param(
            quota(about_pct=50.0), None, 100_000, 200_000, ("estimated", "plan"), id="measured on after the report"
        ),
        pytest.param(
            quota(limit_tokens=None), 0.0005, 116_000, 200_000, ("estimated", "estimated"), id="no plan, but learned"
        ),
        pytest.param(
            quota(limit_tokens=None, used_pct=40.0), None, 120_000, 200_000, ("estimated", "estimated"),
            id="no plan: what one percent took so far",
        ),
        pytest.param(
            quota(limit_tokens=None, used_pct=4.0, used_tokens=8_000), None, None, None, ("unknown", "unknown"),
            id="too small a share to tell",
        ),
        pytest.param(
            quota(limit_tokens=None, used_pct=100.0, used_tokens=0), None, 0, None, ("reported", "unknown"),
            id="used up, however many tokens that is",
        ),
        pytest.param(
            quota(limit_tokens=None, used_pct=None, source="unknown"), None, None, None, ("unknown", "unknown"),
            id="nothing known",
        ),
        pytest.param(
            quota(used_pct=None, source="unknown"), None, None, 200_000, ("unknown", "plan"), id="only the plan known"
        ),
    ],
)  # fmt: skip
def test_where_the_figures_come_from(
    view: dict[str, Any], pct_per_token: float | None, left: int | None, limit: int | None, sources: tuple[str, str]
) -> None:
    """The best source there is, and none where there is none: unknown is neither nothing nor everything."""
    found = made(view, pct_per_token)

    assert (left, limit, *sources) == (found.left_tokens, found.limit_tokens, found.source, found.limit_source)


def test_sessions_paid_by_the_token_have_no_window() -> None:
    """On an API key nothing is left or used up."""
    found = made(quota(account="api", used_pct=None, source="unknown"))

    assert not found.is_metered
    assert found.usable_now_tokens is None


@pytest.mark.parametrize(
    ("used_pct", "tokens", "expected"),
    [
        pytest.param(80.0, 1_600_000, Week(300_000, 1_900_000, 80.0, NOW + 10, "estimated"), id="up to 95 % of it"),
        pytest.param(97.0, 1_940_000, Week(0, 1_900_000, 97.0, NOW + 10, "estimated"), id="more than that is used"),
        pytest.param(97.0, 0, Week(0, None, 97.0, NOW + 10, "reported"), id="tokens unknown, but used up"),
        pytest.param(80.0, 0, Week(None, None, 80.0, NOW + 10, "reported"), id="tokens unknown"),
        pytest.param(2.0, 50_000, Week(None, None, 2.0, NOW + 10, "estimated"), id="too small a share to tell"),
    ],
)
def test_the_week(used_pct: float, tokens: int, expected: Week) -> None:
    """What a week has left for plans follows from its reported share and the tokens measured in it."""
    weekly = {"used_pct": used_pct, "resets_at": NOW + 10}

    assert expected == made(quota(weekly=weekly), week_tokens=tokens).week


def test_a_reset_that_is_over_made_room() -> None:
    """After the reset the window is whole again, and what the new week has used is not known."""
    seen = forecast(5_000, week=Week(1_000, 9_000, 80.0, NOW + 100, "estimated")).at(NOW + 9_901)

    assert (200_000, None, "plan", Week()) == (seen.left_tokens, seen.resets_at, seen.source, seen.week)
    assert forecast(5_000) == forecast(5_000).at(NOW)
    assert forecast(0, None).at(NOW + 9_901).left_tokens is None


def test_it_is_read_from_the_ledger(scene: Scene) -> None:
    """One call reads window and week; the week's tokens are those measured since it began."""
    scene.settings(quota={"plan": "pro"})
    scene.session()
    scene.snapshot()
    scene.response(100, tokens=(85_000, 0, 0, 0))
    scene.report(42.5, 165)
    scene.report(50.0, 600, weekly=True)
    app = scene.app()
    with app.ledger:
        found = read_forecast(app)

    assert (115_000, "reported", scene.now + 9_900) == (found.left_tokens, found.source, found.resets_at)
    assert (76_500, 161_500) == (found.week.left_tokens, found.week.usable_tokens)
