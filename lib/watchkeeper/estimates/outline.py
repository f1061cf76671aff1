"""A Markdown file as a list of lines that mean something: headings, entries, labelled values, rows of tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.render.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

HEADING, ITEM, TEXT, ROW, CODE = "heading", "item", "text", "row", "code"
_LONGEST_LINE = 1_000
# Deeper lists and quotes are text of their parents; a plan needs no more.
_DEEPEST = 20
_CHECKBOX = re.compile(r"\[(?P<mark>[ xX])\](?:\s+|$)")
_LABEL = re.compile(r"(?P<label>[A-Za-z][A-Za-z /-]{1,30}?)\s*:\s+(?P<value>\S.*)")
_FRONT, _FRONT_ENDS, _MOST_FRONT_LINES = "---", ("---", "..."), 100


class Line(NamedTuple):
    """A line of a document."""

    kind: str
    text: str
    """On one line, without marks of emphasis."""
    number: int
    """In the file, from 1."""
    level: int = 0
    """A heading's, or how deep an entry stands (1 outermost); 1 for a table's head; 0 for what stands in no list."""
    is_checked: bool | None = None
    """Of an entry with a checkbox; None for any other line."""
    label: str = ""
    """What stands before a colon, in lower case; `value` is what stands behind it."""
    value: str = ""
    cells: tuple[str, ...] = ()


def outline(text: str) -> list[Line]:
    """Return the lines of a Markdown document in its order, without comments and other HTML."""
    # Imported here because only what reads a plan needs it.
    from markdown_it import MarkdownIt

    front, body = _front_lines(text)
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable("table").disable("image")
    reader = _Reader()
    for token in parser.parse(body):
        reader.take(token)
    return front + reader.lines


class _Reader:
    """Takes the parser's tokens one after the other."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._heading = 0
        self._depth = 0
        self._begins_entry = False
        self._cells: list[str] | None = None
        self._in_head = False

    def take(self, token: Token) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"):
            self._depth += token.nesting
        elif kind == "list_item_open":
            self._begins_entry = True
        elif kind in ("heading_open", "heading_close"):
            self._heading = int(token.tag[1:]) if token.nesting > 0 else 0
        elif kind in ("thead_open", "thead_close"):
            self._in_head = token.nesting > 0
        elif kind == "tr_open":
            self._cells, self._row = [], _number(token)
        elif kind == "tr_close":
            cells = tuple(self._cells or ())
            self.lines.append(Line(ROW, " | ".join(cells), self._row, int(self._in_head), cells=cells))
            self._cells = None
        elif kind in ("fence", "code_block"):
            self._take_code(token)
        elif kind == "inline":
            self._take_text(token)

    def _take_code(self, token: Token) -> None:
        start = _number(token) + (token.type == "fence")
        for number, line in enumerate(token.content.split("\n"), start):
            if line.strip():
                self.lines.append(Line(CODE, one_line(line[:_LONGEST_LINE]), number))

    def _take_text(self, token: Token) -> None:
        parts = _pieces(token.children or ())
        if self._cells is not None:
            self._cells.append(" ".join(text for text, _ in parts).strip())
            return
        for number, (text, strong) in enumerate(parts, _number(token)):
            if self._heading:
                self.lines.append(Line(HEADING, text, number, self._heading))
                continue
            kind = ITEM if self._begins_entry else TEXT
            self._begins_entry = False
            box = _CHECKBOX.match(text) if kind == ITEM else None
            shown = text[box.end() :] if box else text
            label, value = _labelled(shown, strong)
            checked = None if box is None else box["mark"] != " "
            self.lines.append(Line(kind, shown, number, self._depth, checked, label, value))


def _pieces(children: Sequence[Token]) -> list[tuple[str, str]]:
    """Return the lines of a paragraph, each with what it begins with in bold."""
    lines: list[list[str]] = [["", ""]]
    in_strong = False
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            lines.append(["", ""])
        elif child.type in ("strong_open", "strong_close"):
            in_strong = child.nesting > 0
        elif child.type in ("text", "code_inline", "text_special"):
            line = lines[-1]
            if in_strong and line[0].strip() == line[1].strip():
                line[1] += child.content
            line[0] += child.content
    return [
        (one_line(text[:_LONGEST_LINE]), one_line(strong[:_LONGEST_LINE])) for text, strong in lines if text.strip()
    ]


def _labelled(text: str, strong: str) -> tuple[str, str]:
    if strong and text.startswith(strong):
        value = text[len(strong) :].strip()
        if strong.endswith(":") or value.startswith(":"):
            return strong.rstrip(": ").lower(), value.removeprefix(":").strip()
    plain = _LABEL.fullmatch(text)
    return (plain["label"].lower(), plain["value"]) if plain else ("", "")


def _front_lines(text: str) -> tuple[list[Line], str]:
    """Return the labelled lines that a document begins with between dashes, and the document with them left empty."""
    lines = text.split("\n")
    if lines[0].rstrip() != _FRONT:
        return [], text
    end = next(
        (place for place in range(1, min(len(lines), _MOST_FRONT_LINES)) if lines[place].rstrip() in _FRONT_ENDS), 0
    )
    if not end:
        return [], text
    front = []
    for place in range(1, end):
        shown = one_line(lines[place][:_LONGEST_LINE])
        label, value = _labelled(shown, "")
        front.append(Line(TEXT, shown, place + 1, label=label, value=value.strip("\"'")))
    return front, "\n" * (end + 1) + "\n".join(lines[end + 1 :])


def _number(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
