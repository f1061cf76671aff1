"""Which parts of a plan are its phases: headings, entries or table rows that say how long they take, or are to do."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from . import figures, outline, risks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .figures import Span
    from .outline import Line

_NUMBERED = re.compile(
    r"(?:phase|step|stage|milestone|part|task|sprint|iteration|session|week|day|block|chapter)\s*#?\d+",
    re.IGNORECASE,
)
# Headings that tell about the work and are no part of it.
_ASIDE = re.compile(
    r"\b(?:risks?|total|summary|overview|background|goals?|context|references?|notes?|out of scope|non-goals?|history"
    r"|success criteria|questions?|assumptions?|dependencies|appendix|resources|links|estimates?|estimation)\b",
    re.IGNORECASE,
)
_HOURS_LABEL = re.compile(r"(?:estimated |planned |est\.? )?(?:hours?|time|duration|effort|takes)\b", re.IGNORECASE)
_HOURS_COLUMN = re.compile(r"hours?|time|duration|effort|estimate|est\.?$", re.IGNORECASE)
_NAME_COLUMN = re.compile(r"phase|task|step|name|what|item|milestone|work|title|feature|deliverable", re.IGNORECASE)
_IN_HOURS = re.compile(r"hours?$|\(h\)", re.IGNORECASE)
_NUMBER_ONLY = re.compile(r"#?\d{0,3}[.)]?")
_HEADING_BOX = re.compile(r"\[(?P<mark>[ xX])\]\s*")


class Part(NamedTuple):
    """A phase as it stands in the plan."""

    name: str
    number: int
    """Of its first line in the file, from 1."""
    hours: Span | None
    """As its title, entry or row says."""
    lines: tuple[Line, ...]
    """All of it, its first line included."""
    is_checked: bool | None = None
    """Whether its own checkbox is ticked; None where it has none."""


def parts_of(lines: Sequence[Line]) -> list[Part]:
    """Return the phases of a plan; empty where nothing in it can be told apart."""
    work = _without_risks(lines)
    title = _title(work)
    for found in (_numbered, _timed_headings, _timed_entries, _timed_rows, _headings_with_boxes, _entries):
        # A box that nothing stands behind is to be filled in yet.
        parts = [part for part in found(work, title) if part.name]
        if parts:
            return parts
    return []


def labelled_hours(lines: Sequence[Line]) -> Span | None:
    """Return what the first line with such a label says that something takes: `Estimated time: 4-6 hours`."""
    spans = (_figure(line.value, line.label) for line in lines if _HOURS_LABEL.fullmatch(line.label))
    return next((span for span in spans if span is not None), None)


def _title(lines: Sequence[Line]) -> Line | None:
    """Return the heading that is the document's title: the only one of its level, before all others."""
    headings = [line for line in lines if line.kind == outline.HEADING]
    if not headings or sum(line.level == headings[0].level for line in headings) > 1:
        return None
    return headings[0] if all(line.level > headings[0].level for line in headings[1:]) else None


def _without_risks(lines: Sequence[Line]) -> list[Line]:
    kept, below = [], 0
    for line in lines:
        if line.kind == outline.HEADING and (not below or line.level <= below):
            below = line.level if risks.is_about_risks(line) else 0
        if not below:
            kept.append(line)
    return kept


def _numbered(lines: Sequence[Line], title: Line | None) -> list[Part]:
    levels = Counter(
        line.level
        for line in lines
        if line.kind == outline.HEADING and line is not title and _NUMBERED.match(_unboxed(line.text))
    )
    if not levels:
        return []
    level = max(levels, key=lambda each: (levels[each], -each))
    return _sections(lines, [line for line in _headings(lines, level) if _NUMBERED.match(_unboxed(line.text))])


def _timed_headings(lines: Sequence[Line], title: Line | None) -> list[Part]:
    best: list[Line] = []
    for level in range(1, 7):
        headings = [line for line in _headings(lines, level) if line is not title and not _ASIDE.search(line.text)]
        timed = [part for part in _sections(lines, headings) if part.hours or labelled_hours(part.lines)]
        if len(timed) > len(best):
            numbers = {part.number for part in timed}
            # What stands between timed ones with something to do is a phase too.
            best = [
                line
                for line, part in zip(headings, _sections(lines, headings), strict=True)
                if line.number in numbers or any(each.is_checked is not None for each in part.lines)
            ]
    return _sections(lines, best)


def _timed_entries(lines: Sequence[Line], _: Line | None) -> list[Part]:
    entries = _outermost(lines)
    timed = [part for part in _items(lines, entries) if part.hours is not None]
    return _items(lines, entries) if len(timed) * 2 > len(entries) else timed


def _timed_rows(lines: Sequence[Line], _: Line | None) -> list[Part]:
    parts: list[Part] = []
    head: tuple[str, ...] = ()
    for line in lines:
        if line.kind != outline.ROW:
            continue
        if line.level:
            head = line.cells
            continue
        places = [place for place, name in enumerate(head) if _HOURS_COLUMN.search(name)]
        spans = [_figure(line.cells[place], head[place]) for place in places if place < len(line.cells)]
        hours = next((span for span in spans if span is not None), None)
        name = _row_name(line.cells, head)
        if hours is not None and name and not re.match(r"(?:sub)?total\b", name, re.IGNORECASE):
            parts.append(Part(name, line.number, hours, (line,)))
    return parts


def _headings_with_boxes(lines: Sequence[Line], title: Line | None) -> list[Part]:
    for level in range(1, 7):
        headings = [line for line in _headings(lines, level) if line is not title and not _ASIDE.search(line.text)]
        parts = [
            part
            for part in _sections(lines, headings)
            if part.is_checked is not None or any(line.is_checked is not None for line in part.lines)
        ]
        if len(parts) > 1:
            return parts
    return []


def _entries(lines: Sequence[Line], _: Line | None) -> list[Part]:
    entries = _outermost(lines)
    boxes = [line for line in entries if line.is_checked is not None]
    return _items(lines, boxes or entries)


def _headings(lines: Sequence[Line], level: int) -> list[Line]:
    return [line for line in lines if line.kind == outline.HEADING and line.level == level]


def _outermost(lines: Sequence[Line]) -> list[Line]:
    aside = False
    found = []
    for line in lines:
        if line.kind == outline.HEADING:
            aside = bool(_ASIDE.search(line.text)) and line.level > 1
        elif line.kind == outline.ITEM and line.level == 1 and not aside and not _HOURS_LABEL.fullmatch(line.label):
            found.append(line)
    return found


def _sections(lines: Sequence[Line], headings: Sequence[Line]) -> list[Part]:
    """Return each heading with what stands below it, up to the next of its level or above."""
    starts = {line.number: line for line in headings}
    parts: list[list[Line]] = []
    is_inside = False
    for line in lines:
        if line.kind == outline.HEADING and line.number in starts:
            parts.append([])
            is_inside = True
        elif line.kind == outline.HEADING and is_inside and line.level <= parts[-1][0].level:
            is_inside = False
        if is_inside:
            parts[-1].append(line)
    return [_part(part) for part in parts]


def _items(lines: Sequence[Line], entries: Sequence[Line]) -> list[Part]:
    starts = {line.number for line in entries}
    parts: list[list[Line]] = []
    is_inside = False
    for line in lines:
        if line.kind == outline.ITEM and line.level == 1:
            is_inside = line.number in starts
            if is_inside:
                parts.append([])
        elif line.kind == outline.HEADING or (line.kind != outline.ITEM and not line.level):
            is_inside = False
        if is_inside:
            parts[-1].append(line)
    return [_part(part) for part in parts]


def _part(lines: Sequence[Line]) -> Part:
    first = lines[0]
    box = _HEADING_BOX.match(first.text) if first.kind == outline.HEADING else None
    checked = first.is_checked if box is None else box["mark"] != " "
    hours, name = figures.hours_of_title(first.text[box.end() :] if box else first.text)
    numbered = _NUMBERED.match(name)
    # `Phase 1: WebSocket Server` is called what comes behind, since it has a number anyway.
    named = name[numbered.end() :].strip(" :.-–—") if numbered else name
    return Part(named or name, first.number, hours, tuple(lines), checked)


def _unboxed(text: str) -> str:
    return _HEADING_BOX.sub("", text, count=1) if _HEADING_BOX.match(text) else text


def _figure(text: str, name: str) -> Span | None:
    # What is called `Hours` may be a bare number.
    span = figures.hours_in(text)
    return figures.hours_in(f"{text}h") if span is None and _IN_HOURS.search(name) else span


def _row_name(cells: tuple[str, ...], head: tuple[str, ...]) -> str:
    named = [cell for cell, name in zip(cells, head, strict=False) if _NAME_COLUMN.search(name)]
    wordy = [cell for cell in (*named, *cells) if cell and not _NUMBER_ONLY.fullmatch(cell)]
    return wordy[0] if wordy else ""
