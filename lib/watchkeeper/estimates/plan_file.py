"""A plan in a Markdown file, as it is understood: phases with hours, type, libraries and steps; risks; what is odd."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.paths import expanded
from watchkeeper.errors import UserError
from watchkeeper.render.text import shortened

from . import figures, named_libraries, outline, plan_block, plan_phases, plan_remarks, task_words
from .figures import Span
from .plan_remarks import IN_PLAN, SHARED
from .work import CLEAN, ENTERPRISE, FAMILIAR, LARGE, LEARNING, LEGACY, MEDIUM, MIXED, NEW, SMALL, library_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .figures import Formula
    from .outline import Line
    from .plan_phases import Part
    from .risks import Risk

MOST_BYTES, MOST_PHASES = 1 << 20, 200
LONGEST_NAME, _LONGEST_STEP, _MOST_STEPS = 120, 200, 40

_TOKENS_LABEL = re.compile(r"(?:estimated |est\.? )?tokens?(?: estimate)?", re.IGNORECASE)
_TYPE_LABEL = re.compile(r"(?:task |work )?type|kind|rate", re.IGNORECASE)
_LIBRARIES_LABEL = re.compile(r"(?:new |used )?(?:libraries|library|dependencies|packages)", re.IGNORECASE)
_STACK_LABEL = re.compile(r"(?:tech(?:nology)? )?stack|familiarity", re.IGNORECASE)
_SIZE_LABEL = re.compile(r"(?:project|code ?base) size|size", re.IGNORECASE)
_QUALITY_LABEL = re.compile(r"(?:code )?quality", re.IGNORECASE)
_RISK_LABEL = re.compile(r"risks?", re.IGNORECASE)
_DONE_LABEL, _DONE = (
    re.compile(r"status|state", re.IGNORECASE),
    re.compile(r"\W*(?:done|complete|completed|finished)\b", re.IGNORECASE),
)
# Labels that tell of the estimate and not of something to do.
_NO_STEP = re.compile(
    r"(?:base\b.*|duration|rate|formula|range|complexity|confidence|calculation|reasoning|type|status|mitigation)",
    re.IGNORECASE,
)


class Phase(NamedTuple):
    """A phase of a plan. What the plan does not say is None or empty."""

    name: str
    line: int
    """Of the file, from 1."""
    hours: Span | None
    hours_source: str
    task_type: str
    type_source: str
    stated_tokens: Span | None
    """The plan's own range."""
    libraries: tuple[str, ...]
    stack: tuple[str, ...]
    familiarity: str
    """Of the stack, as the plan says it."""
    claims: dict[str, str]
    """How well single names are known, as the plan says it; by their keys."""
    quality: str
    steps: tuple[str, ...]
    tasks: int
    """How many checkboxes it has, and how many are ticked."""
    tasks_done: int
    risk: str
    formula: Formula | None
    """The plan's own reckoning."""
    is_done: bool


class Plan(NamedTuple):
    """A plan as it is understood."""

    path: str
    title: str
    phases: tuple[Phase, ...]
    stated_tokens: Span | None
    stated_hours: Span | None
    size: str
    quality: str
    familiarity: str
    risks: tuple[Risk, ...]
    remarks: tuple[str, ...]
    """Where the plan contradicts itself."""


def resolve(named: str, folder: str, environ: Mapping[str, str]) -> str:
    """Return the absolute path of a plan `named` in `folder`; an `@` may stand before it, as the client has it."""
    path = os.path.abspath(os.path.join(folder, expanded(named, environ)))
    if named.startswith("@") and not os.path.lexists(path):
        return os.path.abspath(os.path.join(folder, expanded(named[1:], environ)))
    return path


def load(path: str) -> bytes:
    """Return what the file at `path` holds. Raise UserError when it is no plan that can be read."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"{path!r} is no file: name the Markdown file that holds the plan.")
        if status.st_size > MOST_BYTES:
            raise UserError(f"{path!r} has {status.st_size / 1e6:.1f} MB; up to 1 MB can be read, so split it.")
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UserError(f"There is no file {path!r}: name the Markdown file that holds the plan.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path!r} cannot be read ({reason}): check its name and permissions.") from None
    if b"\0" in data:
        raise UserError(f"{path!r} is no text: name the Markdown file that holds the plan.")
    return data


def read(path: str) -> Plan:
    """Return the plan in the file at `path`. Raise UserError when there is none in it."""
    return parse(load(path), path)


def parse(data: bytes, path: str) -> Plan:
    """Return the plan in `data`, the content of the file at `path`. Raise UserError when there is none in it."""
    text = plan_block.without(data).decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = outline.outline(text)
    if not any(line.text for line in lines):
        raise UserError(f"{path!r} is empty: write the plan into it, with a heading for each phase.")
    parts = plan_phases.parts_of(lines)
    if len(parts) > MOST_PHASES:
        raise UserError(f"{path!r} has {len(parts)} phases; up to {MOST_PHASES} can be estimated at once, so split it.")
    inside = {line.number for part in parts for line in part.lines}
    around = [line for line in lines if line.number not in inside]
    title = _title(lines) or os.path.splitext(os.path.basename(path))[0] or "plan"
    whole = plan_phases.Part(title, 1, None, tuple(lines))
    phases = [_phase(part) for part in parts or [whole]]
    hours = plan_phases.labelled_hours(around)
    phases = _with_shared_hours(phases, hours)
    tokens = _labelled(around, _TOKENS_LABEL, _tokens) if parts else phases[0].stated_tokens
    return Plan(
        path,
        shortened(title, LONGEST_NAME),
        tuple(phases),
        tokens,
        hours,
        _word(around, _SIZE_LABEL, (SMALL, MEDIUM, LARGE, ENTERPRISE)),
        _word(around, _QUALITY_LABEL, (CLEAN, MIXED, LEGACY)),
        _word(around, _STACK_LABEL, (FAMILIAR, LEARNING, NEW)),
        tuple(plan_remarks.placed_risks(lines, phases)),
        tuple(plan_remarks.remarks(lines, phases if parts else [], tokens, hours)),
    )


def _phase(part: Part) -> Phase:
    texts = [line.text for line in part.lines]
    stated_type = _first(part.lines, _TYPE_LABEL, task_words.stated_type)
    steps = [line.text for line in part.lines[1:] if line.kind == outline.ITEM and not _NO_STEP.fullmatch(line.label)]
    by_words, how = task_words.task_type_of(part.name, steps or texts[1:])
    named = named_libraries.named_in(texts)
    listed = [name for line in part.lines if _LIBRARIES_LABEL.fullmatch(line.label) for name in _names(line.value)]
    libraries = {library_key(name): name for name in (*listed, *named.libraries)}
    claims = dict(named.claims)
    for line in part.lines:
        if _LIBRARIES_LABEL.fullmatch(line.label) and line.label.startswith("new"):
            claims.update(dict.fromkeys((library_key(name) for name in _names(line.value)), NEW))
    hours = plan_phases.labelled_hours(part.lines) if part.hours is None else part.hours
    boxes = [line.is_checked for line in part.lines[1:] if line.is_checked is not None]
    ticked = part.is_checked if not boxes else part.is_checked or all(boxes)
    return Phase(
        shortened(part.name, LONGEST_NAME),
        part.number,
        hours,
        IN_PLAN if hours else "",
        stated_type or by_words,
        task_words.STATED if stated_type else how,
        _labelled(part.lines, _TOKENS_LABEL, _tokens) or figures.tokens_in(part.lines[0].text),
        tuple(libraries.values()),
        named.stack,
        _word(part.lines, _STACK_LABEL, (FAMILIAR, LEARNING, NEW)),
        claims,
        _word(part.lines, _QUALITY_LABEL, (CLEAN, MIXED, LEGACY)) or _legacy(texts),
        tuple(shortened(step, _LONGEST_STEP) for step in steps[:_MOST_STEPS]),
        len(boxes),
        sum(boxes),
        _first(part.lines, _RISK_LABEL, str),
        next((formula for text in texts if (formula := figures.formula_in(text)) is not None), None),
        bool(ticked) or bool(_first(part.lines, _DONE_LABEL, lambda value: "done" if _DONE.match(value) else "")),
    )


def _with_shared_hours(phases: Sequence[Phase], total: Span | None) -> list[Phase]:
    """Return the phases, those without hours given what the others leave of the plan's, by their number of steps."""
    bare = [phase for phase in phases if phase.hours is None]
    known = [phase.hours for phase in phases if phase.hours is not None]
    if total is None or not bare:
        return list(phases)
    low, high = total.low - sum(span.low for span in known), total.high - sum(span.high for span in known)
    if low <= 0 or high < low:
        return list(phases)
    weight = sum(max(1, len(phase.steps)) for phase in bare)
    shared = []
    for phase in phases:
        part = max(1, len(phase.steps)) / weight
        hours = Span(low * part, high * part)
        shared.append(phase if phase.hours else phase._replace(hours=hours, hours_source=SHARED))
    return shared


def _title(lines: Sequence[Line]) -> str:
    headings = [line for line in lines if line.kind == outline.HEADING and line.text]
    named = [line.value for line in lines if line.label == "title" and not line.level]
    return (named or [line.text for line in headings] or [""])[0]


def _names(value: str) -> tuple[str, ...]:
    return named_libraries.listed_in(value)


def _tokens(value: str) -> Span | None:
    return figures.tokens_in(value, is_about_tokens=True)


def _labelled(lines: Iterable[Line], label: re.Pattern[str], take: Callable[[str], Span | None]) -> Span | None:
    for line in lines:
        if label.fullmatch(line.label):
            span = take(line.value)
            if span is not None:
                return span
    return None


def _first(lines: Iterable[Line], label: re.Pattern[str], take: Callable[[str], str]) -> str:
    for line in lines:
        if label.fullmatch(line.label):
            found = take(line.value)
            if found:
                return found
    return ""


def _word(lines: Iterable[Line], label: re.Pattern[str], choices: tuple[str, ...]) -> str:
    return _first(
        lines, label, lambda value: next((each for each in choices if re.search(rf"\b{each}\b", value.lower())), "")
    )


def _legacy(texts: Iterable[str]) -> str:
    return LEGACY if any(re.search(r"\blegacy\b", text, re.IGNORECASE) for text in texts) else ""
