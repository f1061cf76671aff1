"""Why a session starts when it does, and why one has no place, is told in words and figures."""

from __future__ import annotations

import math

import pytest

from tests.planner.plans import HOUR_S, NOW, forecast
from watchkeeper.planner.candidate import Candidate
from watchkeeper.planner.placing import Slot, rules_of
from watchkeeper.planner.reasons import why_not, why_then

UNTIL = NOW + 14 * 24 * HOUR_S
POLISH = Candidate("polish", "Polish", mid_tokens=65_000)


@pytest.mark.parametrize(
    ("cause", "left", "candidate", "expected"),
    [
        ("now", math.inf, POLISH, "right away"),
        ("previous", math.inf, POLISH, "after the one before"),
        ("appointment", math.inf, POLISH, "as scheduled"),
        ("hours", math.inf, POLISH, "when free hours begin"),
        ("window", 8_000.0, POLISH, "5 minutes after the reset: needs 65k, 8k left before"),
        ("week", 20_000.0, POLISH, "5 minutes after the weekly reset: needs 65k, 20k left before"),
        ("hours", 8_000.0, POLISH, "when free hours begin after the reset: needs 65k, 8k left before"),
        ("window", 8_000.0, POLISH._replace(mid_tokens=None), "5 minutes after the reset: gets a window to itself"),
        ("window", 8_000.0, None, "5 minutes after the reset"),
    ],
)
def test_why_then(cause: str, left: float, candidate: Candidate | None, expected: str) -> None:
    """What made it wait last, and where that was the quota what it needs and what was left."""
    assert expected == why_then(Slot(NOW, NOW + HOUR_S, NOW, math.inf, cause, left), candidate)


@pytest.mark.parametrize(
    ("code", "candidate", "longest_h", "expected"),
    [
        (
            "too_large", POLISH._replace(mid_tokens=300_000), 9,
            "needs 300,000 tokens, a whole window has 190,000 above the reserve: split it",
        ),
        (
            "no_hours", POLISH, 9,
            "takes longer than the longest free time, which is 9h: split it or widen the working hours",
        ),
        ("no_hours", POLISH, 0, "finds no free time at all: widen the working hours or shorten the quiet ones"),
        ("blocked", POLISH, 9, "waits for Setup, Tests, which the plan does not hold"),
        ("too_far", POLISH, 9, "finds no room within 14d"),
        (
            "too_far", POLISH._replace(at=UNTIL + 60), 9,
            "is scheduled for 2026-12-04 19:01, farther ahead than the plan looks",
        ),
    ],
)  # fmt: skip
def test_why_not(code: str, candidate: Candidate, longest_h: int, expected: str) -> None:
    """What keeps it out, and where something can be done about it what that is."""
    rules = rules_of(forecast(), [(NOW, NOW + longest_h * HOUR_S)], NOW, UNTIL)

    assert expected == why_not(code, candidate, rules, ["Setup", "Tests"])


def test_a_week_that_is_too_small() -> None:
    """A session that no week has room for is to be split too."""
    rules = rules_of(forecast(), [], NOW, UNTIL)._replace(week_usable_tokens=50_000)

    assert "needs 65,000 tokens, a week has 50,000 for planned sessions: split it" == why_not(
        "week_too_small", POLISH, rules, []
    )
