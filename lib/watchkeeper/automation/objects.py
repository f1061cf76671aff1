"""JSON that another program, or a person, has written: read as what it is meant to be, or as nothing."""

from __future__ import annotations

import json
from typing import Any


def value_of(text: str | bytes) -> Any:
    """Return what a text holds, None when it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def object_of(text: str | bytes) -> dict[str, Any]:
    """Return the object that a text holds; an empty one when it holds none."""
    read = value_of(text)
    return read if isinstance(read, dict) else {}


def object_in(path: str, most_bytes: int) -> dict[str, Any] | None:
    """Return the object that a file of at most `most_bytes` holds, None when it cannot be read or holds none."""
    try:
        with open(path, "rb") as file:
            read = value_of(file.read(most_bytes))
    except OSError:
        return None
    return read if isinstance(read, dict) else None
