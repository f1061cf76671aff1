"""Tests of quota/learning.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, Hooks, report, response
from watchkeeper.core import state
from watchkeeper.quota import learning

RATES = {"opus": 0.0002, "haiku": 0.00002}


def increment(opus: int, haiku: int) -> learning.Increment:
    tokens = {"opus": opus, "haiku": haiku}
    return learning.Increment(sum(RATES[model] * count for model, count in tokens.items()), tokens)


def test_too_few_increments_teach_nothing() -> None:
    """Four steps, or steps of less than five percent in all, are no basis."""
    assert learning.fit([increment(10_000, 0)] * 4) is None
    assert learning.fit([learning.Increment(0.1, {"opus": 500})] * 20) is None


def test_models_are_told_apart() -> None:
    """When the mix of models varies, each model's share per token is found, with a small spread."""
    increments = [increment(*mix) for mix in ((20_000, 0), (0, 200_000), (10_000, 50_000), (30_000, 9_000)) * 10]

    found = learning.fit(increments)

    assert found is not None
    assert pytest.approx(RATES["opus"], rel=0.1) == found.pct_per_token["opus"]
    assert pytest.approx(RATES["haiku"], rel=0.35) == found.pct_per_token["haiku"]
    assert found.spread < 0.2


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0.1, 50)), min_size=5, max_size=40))
def test_no_share_is_negative(steps: list[tuple[int, int, float]]) -> None:
    """Whatever was reported, a token never gives quota back."""
    increments = [learning.Increment(pct, {"a": a, "b": b}) for a, b, pct in steps if a + b]
    found = learning.fit(increments)

    assert found is None or all(pct_per_token >= 0 for pct_per_token in found.pct_per_token.values())


def test_steps_between_reports_are_learned_from(home: User) -> None:
    """Reports that rise while tokens are used teach the account's share per token; falls and resets do not."""
    hooks = Hooks(home)
    for step in range(8):
        hooks.used(response(f"m{step}", NOON + step * 300 + 10, 10_000))
        hooks.report(report(2.0 * step, NOON + step * 300, NOON + 4 * HOUR))
    hooks.report(report(1.0, NOON + 5 * HOUR, NOON + 9 * HOUR))
    with hooks.ledger(NOON + HOUR) as ledger:
        learning.learn(ledger, hooks.settings, NOON + HOUR)
        learned = state.learned_pct_per_token(ledger.state, "")

    assert pytest.approx(0.0002) == learned[""]
    assert pytest.approx(0.0002) == learned["claude-sonnet-5-5"]
