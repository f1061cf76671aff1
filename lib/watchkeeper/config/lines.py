"""On which line of a TOML text each option stands: the parser does not say."""

from __future__ import annotations

from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError


def option_lines(text: str) -> dict[str, int]:
    """Return the line, counted from 1, on which each table and option of a valid TOML text begins, by dotted name."""
    found: dict[str, int] = {}
    table: tuple[str, ...] = ()
    statement, starts_at = "", 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not statement:
            starts_at = number
        statement += line
        try:
            parsed = tomlkit.parse(statement).unwrap()
        except TOMLKitError:
            # A list or a text that goes on in the next line.
            continue
        if statement.lstrip().startswith("["):
            table = next(_names(parsed), ())
            _note(found, table, starts_at)
        else:
            for name in _names(parsed):
                _note(found, (*table, *name), starts_at)
        statement = ""
    return found


def _names(parsed: Any) -> Any:
    """The paths of all innermost keys."""
    if isinstance(parsed, list):
        parsed = parsed[0] if parsed else {}
    if isinstance(parsed, dict) and parsed:
        for key, value in parsed.items():
            for inner in _names(value):
                yield (key, *inner)
    else:
        yield ()


def _note(found: dict[str, int], name: tuple[str, ...], line: int) -> None:
    for end in range(1, len(name) + 1):
        found.setdefault(".".join(name[:end]), line)
