"""What somebody wants queued, from options or JSON: read leniently, refused in sentences that can be acted on."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from watchkeeper.config.duration import parse_duration
from watchkeeper.errors import UserError
from watchkeeper.handoff.model import Line, Lines, Name
from watchkeeper.handoff.said import SaidLines, SaidTokens, shown
from watchkeeper.render.text import one_line

from .model import MOST_AFTER, MOST_HOURS, MOST_TOKENS, NORMAL, PRIORITIES, Hours, Id, Priority

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_NAME, LONGEST_LINE, MOST_OBJECTIVES = 120, 500, 50
NONE = ("none", "manual", "")
_RANGE = re.compile(r"(.*\d\s*[km]?)\s*(?:-|–|\bto\b)\s*(\d.*)", re.IGNORECASE)
_UNIT = re.compile(r"[km](?=\s*(tokens?)?\s*$)", re.IGNORECASE)
_SYNONYMS = {"tokens": "estimated_tokens", "objective": "objectives", "title": "name", "after_ids": "after"}
_PRIORITY_SYNONYMS = {"medium": "normal", "urgent": "critical"}


def hours_of(value: Any) -> Any:
    """Read `3`, `1.5`, `3h` and `90m` as hours."""
    if not isinstance(value, str):
        return _figure(value)
    text = value.strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return parse_duration(text) / 3600.0
    except UserError:
        return value


def _priority(value: Any) -> Any:
    """Read the words in any case, and 1 to 4 for them."""
    if value is None:
        return NORMAL
    if isinstance(value, str):
        word = value.strip().lower()
        number = int(word) if word in ("1", "2", "3", "4") else 0
        return PRIORITIES[number - 1] if number else _PRIORITY_SYNONYMS.get(word, word)
    is_number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(PRIORITIES)
    return PRIORITIES[value - 1] if is_number else value


def _figure(value: Any) -> Any:
    """Refuse `true`, which Python takes for 1."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - the only kind that pydantic reports
    return value


def _possible(tokens: int | None) -> int | None:
    if tokens is not None and not 0 < tokens <= MOST_TOKENS:
        raise ValueError
    return tokens


def _time(value: Any) -> Any:
    return "" if value is None else value


Tokens = Annotated[SaidTokens, BeforeValidator(_figure), AfterValidator(_possible)]


class Wanted(BaseModel):
    """The keys of the JSON; `model_fields_set` tells which of them were given."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    id: Id | None = None
    name: Annotated[Name, Field(max_length=LONGEST_NAME)] = "-"
    objectives: Annotated[SaidLines, Field(max_length=MOST_OBJECTIVES)] = ()
    project: Line = ""
    agent: Annotated[Line, Field(max_length=LONGEST_NAME)] = ""
    estimated_tokens: Tokens = None
    low_tokens: Tokens = None
    high_tokens: Tokens = None
    hours: Annotated[Hours | None, BeforeValidator(hours_of)] = None
    priority: Annotated[Priority, BeforeValidator(_priority)] = NORMAL
    after: Annotated[Lines, BeforeValidator(lambda value: [value] if isinstance(value, str) else value or ())] = ()
    at: Annotated[Line, BeforeValidator(_time)] = ""
    """A time as it was written, reset or reset+5m; none and manual are no time."""
    handoff: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        # Half of a character is legal in a key of JSON and cannot be shown.
        named = {str(key).encode("utf-8", "replace").decode("utf-8"): part for key, part in value.items()}
        told = {_SYNONYMS.get(key, key): part for key, part in named.items()}
        return {**told, **_spread(told.get("estimated_tokens"))}

    @model_validator(mode="after")
    def _is_possible(self) -> Wanted:
        low, middle, high = self.low_tokens, self.estimated_tokens, self.high_tokens
        known = [each for each in (low, middle, high) if each is not None]
        if known != sorted(known):
            raise ValueError("low_tokens must be at most estimated_tokens, and that at most high_tokens")
        if (low is None) != (high is None):
            raise ValueError("low_tokens and high_tokens belong together: give both or none of them")
        if any(len(line) > LONGEST_LINE for line in self.objectives):
            raise ValueError(f"an objective must be at most {LONGEST_LINE} characters long")
        if len(self.after) > MOST_AFTER:
            raise ValueError(f"a session can wait for at most {MOST_AFTER} others")
        return self


def checked(value: dict[str, Any], what: str = "", exit_code: int = 1) -> Wanted:
    """Return what the keys and values say. Raise UserError with one sentence for the first thing that is wrong.

    `what` names the one among several that is meant; `exit_code` is 2 for what was typed as options.
    """
    try:
        return Wanted.model_validate(value)
    except ValidationError as error:
        sentence = _sentence(error.errors()[0])
    raise UserError(f"{what}: {sentence}" if what else sentence, exit_code)


def _spread(value: Any) -> dict[str, Any]:
    """Read `15-20k` as low, middle and high."""
    match = _RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return {}
    unit = _UNIT.search(match[2])
    first = match[1] if unit is None or match[1][-1:].isalpha() else match[1] + unit[0]
    try:
        low, high = (TypeAdapter(SaidTokens).validate_python(text) for text in (first, match[2]))
    except ValidationError:
        return {}
    return {"low_tokens": low, "estimated_tokens": ((low or 0) + (high or 0)) // 2, "high_tokens": high}


def _sentence(error: ErrorDetails) -> str:
    place = one_line(".".join(str(part) for part in error["loc"]))
    field, kind = place.partition(".")[0], error["type"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(place, Wanted.model_fields, 1)
        return f"{place} is no key of a session; " + (
            f"did you mean {near[0]}?" if near else f"the keys are {', '.join(Wanted.model_fields)}."
        )
    if kind == "value_error" and not place:
        return error["msg"].removeprefix("Value error, ") + "."
    return f"{_SHOWN.get(field, field)} must be {_WANTED[field]}, not {shown(error.get('input'))}."


_SHOWN = {"estimated_tokens": "tokens", "objectives": "objective"}
_WANTED = {
    "id": "lower-case letters, digits and single hyphens",
    "name": f"a line of at most {LONGEST_NAME} characters that is not empty",
    "objectives": f"a text, or a list of at most {MOST_OBJECTIVES}",
    "project": "the path of a folder",
    "agent": f"a name of at most {LONGEST_NAME} characters",
    "estimated_tokens": f"a whole number of tokens from 1 to {MOST_TOKENS:,} such as 45000 or 45k",
    "low_tokens": f"a whole number of tokens from 1 to {MOST_TOKENS:,}",
    "high_tokens": f"a whole number of tokens from 1 to {MOST_TOKENS:,}",
    "hours": f"more than 0 and at most {MOST_HOURS:g}, the length of a window (split longer work)",
    "priority": "critical, high, normal or low",
    "after": "ids of other sessions",
    "at": "a time such as 18:05, tomorrow 9:00, reset or reset+5m",
    "handoff": "a handoff's id",
}
