"""A program's words and variables in a unit file, in the quoting of systemd.syntax(7) and systemd.service(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .program import UnfitProgram

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def quoted(word: str) -> str:
    """Return a word in double quotes that systemd reads as it is; only ExecStart= also reads `$`.

    Raise UnfitProgram for text that is not UTF-8.
    """
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise UnfitProgram("systemd takes no path that is not UTF-8") from error
    return f'"{"".join(map(_escaped, word))}"'


def execution(argv: Iterable[str], environment: Mapping[str, str]) -> str:
    """Return the lines of a service that say what is run, the variables first."""
    variables = [f"Environment={quoted(f'{name}={value}')}\n" for name, value in environment.items()]
    words = " ".join(quoted(word).replace("$", "$$") for word in argv)
    return f"{''.join(variables)}ExecStart={words}"


def _escaped(each: str) -> str:
    if each in '\\"':
        return f"\\{each}"
    if each == "%":
        return "%%"
    # Bytes, because the two longer forms are no older than systemd 229.
    return each if each.isprintable() else "".join(f"\\x{byte:02x}" for byte in each.encode())
