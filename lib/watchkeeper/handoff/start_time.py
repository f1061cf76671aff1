"""When the next session starts: at the reset, some minutes after it, at a time of one's own, or by hand."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from watchkeeper.config.duration import parse_duration
from watchkeeper.config.moment import parse_moment
from watchkeeper.errors import UserError

from .pending import MANUAL

RESET = "reset"
AFTER_RESET = "reset+5m"
_FARTHEST_S = 30 * 86_400.0
_RESET_PLUS = re.compile(r"reset\s*(?:\+\s*(.+))?", re.IGNORECASE)


class Start(NamedTuple):
    """How the time was chosen (manual, reset, reset+5m, at), and when that is; None for manual."""

    choice: str
    at: float | None


def parse_start(text: str, resets_at: float | None, now: float) -> Start:
    """Return the start that `text` means; empty is by hand. Raise UserError when it means none, or one that is over."""
    words = " ".join(text.lower().split())
    if words in ("", MANUAL):
        return Start(MANUAL, None)
    match = _RESET_PLUS.fullmatch(words)
    if match is None:
        return Start("at", _ahead(parse_moment(words, now), now, text))
    if resets_at is None:
        raise UserError("The reset is not known yet: give a time such as 18:05 in its place, or manual.")
    return Start(words.replace(" ", ""), resets_at + (parse_duration(match[1]) if match[1] else 0.0))


def choices(resets_at: float | None) -> list[dict[str, Any]]:
    """Return the starts to choose from, in the order they are offered; `at` is None where there is no time."""
    offered: list[dict[str, Any]] = []
    if resets_at is not None:
        offered = [
            {"at": resets_at, "words": "At the reset", "option": RESET, "recommended": False},
            {"at": resets_at + 300.0, "words": "5 minutes after", "option": AFTER_RESET, "recommended": True},
        ]
    return [
        *offered,
        {"at": None, "words": "At a time of your own", "option": "TIME", "recommended": False},
        {"at": None, "words": "By hand", "option": MANUAL, "recommended": resets_at is None},
    ]


def _ahead(at: float, now: float, text: str) -> float:
    if at <= now:
        raise UserError(f"{text!r} is over: give a time that is still to come.")
    if at > now + _FARTHEST_S:
        raise UserError(f"{text!r} is more than 30 days away: give an earlier time.")
    return at
