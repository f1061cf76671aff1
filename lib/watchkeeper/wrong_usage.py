"""What was typed wrongly, as one sentence that says what it must be, what may be meant, or where to read more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .config.problems import wanted

if TYPE_CHECKING:
    from typer.exceptions import TyperException

_NO_COMMAND = re.compile(r"(No such command .+?)\. Did you mean '(.+?)'.*\?")
_TOO_MUCH = re.compile(r"Got unexpected extra argument\(s\) \((.*)\)")
_NO_VALUE = re.compile(r"Option '(.+)' requires an argument")


def sentence(error: TyperException, name: str) -> str:
    """Return what to say of Typer's refusal of the words behind `watchkeeper <name>`."""
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else f"watchkeeper {name}"
    said = " ".join(error.format_message().split()).rstrip(".")
    more = f"`{command} --help` tells more."
    if guessed := _NO_COMMAND.fullmatch(said):
        return f"{guessed[1]}; did you mean `{command} {guessed[2]}`? {more}"
    if options := getattr(error, "possibilities", None):
        return f"{str(error).rstrip('.')}; did you mean {' or '.join(sorted(options))}? {more}"
    return f"{_value(error) or _worded(said)}; {more}"


def _worded(said: str) -> str:
    return _NO_VALUE.sub(r"\1 needs a value", _TOO_MUCH.sub(r"Too much is given: \1", said))


def _value(error: TyperException) -> str | None:
    """Return what is wrong with an option's value, None where that is not what is wrong."""
    refusal, parameter = error.__cause__, getattr(error, "param", None)
    if not isinstance(refusal, ValidationError) or parameter is None:
        return None
    first = refusal.errors()[0]
    must_be = wanted(first)
    return must_be and f"{parameter.get_error_hint().strip(chr(39))} must be {must_be}, not {str(first['input'])!r}"
