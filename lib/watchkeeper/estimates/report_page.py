"""A session's report as Markdown."""

from __future__ import annotations

import functools
import json
import os
import re
from typing import Any

from watchkeeper.core import paths, words
from watchkeeper.handoff.text import one_line
from watchkeeper.render import json_text

TEMPLATE = "session-report.md.j2"
# What Markdown, or a table in it, would take for its own.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(view: dict[str, Any]) -> str:
    """Return the report whose figures are `view`."""
    return str(_environment().get_template(TEMPLATE).render(r=view, weights=json.dumps(view["weights"], indent=2)))


def _text(value: object) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(str(value)))


def _signed(number: float | None, unit: str = "") -> str:
    return "–" if number is None else f"{number:+,.1f}{unit}" if unit else f"{number:+,.0f}"


def _count(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}"


@functools.cache
def _environment() -> Any:
    # Imported here because only what writes a report needs them.
    import jinja2

    from watchkeeper.handoff.markdown import code

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(paths.bundle_root(), "templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # Markdown, not HTML: what comes from outside is escaped by the filter `text`.
        autoescape=False,  # noqa: S701
    )
    made.filters.update(
        text=_text,
        code=lambda value: code(one_line(str(value))),
        count=_count,
        signed=_signed,
        pct=lambda number: "–" if number is None else f"{number:.1f}%",
        short=lambda number: "–" if number is None else words.tokens(number),
        hours=lambda hours: "–" if hours is None else words.duration(hours * 3600.0),
        moment=lambda at: "unknown" if at is None else json_text.iso(at)[:16].replace("T", " "),
    )
    return made
