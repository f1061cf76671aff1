"""Tests of context/reserve.py."""

from __future__ import annotations

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import SESSION, Hooks, response
from watchkeeper.context import reserve
from watchkeeper.core import state, usage
from watchkeeper.core.autocompact import Control
from watchkeeper.core.context import read_context
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.records import Compaction

WINDOW = 200_000


def compacted(hooks: Hooks, sizes: list[int], trigger: str = "auto") -> None:
    """A session of a model with a window of 200,000 tokens that was compacted at each of these sizes, oldest first."""
    hooks.used(response("m1", NOON, 5, input_tokens=15_500))
    with hooks.ledger() as ledger:
        with Transaction(ledger.state) as db:
            state.save_model_window(db, "claude-sonnet-5-5", WINDOW, NOON)
        with Transaction(ledger.usage) as db:
            usage.merge_facts(
                db, [Compaction(SESSION, NOON - 99 + at, trigger, size, 1) for at, size in enumerate(sizes)]
            )


@pytest.mark.parametrize(
    ("sizes", "trigger", "learned"),
    [
        pytest.param([155_000, 155_400, 154_800], "auto", 45_000, id="three by itself"),
        pytest.param([155_000] * 9 + [198_000] * 3, "auto", 2_000, id="the latest five"),
        pytest.param([155_000, 155_000], "auto", None, id="too few"),
        pytest.param([155_000] * 3, "manual", None, id="by hand"),
        pytest.param([60_000] * 3, "auto", None, id="set low by the user"),
    ],
)
def test_the_reserve_is_learned_from_the_clients_own_compactions(
    home: User, sizes: list[int], trigger: str, learned: int | None
) -> None:
    """What was free of the window at the client's latest own compactions counts as not usable from then on."""
    hooks = Hooks(home)
    compacted(hooks, sizes, trigger)

    with hooks.ledger() as ledger:
        found = reserve.learn(ledger)
        context = read_context(ledger, hooks.settings, SESSION, NOON)

    assert ({} if learned is None else {WINDOW: learned}) == found
    assert (WINDOW - (learned or 33_000), "assumed" if learned is None else "learned") == (
        context.usable_tokens,
        context.compaction,
    )


def test_windows_of_other_sizes_are_not_touched(home: User) -> None:
    """What was learned of a window says nothing of a larger one."""
    hooks = Hooks(home)
    compacted(hooks, [155_000] * 3)

    with hooks.ledger() as ledger:
        reserve.learn(ledger)
        with Transaction(ledger.state) as db:
            state.save_model_window(db, "claude-sonnet-5-5", 1_000_000, NOON)

        assert 967_000 == read_context(ledger, hooks.settings, SESSION, NOON).usable_tokens


def test_what_the_user_decides_teaches_nothing(home: User) -> None:
    """While the user says where the client compacts, that counts, and nothing is learned from it."""
    hooks = Hooks(home)
    control = Control(pct=90.0, window_tokens=1_000_000)
    compacted(hooks, [163_000] * 5)

    with hooks.ledger() as ledger:
        assert {} == reserve.learn(ledger, control)
        context = read_context(ledger, hooks.settings, SESSION, NOON, control)

    assert (162_000, "told") == (context.usable_tokens, context.compaction)


def test_a_compaction_that_is_switched_off(home: User) -> None:
    """Where the client compacts never, the usual room stays free, and that it is off is told."""
    hooks = Hooks(home)
    compacted(hooks, [])

    with hooks.ledger() as ledger:
        context = read_context(ledger, hooks.settings, SESSION, NOON, Control(is_on=False, pct=50.0))

    assert (167_000, "off") == (context.usable_tokens, context.compaction)
