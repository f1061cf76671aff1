"""Tests of core/context.py."""

from __future__ import annotations

from typing import Any

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import SESSION, Hooks, response
from watchkeeper.core import context
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.usage import save_tool_call


def read(hooks: Hooks, now: float = NOON) -> context.Context:
    with hooks.ledger(now) as ledger:
        return context.read_context(ledger, hooks.settings, SESSION, now)


def told(hooks: Hooks, now: float, tokens: int, size: int = 200_000) -> None:
    window: dict[str, Any] = {"total_input_tokens": tokens, "context_window_size": size, "current_usage": {}}
    hooks.status_line(now, model={"id": "claude-sonnet-5-5"}, context_window=window)


def test_the_status_line_is_exact(home: User) -> None:
    """What the status line told last is the context, as a share of the window less the reserve."""
    hooks = Hooks(home)
    told(hooks, NOON, 83_500)

    found = read(hooks)

    assert (83_500, 200_000, 167_000, 50.0, "reported") == (
        found.used_tokens,
        found.window_tokens,
        found.usable_tokens,
        found.used_pct,
        found.source,
    )


def test_a_later_response_is_measured(home: User) -> None:
    """A main-chain response after the last word of the status line is the newer figure; a sub-agent's says nothing."""
    hooks = Hooks(home)
    told(hooks, NOON, 50_000)
    hooks.used(
        response(
            "m1", NOON + 10, 500, input_tokens=10, cache_read_input_tokens=60_000, cache_creation_input_tokens=5_000
        ),
        response("m2", NOON + 20, 500, rank=1, agent_id="a", input_tokens=9_999),
    )

    found = read(hooks, NOON + 30)

    assert (65_010, "measured", NOON + 10) == (found.used_tokens, found.source, found.at)


def test_the_windows_size_is_the_clients_word(home: User) -> None:
    """Without a word of the client on a model's window its size is unknown, never a constant."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON, 5, input_tokens=1000))
    unknown = read(hooks)
    told(hooks, NOON - 60, 10, size=1_000_000)

    assert (1000, None, None) == (unknown.used_tokens, unknown.window_tokens, unknown.used_pct)
    assert 1_000_000 == read(hooks).window_tokens


def test_a_window_that_is_too_small_was_anothers(home: User) -> None:
    """A session that holds more than another session's window of the same model has a larger one."""
    hooks = Hooks(home)
    told(hooks, NOON - 60, 10, size=200_000)
    hooks.used(response("m1", NOON, 5, session_id="another", input_tokens=300_000))

    with hooks.ledger(NOON) as ledger:
        found = context.read_context(ledger, hooks.settings, "another", NOON)

    assert (300_000, None, None) == (found.used_tokens, found.window_tokens, found.used_pct)


def test_after_a_compaction_the_old_size_is_forgotten(home: User) -> None:
    """What was measured before a compaction says nothing of what is left; the next response does."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON, 5, input_tokens=150_000))
    hooks.call("SessionStart", NOON + 60, source="compact")
    forgotten = read(hooks, NOON + 61)
    hooks.used(response("m2", NOON + 70, 5, input_tokens=20_000))

    assert (None, "unknown") == (forgotten.used_tokens, forgotten.source)
    assert 20_000 == read(hooks, NOON + 80).used_tokens


def test_growth_since_the_last_response_is_told_apart(home: User) -> None:
    """Estimates of calls since the last response stand beside the measured figure, not in it."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON, 5, input_tokens=1_000))
    with hooks.ledger() as ledger, Transaction(ledger.usage) as db:
        save_tool_call(db, "t1", SESSION, "", "Bash", NOON + 5, None, False, 100, 400)
        save_tool_call(db, "t2", SESSION, "agent", "Bash", NOON + 5, None, False, 100, 400)

    found = read(hooks, NOON + 10)

    assert (1_000, 500) == (found.used_tokens, found.pending_tokens)
