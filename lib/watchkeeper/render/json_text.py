"""A view as JSON: epoch seconds become ISO 8601 with the local offset, and nothing a terminal would obey stays raw."""

from __future__ import annotations

import json
import math
from typing import Any

from .local_time import local_time


def of(view: Any, indent: int | None = 2) -> str:
    """Return `view` as JSON text; keys that are `at` or end in `_at` hold moments, and `now_at` is called `now`."""
    text = json.dumps(_plain(view), indent=indent, ensure_ascii=False, allow_nan=False)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1] for character in text
    )


def iso(at: float) -> str:
    """Return epoch seconds as ISO 8601 with the local offset, to the second."""
    return local_time(at).isoformat()


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {("now" if name == "now_at" else name): _plain(part, name) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if (key == "at" or key.endswith("_at")) and isinstance(value, (int, float)):
        return _moment(value)
    return round(value, 4) if isinstance(value, float) else value


def _moment(at: float) -> str | None:
    try:
        return iso(at)
    except (ValueError, OverflowError, OSError):
        # No time that a calendar knows, and no reason for a command to fail.
        return None
