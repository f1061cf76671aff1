"""The Jinja environments: templates from the bundle, filled on a page or as a document of Markdown."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import paths, words

from . import columns, ink, json_text, page, toml_text
from .local_time import minute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import jinja2

_FOLDER = "templates"
_WIDE_COLUMNS = 110


def render(template: str, view: dict[str, Any], pen: ink.Pen, width: int, now: float) -> str:
    """Return the template `<template>.j2` filled with `view`, at most `width` columns wide, times seen from `now`."""
    return environment(page.Page(pen, width), now).get_template(f"{template}.j2").render(view)


def document(template: str, filters: Mapping[str, Callable[..., object]], **values: object) -> str:
    """Return the template `<template>.md.j2` filled with `values`: Markdown, in which `filters` alone escape."""
    made = _environment()
    made.filters.update(filters)
    return made.get_template(f"{template}.md.j2").render(values)


def environment(sheet: page.Page, now: float) -> jinja2.Environment:
    """Return an environment whose filters and functions know the page and the time.

    Whatever a template prints is made printable, so no text from outside reaches a terminal as it is.
    """
    made = _environment(ink.printable)
    made.filters.update(
        duration=words.duration,
        stamp=json_text.iso,
        moment=lambda at: words.clock_time(at, now),
        share=words.share,
        # Beside a floored share, so that the two make a hundred.
        share_left=lambda pct: f"{math.ceil(pct)}%",
        tokens=words.tokens,
        # Exact where the page is wide enough for columns of exact numbers.
        fitting=_count if sheet.columns >= _WIDE_COLUMNS else words.tokens,
        date=minute,
        base=lambda path: os.path.basename(path.rstrip("/\\")),
        age=words.age,
        spelled=toml_text.spelled,
        count=_count,
        paint=sheet.pen.paint,
        # In a table of Markdown.
        cell=lambda text: columns.clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;"),
        cut=lambda text, width: columns.cut(columns.clean(text), width),
        cut_start=lambda text, width: columns.cut_start(columns.clean(text), width),
    )
    made.globals.update(
        columns=sheet.columns,
        heading=sheet.heading,
        row=sheet.row,
        meter=sheet.meter,
        paragraph=sheet.paragraph,
        item=sheet.item,
        table=sheet.table,
    )
    return made


def _environment(finalize: Callable[..., object] | None = None) -> jinja2.Environment:
    # Imported here because only what writes for a person needs it.
    import jinja2

    from .compiled import CompiledTemplates

    folder = os.path.join(paths.bundle_root(), _FOLDER)
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # An included part ends its last line itself.
        keep_trailing_newline=True,
        # Not HTML: `finalize` takes out what could harm a terminal, a document's own filters what Markdown would take.
        autoescape=False,  # noqa: S701
        finalize=finalize,
        bytecode_cache=CompiledTemplates(folder),
    )


def _count(number: float | None) -> str:
    return "unknown" if number is None else f"{int(number):,}"
