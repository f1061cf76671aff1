"""A value as it stands in the settings file."""

from __future__ import annotations

from typing import Any


def spelled(value: Any) -> str:
    """Return a value as it stands in the settings file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(spelled(each) for each in value)}]"
    if isinstance(value, str):
        return '"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))
    return f"{value:g}" if isinstance(value, float) else str(value)
