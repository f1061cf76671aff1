"""What is wrong with settings, said for the person who wrote them: which option, what it must be, what may be meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from watchkeeper.core.settings import DEFAULTS, merged
from watchkeeper.errors import UserError

from .model import Config, options, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic_core import ErrorDetails


class Problem(NamedTuple):
    """One thing to change: the option's dotted name and what is wrong with it, as the rest of a sentence."""

    option: str
    fault: str

    def __str__(self) -> str:
        """The sentence that says it."""
        return f"{self.option} {self.fault}{'' if self.fault.endswith('?') else '.'}"


class SettingsError(UserError):
    """The settings cannot be used. `problems` are all that is wrong with them; the sentence is about the first."""

    def __init__(self, sentence: str, problems: Sequence[Problem] = ()) -> None:
        """Take the sentence for the user and what it stands for."""
        super().__init__(sentence)
        self.problems = tuple(problems)


def problems_in(data: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the settings `data`, the content of a settings file; nothing if they can be used."""
    try:
        Config.model_validate(merged(DEFAULTS, data))
    except ValidationError as error:
        return _worded(error.errors())
    return []


def nearest_option(name: str) -> str | None:
    """Return the option or table that somebody who wrote `name` probably means, or None."""
    known = [*options(), *tables()]
    table, _, last = name.rpartition(".")
    siblings = [option for option in known if option.rpartition(".")[0] == table]
    for candidates in (siblings, known):
        close = difflib.get_close_matches(name, candidates, 1, 0.75)
        if close:
            return close[0]
    # The right name in another table, or without one.
    elsewhere = [option for option in known if option.rpartition(".")[2] == last]
    return elsewhere[0] if len(elsewhere) == 1 else None


def unknown_option(name: str, otherwise: str = "remove it") -> Problem:
    """Return what to say of an option that does not exist, `otherwise` being the advice where none is near it."""
    nearest = nearest_option(name)
    return Problem(name, f"is no option; did you mean {nearest}?" if nearest else f"is no option; {otherwise}")


def wanted(error: ErrorDetails) -> str | None:
    """Return what a refused value must be, as the rest of `must be …`; None where there are no words for it."""
    words = _WANTED.get(error["type"])
    return words and words.format(**error.get("ctx", {}))


def _worded(errors: Iterable[ErrorDetails]) -> list[Problem]:
    known = options()
    found: dict[str, list[ErrorDetails]] = {}
    for error in errors:
        found.setdefault(_option_of(error, known), []).append(error)
    problems = []
    for option, about in found.items():
        # A value that may be of two types is refused by both: the deeper refusal is about the one that was meant.
        meant = max(about, key=lambda each: isinstance(each["loc"][-1], int))
        problems.append(
            unknown_option(option) if meant["type"] == "extra_forbidden" else Problem(option, _fault(meant))
        )
    return problems


def _option_of(error: ErrorDetails, known: dict[str, str]) -> str:
    """The option's dotted name; what follows it in the error's place is an index or a type."""
    parts = [str(part) for part in error["loc"]]
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in known:
            return ".".join(parts[:end])
    return ".".join(parts)


def _fault(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    place = error["loc"][-1]
    item = f"in item {place + 1} " if isinstance(place, int) else ""
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] == "string_type" and place == "str":
        return 'must be "hyperaware", "basic" or a list of percentages such as [50, 80, 90]'
    must_be = wanted(error)
    return f"{item}must be {must_be}" if must_be else f"is refused: {error['msg'].lower()}"


_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "text in quotes",
    "list_type": "a list in square brackets",
    "model_type": "a table of options",
    "literal_error": "one of {expected}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_long": "at most {max_length} characters long",
    "too_short": "a list of at least {min_length}",
}
