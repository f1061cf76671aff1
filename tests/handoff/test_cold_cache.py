from __future__ import annotations

import pytest

from watchkeeper.handoff.cold_cache import cold_cache_line

COLD = {"prompt_cache_likely_expired": True, "context_tokens": 155_000, "estimated_cache_write_usd": 0.775}


@pytest.mark.parametrize(
    ("fresh_tokens", "handoff_characters", "expected"),
    [
        (20_000, 7_000, "A fresh one with its handoff takes about 22k (14% of that): /clear."),
        (20_000, None, "A fresh session takes about 20k (12% of that): /save-and-restart --draft."),
        (None, 7_000, "A fresh one with its handoff takes less: /clear."),
    ],
    ids=["with a handoff", "without", "unknown start"],
)
def test_the_costs_are_compared(fresh_tokens: int | None, handoff_characters: int | None, expected: str) -> None:
    """Going on is held against starting fresh, as far as either is known."""
    going_on = "this session's cache has gone cold: its next prompt writes 155k tokens (about $0.78)"

    assert f"Watchkeeper: {going_on}. {expected}" == cold_cache_line(COLD, fresh_tokens, handoff_characters)


@pytest.mark.parametrize("fresh_tokens", [160_000, 150_000, 125_000])
def test_a_start_that_costs_about_as_much_is_not_proposed(fresh_tokens: int) -> None:
    """Where a fresh session reads hardly less there is nothing to say."""
    assert "" == cold_cache_line(COLD, fresh_tokens, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt_cache_likely_expired": False},
        {"prompt_cache_likely_expired": "yes"},
        {"context_tokens": 16_355},
        {"context_tokens": None},
        {"context_tokens": True},
        {"context_tokens": -1},
        {"context_tokens": 1e300},
    ],
)
def test_warm_small_or_unknown_sessions_are_left_alone(changes: dict[str, object]) -> None:
    """No line without a cold cache of a size worth it."""
    assert "" == cold_cache_line({**COLD, **changes}, 20_000, None)


@pytest.mark.parametrize("usd", [None, "1", -1, float("nan"), True])
def test_prices_that_are_none_are_left_out(usd: object) -> None:
    """A price that cannot be one is not shown."""
    assert "$" not in cold_cache_line({**COLD, "estimated_cache_write_usd": usd}, 20_000, None)
