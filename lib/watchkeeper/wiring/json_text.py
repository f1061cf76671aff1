"""Edits of JSON text that leave every other byte where it stands: key order, spacing, escapes, numbers as written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Path = tuple[str | int, ...]
"""The way from the root to a value: keys of objects, positions in arrays."""

_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")


class NotPlainJson(ValueError):
    """The text is not JSON that can be edited safely; the message says why, as the end of a sentence."""


class Child(NamedTuple):
    """One member of an object or element of an array, as offsets into the text."""

    key: str | int
    start: int
    """Where the child begins: at its key, in an object."""
    value: int
    end: int


def parsed(text: str) -> Any:
    """Return the value of JSON `text`. Raises NotPlainJson for what Claude Code would not read, or read differently."""
    try:
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_int=_number, parse_constant=_constant
        )
    except NotPlainJson:
        raise
    except json.JSONDecodeError as error:
        if re.search(r"//|/\*", _STRING.sub('""', text)):
            raise NotPlainJson("has comments, which are not JSON") from error
        raise NotPlainJson(f"is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise NotPlainJson("is nested too deeply or holds a number too long to read") from error


def raw(text: str, path: Path) -> str:
    """Return the source text of the value at `path`, which must be there."""
    child = _find(text, path)
    return text[child.value : child.end]


def replaced(text: str, path: Path, source: str) -> str:
    """Return `text` with the JSON `source` in place of the value at `path`."""
    child = _find(text, path)
    return text[: child.value] + source + text[child.end :]


def appended(text: str, path: Path, value: Any, key: str | None = None) -> str:
    """Return `text` with `value` as last element of the array at `path`, or as member `key` of the object there."""
    opening = _find(text, path).value
    children, closing = _children(text, opening)
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = _indent_unit(text)
    name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
    if children:
        lead = text[opening + 1 : children[0].start]
        at = children[-1].end
        if "\n" not in lead:
            return f"{text[:at]}, {name}{json.dumps(value, ensure_ascii=False)}{text[at:]}"
        indent = lead.rpartition("\n")[2]
        return f"{text[:at]},{lead}{name}{_laid_out(value, unit, newline, indent)}{text[at:]}"
    if unit is None:
        return text[: opening + 1] + name + json.dumps(value, ensure_ascii=False) + text[closing:]
    outer = _line_indent(text, opening)
    inner = outer + unit
    item = name + _laid_out(value, unit, newline, inner)
    return f"{text[: opening + 1]}{newline}{inner}{item}{newline}{outer}{text[closing:]}"


def put(text: str, path: Path, value: Any) -> str:
    """Return `text` with `value` as the member at `path`, whose last key may have another value or none."""
    opening = _find(text, path[:-1]).value
    child = next((child for child in _children(text, opening)[0] if child.key == path[-1]), None)
    if child is None:
        return appended(text, path[:-1], value, key=str(path[-1]))
    unit, newline = _indent_unit(text), "\r\n" if "\r\n" in text else "\n"
    if unit is None:
        return replaced(text, path, json.dumps(value, ensure_ascii=False))
    return replaced(text, path, _laid_out(value, unit, newline, _line_indent(text, child.start)))


def removed(text: str, path: Path) -> str:
    """Return `text` without the value at `path` and without the comma and the space that belonged to it."""
    opening = _find(text, path[:-1]).value
    children, closing = _children(text, opening)
    position = next(index for index, child in enumerate(children) if child.key == path[-1])
    if len(children) == 1:
        return text[: opening + 1] + text[closing:]
    if position:
        return text[: children[position - 1].end] + text[children[position].end :]
    return text[: children[0].start] + text[children[1].start :]


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotPlainJson(f"names the key {json.dumps(twice)} twice")
    return result


def _number(source: str) -> int | float:
    # Python refuses to convert integers of thousands of digits; nothing here computes with them.
    return int(source) if len(source) < 100 else float(source)


def _constant(source: str) -> Any:
    raise NotPlainJson(f"holds {source}, which is not JSON")


_DECODER = json.JSONDecoder(parse_int=_number)


def _find(text: str, path: Path) -> Child:
    start = _skip_space(text, 1 if text.startswith("\ufeff") else 0)
    found = Child("", start, start, _DECODER.raw_decode(text, start)[1])
    for key in path:
        found = next(child for child in _children(text, found.value)[0] if child.key == key)
    return found


def _children(text: str, opening: int) -> tuple[list[Child], int]:
    """Return the children of the object or array that opens at `opening`, and where it closes."""
    is_object = text[opening] == "{"
    children: list[Child] = []
    at = _skip_space(text, opening + 1)
    while text[at] not in "}]":
        start = at
        key: str | int = len(children)
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip_space(text, _skip_space(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        children.append(Child(key, start, at, end))
        at = _skip_space(text, end)
        if text[at] == ",":
            at = _skip_space(text, at + 1)
    return children, at


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _indent_unit(text: str) -> str | None:
    """Return the indentation of one level, or None where the whole text stands on one line."""
    opening = _find(text, ()).value
    children, closing = _children(text, opening)
    lead = text[opening + 1 : children[0].start] if children else "\n"
    if "\n" in lead:
        return lead.rpartition("\n")[2] or "  "
    return "  " if "\n" in text[opening:closing] else None


def _line_indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _laid_out(value: Any, unit: str | None, newline: str, indent: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=unit or "  ").replace("\n", newline + indent)
