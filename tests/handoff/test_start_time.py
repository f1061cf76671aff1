from __future__ import annotations

import pytest

from tests.support.clock import NOON
from watchkeeper.errors import UserError
from watchkeeper.handoff.start_time import Start, choices, parse_start

RESETS_AT = NOON + 6 * 3600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Start("manual", None)),
        ("Manual", Start("manual", None)),
        ("reset", Start("reset", RESETS_AT)),
        ("reset+5m", Start("reset+5m", RESETS_AT + 300)),
        ("Reset + 1h", Start("reset+1h", RESETS_AT + 3600)),
        ("18:05", Start("at", RESETS_AT + 300)),
        ("6:05pm", Start("at", RESETS_AT + 300)),
        ("in 2h", Start("at", NOON + 7200)),
    ],
)
def test_starts(text: str, expected: Start) -> None:
    """A start is by hand, at the reset, some time after it, or at a time."""
    assert expected == parse_start(text, RESETS_AT, NOON)


@pytest.mark.parametrize(
    ("text", "resets_at", "sentence"),
    [
        ("reset", None, "not known yet"),
        ("2020-01-01 10:00", RESETS_AT, "is over"),
        ("2027-06-01", RESETS_AT, "more than 30 days away"),
        ("whenever", RESETS_AT, "is no time"),
        ("reset+soon", RESETS_AT, "is no duration"),
    ],
)
def test_what_is_no_start(text: str, resets_at: float | None, sentence: str) -> None:
    """What cannot be a start is refused with what to write instead."""
    with pytest.raises(UserError, match=sentence):
        parse_start(text, resets_at, NOON)


def test_choices() -> None:
    """Five minutes after the reset is recommended; without a known reset starting by hand is."""
    assert ["reset", "reset+5m", "TIME", "manual"] == [choice["option"] for choice in choices(RESETS_AT)]
    assert ["reset+5m"] == [choice["option"] for choice in choices(RESETS_AT) if choice["recommended"]]
    assert ["manual"] == [choice["option"] for choice in choices(None) if choice["recommended"]]
