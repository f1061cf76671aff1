"""Tests of core/limit_hits.py: what a refusal states about the reset becomes a report of a full limit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, SESSION, Hooks
from watchkeeper.core import state

REFUSED = "You've hit your 5-hour limit · resets 4:20pm (UTC)"


def refuse(hooks: Hooks, text: str, **fields: Any) -> None:
    """The client is refused, notes that in the transcript, and its hook looks there."""
    record = {
        "type": "assistant",
        "sessionId": SESSION,
        "timestamp": "2026-11-20T11:59:00.000Z",
        "isApiErrorMessage": True,
        "error": "rate_limit",
        "message": {"id": "x", "model": "<synthetic>", "content": [{"type": "text", "text": text}], "usage": {}},
    }
    (hooks.project / f"{SESSION}.jsonl").write_text(json.dumps({**record, **fields}) + "\n", encoding="utf-8")
    hooks.call("Stop", NOON)


def test_a_limit_message_becomes_a_report(home: User) -> None:
    """StopFailure's text states the reset, in its zone: the window is full until then."""
    hooks = Hooks(home)
    hooks.call("StopFailure", NOON, error="rate_limit", last_assistant_message=REFUSED)

    with hooks.ledger() as ledger:
        found = state.latest_report(ledger.state, "", "five_hour", NOON)

    assert found is not None
    assert (100.0, NOON + 4 * HOUR + 1200, "message") == (found.used_pct, found.resets_at, found.source)


def test_a_limit_in_the_transcript_becomes_a_report(home: User) -> None:
    """In a headless run StopFailure may be cut short; the transcript's own record states the same."""
    hooks = Hooks(home)
    refuse(hooks, REFUSED)

    with hooks.ledger() as ledger:
        found = state.latest_report(ledger.state, "", "five_hour", NOON)

    assert found is not None
    assert 100.0 == found.used_pct


def test_the_clients_own_reset_time_is_exact(home: User) -> None:
    """Where the client tells a limit's kind and reset as a number, its text is not needed."""
    hooks = Hooks(home)
    limits = {"status": "rejected", "resetsAt": int(NOON + 7777), "rateLimitType": "seven_day"}
    refuse(hooks, "limit reached", quotaLimits=limits)

    with hooks.ledger() as ledger:
        found = state.latest_report(ledger.state, "", "seven_day", NOON)

    assert found is not None
    assert (100.0, NOON + 7777) == (found.used_pct, found.resets_at)


@pytest.mark.parametrize(
    ("kind", "resets_at"),
    [
        pytest.param("five_hour", (NOON + 7777) * 1000, id="milliseconds"),
        pytest.param("five_hour", NOON + 72 * HOUR, id="three days ahead"),
        pytest.param("seven_day", NOON + 30 * 24 * HOUR, id="a month ahead"),
        pytest.param("five_hour", NOON - 24 * HOUR, id="before it was said"),
    ],
)
def test_a_reset_that_cannot_be_true_is_read_from_the_text(home: User, kind: str, resets_at: float) -> None:
    """A number that is too far away for its limit would hold everything up; what the text states counts instead."""
    hooks = Hooks(home)
    limits = {"status": "rejected", "resetsAt": int(resets_at), "rateLimitType": kind}
    refuse(hooks, REFUSED, quotaLimits=limits)

    with hooks.ledger() as ledger:
        found = state.latest_report(ledger.state, "", "five_hour", NOON)
        weekly = state.latest_report(ledger.state, "", "seven_day", NOON)

    assert found is not None
    assert (NOON + 4 * HOUR + 1200, None) == (found.resets_at, weekly)
