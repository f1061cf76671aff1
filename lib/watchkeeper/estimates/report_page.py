"""A session's report as Markdown."""

from __future__ import annotations

import json
import re
from typing import Any

from watchkeeper.core import words
from watchkeeper.render.local_time import minute
from watchkeeper.render.text import one_line

# What Markdown, or a table in it, would take for its own.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(view: dict[str, Any]) -> str:
    """Return the report whose figures are `view`."""
    # Imported here because only what writes a report needs them.
    from watchkeeper.handoff.markdown import code
    from watchkeeper.render import engine

    filters = {
        "text": _text,
        "code": lambda value: code(one_line(str(value))),
        "count": _count,
        "signed": _signed,
        "pct": lambda number: "–" if number is None else f"{number:.1f}%",
        "short": lambda number: "–" if number is None else words.tokens(number),
        "hours": lambda hours: "–" if hours is None else words.duration(hours * 3600.0),
        "moment": lambda at: "unknown" if at is None else minute(at),
    }
    return engine.document("session-report", filters, r=view, weights=json.dumps(view["weights"], indent=2))


def _text(value: object) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(str(value)))


def _signed(number: float | None, unit: str = "") -> str:
    return "–" if number is None else f"{number:+,.1f}{unit}" if unit else f"{number:+,.0f}"


def _count(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}"
