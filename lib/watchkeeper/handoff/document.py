"""A handoff's Markdown taken apart: the machine's lines between dashes, the title, the sections a person reads.

Standard library only: the hook at a session's start reads handoffs too.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NamedTuple

FENCE = "---"
DIGEST = "digest"
MARK = "watchkeeper"
KIND_OF_FILE = "handoff 1"

_TITLE = re.compile(r"#\s+(?:Session handoff:\s*)?(.*)", re.IGNORECASE)
_HEADING = re.compile(r"##\s+(.*?)\s*#*")
_CODE_FENCE = re.compile(r"(`{3,})\s*\w*")


class Document(NamedTuple):
    """A Markdown document in parts."""

    fields: dict[str, Any]
    """The lines between the dashes: JSON values, or plain text where somebody wrote such."""
    title: str
    sections: dict[str, list[str]]
    """The lines below each heading of the second level, by the heading in lower case."""

    def text(self, field: str) -> str:
        """Return a field's text, empty if it holds none."""
        value = self.fields.get(field)
        # A lone surrogate is legal in JSON and can be neither stored nor printed.
        return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""

    def number(self, field: str) -> float | None:
        """Return a field's number, None if it holds none."""
        value = self.fields.get(field)
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def split(text: str) -> Document:
    """Return the parts of a Markdown document; what is missing is empty."""
    fields, body = front_and_body(text)
    lines = body.split("\n")
    inside = _inside_fences(lines)
    title, heading = "", ""
    sections: dict[str, list[str]] = {}
    for number, line in enumerate(lines):
        if not inside[number]:
            match = _HEADING.fullmatch(line)
            if match:
                heading = match[1].lower()
                sections.setdefault(heading, [])
                continue
            match = None if title or heading else _TITLE.fullmatch(line)
            if match:
                title = match[1].strip()
                continue
        if heading:
            sections[heading].append(line)
    return Document(fields, title, sections)


def front_and_body(text: str) -> tuple[dict[str, Any], str]:
    """Return the fields between the dashes at the beginning of `text`, and the rest."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != FENCE:
        return {}, "\n".join(lines)
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), 0)
    if not end:
        return {}, "\n".join(lines)
    fields: dict[str, Any] = {}
    for line in lines[1:end]:
        name, colon, value = line.partition(":")
        if colon and name.strip():
            fields[name.strip()] = _value(value.strip())
    return fields, "\n".join(lines[end + 1 :])


def front_line(name: str, value: object) -> str:
    """Return a line between the dashes. JSON is YAML too, so other programs can read it."""
    return f"{name}: {json.dumps(value, ensure_ascii=False)}"


def with_digest(text: str) -> str:
    """Return a document with the digest of its text as the last line between the dashes.

    By it a change by hand is noticed.
    """
    front, fence, body = text.partition(f"\n{FENCE}\n")
    return f"{front}\n{front_line(DIGEST, _digest(text))}{fence}{body}"


def is_edited(text: str) -> bool:
    """Return whether a document was changed since it was written, or not written by us at all."""
    front, fence, body = text.replace("\r\n", "\n").partition(f"\n{FENCE}\n")
    bare, _, line = front.rpartition("\n")
    return line != front_line(DIGEST, _digest(bare + fence + body))


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _inside_fences(lines: list[str]) -> list[bool]:
    """Return for each line whether a code block holds it; a block that is not closed is none."""
    inside = [False] * len(lines)
    start, marks = -1, ""
    for number, line in enumerate(lines):
        if start < 0:
            match = _CODE_FENCE.fullmatch(line)
            if match:
                start, marks = number, match[1]
        elif line.rstrip() == marks:
            inside[start : number + 1] = [True] * (number + 1 - start)
            start = -1
    return inside
