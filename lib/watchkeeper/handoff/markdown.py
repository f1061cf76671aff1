"""A handoff as Markdown and back: what the template writes, `parse` reads, also after edits by hand."""

from __future__ import annotations

import re
from typing import Any

from watchkeeper.core.records import epoch_of
from watchkeeper.core.words import share
from watchkeeper.render.local_time import local_time
from watchkeeper.render.text import one_line

from . import document
from .masking import MASK
from .model import ACTIVE_TASK, FAILED, PASSED, PENDING_TASK, CommandRun, FileToRead, Handoff, Objective, Task

# The machine's lines; what is not among them stands in the sections.
_FRONT = """id kind written_at from_session to_session scheduled_for start agent project branch commit commit_subject
    changed_files fingerprint stated_tokens limit_tokens used_tokens masked""".split()
_TIMES = ("written_at", "scheduled_for")

_BULLET = re.compile(r"(?:[-*+]|\d+[.)])\s+(.*)")
_NESTED = re.compile(r"\s+[-*+]\s+(.*)")
_OBJECTIVE = re.compile(r"\d+[.)]\s+\*\*(.*)\*\*(?: \(est\. ([\d,]+) tokens\))?")
_LOOSE_OBJECTIVE = re.compile(r"(?:[-*+]|\d+[.)])\s+(.*)")
_LOOSE_TOKENS = re.compile(r"(.*?)\s*\((?:est[.:]?\s*)?~?([\d.,]+)\s*(k?)(?:\s*tokens?)?\)", re.IGNORECASE)
_STATE = re.compile(r"[-*+]\s+\*\*([^*]+)\*\*:\s*(.*)")
_RUN = re.compile(rf"({PASSED}|{FAILED}): (.*)")
_TASK = re.compile(r"(pending|in progress): (.*)")
_FENCE = re.compile(r"(`{3,})\s*\w*")
_CODE_MARKS = re.compile(r"`+")


def render(handoff: Handoff) -> str:
    """Return a handoff as Markdown."""
    # Imported here because only what writes a handoff needs it. The model lets no control characters in.
    from watchkeeper.render import engine

    text = engine.document(
        "handoff",
        {"code": code, "fence": _fence, "escaped": _escaped, "share": share, "count": "{:,}".format},
        h=handoff,
        front=_front_lines(handoff),
        scheduled_for=handoff.start if handoff.scheduled_for is None else _shown(handoff.scheduled_for),
        mask=MASK,
    )
    return document.with_digest(text)


def parse(text: str) -> Handoff:
    """Return the handoff that Markdown holds. Raise ValueError (pydantic's) if it holds none."""
    return of_document(document.split(text))


def of_document(parts: document.Document) -> Handoff:
    """Return the handoff whose parts these are. Raise ValueError (pydantic's) if they are none."""
    fields: dict[str, Any] = {name: parts.fields[name] for name in _FRONT if parts.fields.get(name) is not None}
    for name in _TIMES:
        if isinstance(fields.get(name), str):
            fields[name] = _epoch(fields[name])
    sections = parts.sections
    state = sections.get("current state", [])
    return Handoff(
        **fields,
        title=parts.title,
        accomplished=tuple(_bullets(sections.get("what was accomplished", []))),
        tests=_state_value(state, "tests"),
        files_modified=tuple(match[1] for line in state if (match := _NESTED.fullmatch(line))),
        runs=tuple(_run(line) for line in _bullets(sections.get("commands and their results", []))),
        tasks=tuple(_task(line) for line in _bullets(sections.get("open tasks", []))),
        objectives=tuple(_objectives(sections.get("next session objectives", []))),
        decisions=tuple(_bullets(sections.get("key decisions and context", []))),
        blockers=tuple(_bullets(sections.get("blockers and notes", []))),
        files_to_read=tuple(_file(line) for line in _bullets(sections.get("files to read first", []))),
        commands=tuple(_commands(sections.get("commands to run on start", []))),
        instructions=_unescaped(sections.get("instructions", [])),
    )


def code(text: str) -> str:
    """Return text as inline code, whatever backticks it holds."""
    marks = "`" * (_longest_marks([text]) + 1)
    return f"{marks} {text} {marks}" if text.startswith("`") or text.endswith("`") else f"{marks}{text}{marks}"


def split_code(text: str) -> tuple[str, str]:
    """Return the inline code that `text` begins with, and what follows it; all of a text without any is code."""
    opening = _CODE_MARKS.match(text)
    if opening is None:
        return text.strip(), ""
    marks = opening[0]
    for closing in _CODE_MARKS.finditer(text, opening.end()):
        if closing[0] == marks:
            inside = text[opening.end() : closing.start()]
            if inside.startswith(" ") and inside.endswith(" ") and inside.strip():
                inside = inside[1:-1]
            return inside, text[closing.end() :]
    return text.strip(), ""


def _front_lines(handoff: Handoff) -> list[str]:
    lines = [document.front_line(document.MARK, document.KIND_OF_FILE)]
    for name in _FRONT:
        value = getattr(handoff, name)
        if value != Handoff.model_fields[name].default:
            lines.append(document.front_line(name, _iso(value) if name in _TIMES else value))
    return lines


def _fence(texts: tuple[str, ...]) -> str:
    return "`" * max(3, _longest_marks(texts) + 1)


def _longest_marks(texts: list[str] | tuple[str, ...]) -> int:
    return max((len(match[0]) for text in texts for match in _CODE_MARKS.finditer(text)), default=0)


def _escaped(text: str) -> str:
    return "\n".join("\\" + line if line[:1] in ("#", "\\") else line for line in text.split("\n"))


def _unescaped(lines: list[str]) -> str:
    return "\n".join(line[1:] if line[:2] in ("\\#", "\\\\") else line for line in lines)


def _bullets(lines: list[str]) -> list[str]:
    """Return the entries of a list; a line that somebody broke by hand is joined again."""
    found: list[str] = []
    for line in lines:
        match = _BULLET.fullmatch(line)
        if match:
            found.append(match[1])
        elif line.strip() and found:
            found[-1] = f"{found[-1]} {line.strip()}"
        elif line.strip():
            found.append(line.strip())
    return [each for each in found if one_line(each)]


def _objectives(lines: list[str]) -> list[Objective]:
    found: list[dict[str, Any]] = []
    for line in lines:
        exact, loose, nested = _OBJECTIVE.fullmatch(line), _LOOSE_OBJECTIVE.fullmatch(line), _NESTED.fullmatch(line)
        if exact:
            found.append({"title": exact[1], "tokens": _tokens(exact[2], ""), "steps": []})
        elif loose:
            stated = _LOOSE_TOKENS.fullmatch(loose[1])
            title, tokens = (stated[1], _tokens(stated[2], stated[3])) if stated else (loose[1], None)
            found.append({"title": title.strip("*"), "tokens": tokens, "steps": []})
        elif nested and found:
            found[-1]["steps"].append(nested[1])
    return [Objective(**each) for each in found if one_line(each["title"])]


def _tokens(digits: str | None, thousands: str) -> int | None:
    try:
        return None if digits is None else round(float(digits.replace(",", "")) * (1000 if thousands else 1))
    except (ValueError, OverflowError):
        return None


def _run(line: str) -> CommandRun:
    match = _RUN.fullmatch(line)
    command, rest = split_code(match[2] if match else line)
    return CommandRun(command=command, outcome=FAILED if match and match[1] == FAILED else PASSED, detail=rest[2:])


def _task(line: str) -> Task:
    match = _TASK.fullmatch(line)
    if match is None:
        return Task(subject=line)
    return Task(subject=match[2], state=PENDING_TASK if match[1] == PENDING_TASK else ACTIVE_TASK)


def _file(line: str) -> FileToRead:
    path, rest = split_code(line)
    why = rest.strip()
    return FileToRead(path=path, why=why[1:-1] if why.startswith("(") and why.endswith(")") else why)


def _commands(lines: list[str]) -> list[str]:
    bare = [line for line in lines if line.strip()]
    opening = _FENCE.fullmatch(bare[0]) if bare else None
    if opening is None:
        return bare
    marks = opening[1]
    end = next((number for number, line in enumerate(bare[1:], 1) if line.rstrip() == marks), len(bare))
    return bare[1:end]


def _state_value(lines: list[str], name: str) -> str:
    for line in lines:
        match = _STATE.fullmatch(line)
        if match and match[1].lower() == name:
            return match[2]
    return ""


def _iso(at: int) -> str:
    from datetime import datetime, timezone

    return datetime.fromtimestamp(at, timezone.utc).isoformat()


def _epoch(text: str) -> Any:
    return int(epoch_of(text)) or text


def _shown(at: int) -> str:
    return local_time(at).strftime("%Y-%m-%d %H:%M:%S %z")
