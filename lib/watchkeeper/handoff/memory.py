"""What is remembered of a project: its sessions and what they had in common, in a file that a person may edit.

Standard library only: the hook at a session's start reads it too. What a person changed stays as they left it: the
file notes what was last written there, and only what still reads so is brought up to date.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import whole_file
from watchkeeper.render.text import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchkeeper.core.paths import Paths

MOST_SESSIONS, MOST_DECISIONS, MOST_ENTRIES = 50, 40, 8
_LONGEST = 300
_MOST_BYTES = 4 << 20
_WRITTEN = "watchkeeper"
_LISTS = ("techStack", "keyDecisions")
_TEXTS = ("architecture", "testingFramework")


class Unreadable(Exception):
    """The file of a project's memory is no JSON object; the text names it."""


class SessionNote(NamedTuple):
    """What is remembered of a session. Times are ISO 8601."""

    id: str
    start_time: str
    end_time: str
    tokens_used: int | None
    handoff_file: str
    accomplishments: tuple[str, ...]
    next_objectives: tuple[str, ...]


class Context(NamedTuple):
    """What a project's sessions have in common."""

    tech_stack: tuple[str, ...] = ()
    architecture: str = ""
    testing_framework: str = ""
    key_decisions: tuple[str, ...] = ()


def folder_of(paths: Paths) -> str:
    """Return where memories are kept."""
    return os.path.join(paths.config, "project-memory")


def path_of(paths: Paths, project: str) -> str:
    """Return where the memory of a project is kept."""
    name = hashlib.blake2s(os.path.normcase(project).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return os.path.join(folder_of(paths), name + ".json")


def read(path: str) -> dict[str, Any]:
    """Return the memory at `path`, empty where there is none. Raise Unreadable when it is damaged."""
    try:
        if os.path.lexists(path) and not os.path.isfile(path):
            # A pipe would keep the hook waiting.
            raise Unreadable(path)
        with open(path, "rb") as file:
            memory = json.loads(file.read(_MOST_BYTES))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(path) from error
    if not isinstance(memory, dict):
        raise Unreadable(path)
    return memory


def write(path: str, memory: dict[str, Any]) -> None:
    """Store a memory."""
    whole_file.write_text(path, json.dumps(memory, indent=2, ensure_ascii=False) + "\n")


def merged(memory: dict[str, Any], project: str, note: SessionNote | None, context: Context) -> dict[str, Any]:
    """Return the memory with a session and the context taken in; nothing twice, and nothing that a person took out."""
    written = memory.get(_WRITTEN)
    known: dict[str, Any] = dict(written) if isinstance(written, dict) else {}
    old = memory.get("cumulativeContext")
    common: dict[str, Any] = dict(old) if isinstance(old, dict) else {}
    for name, found in zip(_LISTS, (context.tech_stack, context.key_decisions), strict=True):
        _merge_list(common, known, name, found)
    for name, text in zip(_TEXTS, (context.architecture, context.testing_framework), strict=True):
        _merge_text(common, known, name, text)
    sessions = [each for each in _list(memory.get("sessions")) if isinstance(each, dict)]
    if note is not None:
        _merge_session(sessions, known, note)
    result = dict(memory)
    result.setdefault("projectPath", project)
    result.setdefault("projectName", os.path.basename(project) or project)
    result["sessions"] = sessions[-MOST_SESSIONS:]
    result["cumulativeContext"] = common
    result[_WRITTEN] = known
    return result


def sessions_of(memory: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sessions of a memory, oldest first, whatever a person has made of them."""
    return [each for each in _list(memory.get("sessions")) if isinstance(each, dict)]


def context_of(memory: dict[str, Any]) -> Context:
    """Return what the sessions have in common, whatever a person has made of it."""
    old = memory.get("cumulativeContext")
    common: dict[str, Any] = old if isinstance(old, dict) else {}
    return Context(
        tuple(lines_of(common.get("techStack"))),
        line_of(common.get("architecture")),
        line_of(common.get("testingFramework")),
        tuple(lines_of(common.get("keyDecisions"))),
    )


def lines_of(value: object) -> list[str]:
    """Return the texts in a list, each on one line."""
    return [line for each in _list(value) if (line := line_of(each))]


def line_of(value: object) -> str:
    """Return a text on one line, empty for what is none."""
    return one_line(value) if isinstance(value, str) else ""


def _merge_list(common: dict[str, Any], known: dict[str, Any], name: str, found: Iterable[str]) -> None:
    shown = _list(common.get(name))
    there = {_key(each) for each in shown}
    # What was written once and is gone has been taken out by hand.
    before = [each for each in _list(known.get(name)) if isinstance(each, str)]
    for text in found:
        line = shortened(one_line(text), _LONGEST)
        if line and _key(line) not in there | set(before):
            shown.append(line)
            there.add(_key(line))
            before.append(_key(line))
    common[name] = shown[-MOST_DECISIONS:]
    known[name] = before[-10 * MOST_DECISIONS :]


def _merge_text(common: dict[str, Any], known: dict[str, Any], name: str, text: str) -> None:
    line = shortened(one_line(text), _LONGEST)
    there = common.get(name)
    is_ours = there in (None, "") if name not in known else there == known[name]
    if line and is_ours:
        common[name] = known[name] = line
    common.setdefault(name, "")


def _merge_session(sessions: list[dict[str, Any]], known: dict[str, Any], note: SessionNote) -> None:
    digests = known.setdefault("sessions", {})
    if not isinstance(digests, dict):
        digests = known["sessions"] = {}
    fresh = _session(note)
    place = next((number for number, each in enumerate(sessions) if each.get("id") == note.id), None)
    if place is None:
        if note.id in digests:
            return
        sessions.append(fresh)
    elif digests.get(note.id) == _digest(sessions[place]):
        # A later look may know less than an earlier one.
        kept = {name: sessions[place].get(name) for name, value in fresh.items() if value in (None, "", [])}
        fresh = {**fresh, **kept}
        sessions[place] = fresh
    else:
        sessions[place] = {**fresh, **sessions[place]}
        return
    digests[note.id] = _digest(fresh)
    for gone in list(digests)[: max(0, len(digests) - 4 * MOST_SESSIONS)]:
        del digests[gone]


def _session(note: SessionNote) -> dict[str, Any]:
    return {
        "id": note.id,
        "startTime": note.start_time or None,
        "endTime": note.end_time or None,
        "tokensUsed": note.tokens_used,
        "handoffFile": note.handoff_file or None,
        "accomplishments": [shortened(one_line(each), _LONGEST) for each in note.accomplishments[:MOST_ENTRIES]],
        "nextObjectives": [shortened(one_line(each), _LONGEST) for each in note.next_objectives[:MOST_ENTRIES]],
    }


def _digest(session: dict[str, Any]) -> str:
    text = json.dumps(session, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _key(value: object) -> str:
    return " ".join(str(value).casefold().split()).rstrip(".")


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []
