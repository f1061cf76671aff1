"""Small work is suggested where it fits what is left of the window and of the week."""

from __future__ import annotations

import pytest

from tests.planner.plans import NOW, WEEK_S, forecast
from watchkeeper.planner.candidate import NOTHING, START, Decision
from watchkeeper.planner.forecast import Forecast, Week
from watchkeeper.planner.proposal import Proposal, suggestions


def week(left_tokens: int | None) -> Week:
    return Week(left_tokens, 500_000, 90.0, NOW + WEEK_S / 2, "estimated")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(forecast(40_000), [False, False, False], id="all"),
        pytest.param(forecast(25_000), [True, False, False], id="by the reserve"),
        pytest.param(forecast(13_000), [True], id="the smallest"),
        pytest.param(forecast(5_000), [], id="none"),
        pytest.param(Forecast(), [False, False, False], id="unknown"),
        pytest.param(forecast(40_000, week=week(15_000)), [False, False], id="the week is short"),
        pytest.param(forecast(40_000, week=week(0)), [], id="the week is used up"),
        pytest.param(forecast(40_000, week=week(None)), [False, False, False], id="the week is unknown"),
    ],
)
def test_what_fits_is_suggested(seen: Forecast, expected: list[bool]) -> None:
    """Each with whether it uses the reserve, the largest first."""
    found = suggestions(Proposal(Decision(NOTHING, None, (), ""), {}, [], seen, None))

    assert expected == [each["uses_reserve"] for each in found]


def test_nothing_is_suggested_beside_a_session() -> None:
    """Where something that is queued can be started, small work is no matter."""
    assert [] == suggestions(Proposal(Decision(START, None, (), ""), {}, [], forecast(40_000), None))
