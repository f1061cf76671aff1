"""Tests of context/reserve.py."""

from __future__ import annotations

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import SESSION, Hooks, response
from watchkeeper.context import reserve
from watchkeeper.core import state, usage
from watchkeeper.core.context import read_context
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.records import Compaction


@pytest.mark.parametrize(
    ("sizes", "trigger", "learned"),
    [
        pytest.param([155_000, 155_400, 154_800], "auto", 45_000, id="three by itself"),
        pytest.param([155_000, 155_000], "auto", None, id="too few"),
        pytest.param([155_000] * 3, "manual", None, id="by hand"),
        pytest.param([60_000] * 3, "auto", None, id="set low by the user"),
    ],
)
def test_the_reserve_is_learned_from_the_clients_own_compactions(
    home: User, sizes: list[int], trigger: str, learned: int | None
) -> None:
    """What was free of the window when the client compacted by itself counts as not usable from then on."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON, 5, input_tokens=15_500))
    with hooks.ledger() as ledger:
        with Transaction(ledger.state) as db:
            state.save_model_window(db, "claude-sonnet-5-5", 200_000, NOON)
        with Transaction(ledger.usage) as db:
            usage.merge_facts(
                db, [Compaction(SESSION, NOON - 9 + at, trigger, size, 1) for at, size in enumerate(sizes)]
            )

        assert learned == reserve.learn(ledger)
        context = read_context(ledger, hooks.settings, SESSION, NOON)

    assert 200_000 - (learned or 33_000) == context.usable_tokens
