"""A command line of settings.json as the words that a shell would make of it."""

from __future__ import annotations

import re
import shlex

_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)
_OPERATOR = re.compile(r"[;&|<>()`#\n]")
_SUBSTITUTION = re.compile(r"`|\$\(")


def of(line: str) -> list[str]:
    """Return the words of a command line that is one plain command, none for anything more (lists, pipes, …)."""
    line = line.strip()
    if _OPERATOR.search(_QUOTED.sub("", line)):
        return []
    if any(part.startswith('"') and _SUBSTITUTION.search(part) for part in _QUOTED.findall(line)):
        return []
    try:
        return shlex.split(line)
    except ValueError:
        return []


def roughly(text: str) -> list[str]:
    """Return what may be words in a command line of any kind."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
