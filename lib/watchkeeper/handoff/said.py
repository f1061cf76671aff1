"""What whoever knows the session says of it, as JSON: read leniently, refused in sentences that can be acted on."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from watchkeeper.errors import UserError
from watchkeeper.render.text import one_line, shortened

from .draft import base
from .masking import masked
from .model import COMPOSED, Commands, FileToRead, Handoff, Line, Lines, Name, Objective, Text, Tokens

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from .facts import Facts

MOST_CHARACTERS = 256 << 10
_MOST_SENTENCES = 8
_NUMBER = re.compile(r"~?([\d][\d,_]*(?:\.\d+)?)\s*([km]?)(?:\s*tokens?)?", re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_CODE_BLOCK = re.compile(r"\s*```\w*\n(.*?)\n?```\s*", re.DOTALL)


def _tokens(value: Any) -> Any:
    """Read `45k`, `45,000` and `~45000 tokens` as numbers."""
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return value
    try:
        return round(float(match[1].replace(",", "").replace("_", "")) * _TIMES[match[2].lower()])
    except OverflowError:
        return value


def _list(value: Any) -> Any:
    """Read one text as a list of one."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [] if value is None else value


def _text(value: Any) -> Any:
    """Read a list of lines as one text."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return "" if value is None else value


def _objective(value: Any) -> Any:
    """Read a text as a title, and a list as a title, its tokens and its steps in any order."""
    if isinstance(value, str):
        return {"title": value}
    if isinstance(value, list):
        texts = [part for part in value if isinstance(part, str)]
        numbers = [part for part in value if isinstance(part, int) and not isinstance(part, bool)]
        if len(texts) + len(numbers) == len(value) and texts and len(numbers) < 2:
            return {"title": texts[0], "steps": texts[1:], "tokens": numbers[0] if numbers else None}
    return value


def _file(value: Any) -> Any:
    """Read a text as a path, and a list of two as a path and why."""
    if isinstance(value, str):
        return {"path": value}
    if isinstance(value, list) and 1 <= len(value) <= 2 and all(isinstance(part, str) for part in value):
        return dict(zip(("path", "why"), value, strict=False))
    return value


SaidTokens = Annotated[Tokens | None, BeforeValidator(_tokens)]
SaidLines = Annotated[Lines, BeforeValidator(_list)]


class _SaidObjective(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Name
    steps: SaidLines = ()
    tokens: SaidTokens = None


class Said(BaseModel):
    """The keys of the JSON."""

    model_config = ConfigDict(extra="forbid")

    title: Line = ""
    accomplished: SaidLines = ()
    tests: Annotated[Line, BeforeValidator(_text)] = ""
    objectives: Annotated[
        tuple[Annotated[_SaidObjective, BeforeValidator(_objective)], ...], BeforeValidator(_list), Field(min_length=1)
    ]
    estimated_tokens: SaidTokens = None
    decisions: SaidLines = ()
    blockers: SaidLines = ()
    files_to_read: Annotated[tuple[Annotated[FileToRead, BeforeValidator(_file)], ...], BeforeValidator(_list)] = ()
    commands: Annotated[Commands, BeforeValidator(_list)] = ()
    instructions: Annotated[Text, BeforeValidator(_text)] = ""
    agent: Line = ""
    architecture: Line = ""
    at: Line = ""


def parse(text: str) -> Said:
    """Return what JSON says. The outermost braces may be missing.

    Raise UserError with a sentence for each thing that is wrong with it.
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"The handoff is longer than {MOST_CHARACTERS // 1024} KB: leave out what the files tell anyway."
        )
    value = _json(text)
    if not isinstance(value, dict):
        raise UserError('The handoff must be a JSON object: begin with "title": "…" and "objectives": ["…"].')
    return checked(value)


def checked(value: dict[str, Any]) -> Said:
    """Return what the keys and values say. Raise UserError with a sentence for each thing that is wrong with them."""
    try:
        said = Said.model_validate(value)
    except ValidationError as error:
        sentences = [_sentence(each) for each in error.errors()]
        more = [f"{len(sentences) - _MOST_SENTENCES} more like these."] if len(sentences) > _MOST_SENTENCES else []
        raise UserError(
            " ".join(["Correct the handoff and send it again:", *sentences[:_MOST_SENTENCES], *more])
        ) from None
    _check_sum(said)
    return said


def compose(said: Said, facts: Facts, now: float) -> Handoff:
    """Return the handoff that is made of what was said, completed by the facts. Its id is given when it is saved."""
    fields = base(facts, now)
    return Handoff(
        **{
            **fields,
            "kind": COMPOSED,
            "title": said.title or shortened(said.objectives[0].title, 80),
            "accomplished": said.accomplished or facts.commits,
            "tests": said.tests or fields["tests"],
            "objectives": tuple(Objective(**each.model_dump()) for each in said.objectives),
            "stated_tokens": said.estimated_tokens,
            "decisions": said.decisions,
            "blockers": said.blockers,
            "files_to_read": said.files_to_read,
            "commands": said.commands,
            "instructions": said.instructions,
            "agent": said.agent or fields["agent"],
        }
    )


def _json(text: str) -> Any:
    block = _CODE_BLOCK.fullmatch(text)
    bare = (block[1] if block else text).strip().removeprefix("\ufeff")
    if not bare:
        raise UserError(
            "There is no handoff on standard input: pass it as JSON, or take --draft to have one made without a model."
        )
    whole = bare if bare.startswith(("{", "[")) else "{" + bare.rstrip(",") + "}"
    try:
        # A line end inside a text is what somebody meant.
        return json.loads(whole, strict=False)
    except RecursionError:
        raise UserError("The handoff's JSON is nested too deeply: lists of texts are enough.") from None
    except json.JSONDecodeError as error:
        near, _ = masked(one_line(whole[max(0, error.pos - 25) : error.pos + 25]))
        raise UserError(
            f"The handoff is no valid JSON: {error.msg} near «{near}»; correct it and send it again."
        ) from None
    except ValueError:
        raise UserError("The handoff's JSON has a number of too many digits: write tokens such as 15000.") from None


def _check_sum(said: Said) -> None:
    known = [each.tokens for each in said.objectives if each.tokens is not None]
    if said.estimated_tokens is None or len(known) < len(said.objectives):
        return
    if sum(known) != said.estimated_tokens:
        raise UserError(
            f"The objectives add up to {sum(known):,} tokens and estimated_tokens is {said.estimated_tokens:,}: leave "
            "estimated_tokens out, or make them agree."
        )


def _sentence(error: ErrorDetails) -> str:
    place = _place(error["loc"])
    kind, value = error["type"], error.get("input")
    if kind == "missing" or (kind == "too_short" and place == "objectives"):
        return (
            f"{place} is missing: name at least one thing that the next session shall do."
            if (place == "objectives")
            else f"{place} is missing."
        )
    if kind == "extra_forbidden":
        keys = sorted(Said.model_fields) if "." not in place and "[" not in place else ["title", "steps", "tokens"]
        near = difflib.get_close_matches(place.rpartition(".")[2], keys, 1)
        return f"{place} is no key of it; " + (
            f"did you mean {near[0]}?" if near else f"the keys are {', '.join(keys)}."
        )
    if "int" in kind or "tokens" in place:
        return f"{place} must be a whole number of tokens such as 15000, not {shown(value)}."
    if kind in ("tuple_type", "list_type"):
        return f"{place} must be a list of texts, not {shown(value)}."
    if kind == "string_type":
        return f"{place} must be a text, not {shown(value)}."
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        wanted = '["what to do", 15000, "step"]' if place.startswith("objectives") else '["path", "why"]'
        return f"{place} must be a text or a list such as {wanted}, not {shown(value)}."
    return f"{place} {error['msg'].removeprefix('Value error, ')}."


def _place(location: tuple[int | str, ...]) -> str:
    place = ""
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return one_line(place)


def shown(value: object) -> str:
    """Return what somebody wrote as a sentence can name it: on one line, shortened."""
    return shortened(one_line(json.dumps(value, ensure_ascii=False, default=str)), 60)
