"""The settings file that a person edits: reading it, and changing one option without touching the rest of it."""

from __future__ import annotations

import bisect
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import InlineTable

from watchkeeper.core import whole_file
from watchkeeper.core.settings import DEFAULTS, merged

from .lines import option_lines
from .model import options
from .problems import Problem, SettingsError, problems_in, unknown_option
from .words import nested, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tomlkit import TOMLDocument

    from watchkeeper.core.paths import Paths

_FIRST_LINES = "# Watchkeeper's settings. What is not said here has its default: `watchkeeper config show` lists all.\n"


class SettingsFile(NamedTuple):
    """What a settings file holds: its options as plain values, and when it was changed last (0 if there is none)."""

    data: dict[str, Any]
    modified_ns: int


def read(paths: Paths) -> SettingsFile:
    """Return the checked content of the settings file; raise SettingsError, naming option and line, if it is wrong."""
    text, modified_ns = _text(paths.config_file)
    data = _parsed(text).unwrap()
    _check(data, text)
    return SettingsFile(data, modified_ns)


def set_option(paths: Paths, option: str, words: Sequence[str]) -> Any:
    """Give an option the value that command line `words` say and return it.

    Comments and order of the file stay. Raise SettingsError and leave the file alone when the option does not exist,
    cannot have the value, or the file is broken.
    """
    if option not in options():
        problem = unknown_option(option, "`watchkeeper config show` lists them")
        raise SettingsError(str(problem), [problem])
    text, _ = _text(paths.config_file)
    document = _parsed(text)
    before = [each for each in problems_in(document.unwrap()) if not f"{option}.".startswith(f"{each.option}.")]
    if before:
        raise SettingsError(_sentence(before[0], text), before)
    value = value_of(words, option, document.unwrap())
    wanted = merged(document.unwrap(), nested(option, value))
    after = problems_in(wanted)
    if after:
        raise SettingsError(f"{str(after[0]).rstrip('.')}; nothing was changed.", after)
    _put(document, option, value)
    changed = tomlkit.dumps(document)
    # The editor is not trusted with every way to lay out a file.
    if _parsed(changed).unwrap() != wanted:
        raise SettingsError(f"{option} cannot be set without harm to the rest of config.toml; set it there by hand.")
    write(paths.config_file, changed)
    return value


def write(path: str, text: str) -> None:
    """Replace a file in one step, readable by its owner only; what a link points to is replaced, not the link."""
    try:
        whole_file.write(os.path.realpath(path), text.encode("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}.") from error


def _text(path: str) -> tuple[str, int]:
    try:
        with open(path, "rb") as file:
            # Taken from the open file, so that a later change cannot pass for the one that was read.
            modified_ns = os.fstat(file.fileno()).st_mtime_ns
            data = file.read()
    except FileNotFoundError:
        return "", 0
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return data.decode("utf-8-sig"), modified_ns
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"config.toml, line {line}: this is not UTF-8; save the file in that encoding.") from error


def _parsed(text: str) -> TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        line = getattr(error, "line", 0) or _line_of_repetition(text)
        place = f", line {line}" if line else ""
        reason = str(error).partition(" at line ")[0].rstrip(".")
        raise SettingsError(f"config.toml{place}: this is not TOML ({reason}); correct it by hand.") from error


def _line_of_repetition(text: str) -> int:
    """The line of the table or option that stands twice, which the parser does not say; 0 if there is none."""
    lines = text.splitlines(keepends=True)

    def repeats(count: int) -> bool:
        try:
            tomlkit.parse("".join(lines[:count]))
        except ParseError:
            # They end within a list or a text.
            return False
        except TOMLKitError:
            return True
        return False

    # Once it stands there, it stands in all of the beginnings that are longer.
    found = bisect.bisect_left(range(len(lines) + 1), True, key=repeats)
    return found if found <= len(lines) else 0


def _check(data: dict[str, Any], text: str) -> None:
    problems = problems_in(data)
    if problems:
        raise SettingsError(_sentence(problems[0], text, len(problems) - 1), problems)


def _sentence(problem: Problem, text: str, more: int = 0) -> str:
    lines = option_lines(text)
    name = problem.option
    while name and name not in lines:
        name = name.rpartition(".")[0]
    place = f", line {lines[name]}" if name else ""
    others = f" ({more} more)" if more else ""
    return f"config.toml{place}: {problem}{others}"


def _put(document: TOMLDocument, option: str, value: Any) -> None:
    *tables, name = option.split(".")
    if not document.body:
        document.add(tomlkit.comment(_FIRST_LINES.lstrip("# ").rstrip("\n")))
        document.add(tomlkit.nl())
    place: Any = document
    for part in tables:
        if not isinstance(place.get(part), dict):
            place[part] = tomlkit.inline_table() if isinstance(place, InlineTable) else tomlkit.table()
        place = place[part]
    place[name] = value


def all_values(data: dict[str, Any]) -> dict[str, Any]:
    """Return the value of every option by its dotted name, defaults filled in."""
    whole = merged(DEFAULTS, data)
    values = {}
    for option in options():
        value: Any = whole
        for part in option.split("."):
            value = value[part]
        values[option] = value
    return values
