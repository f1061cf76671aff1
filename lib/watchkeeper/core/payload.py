"""What the client tells a hook: its JSON on standard input, checked field by field."""

from __future__ import annotations

import os

from .decoder import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from .paths import Paths
else:
    from .named import NamedTuple

_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:")
_LONGEST_ID = 128
_LONGEST_TEXT = 10_000


class Event(NamedTuple):
    """One call of a hook. Texts that are missing or no text are empty; `fields` is the whole payload, unchecked."""

    name: str
    session_id: str
    transcript_path: str
    cwd: str
    agent_id: str
    fields: dict[str, Any]

    def text(self, field: str) -> str:
        """Return a field's text, empty if it holds none."""
        value = self.fields.get(field)
        if not isinstance(value, str):
            return ""
        text = value[:_LONGEST_TEXT]
        # A lone surrogate is legal in JSON and can be neither stored nor printed.
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def parse(data: bytes, name: str) -> Event | None:
    """Return the event that the payload `data` of hook `name` tells of, None if it names no session."""
    try:
        fields = decode(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    session_id = identifier(fields.get("session_id"))
    if not session_id:
        return None
    return Event(
        name,
        session_id,
        _path(fields.get("transcript_path")),
        _path(fields.get("cwd")),
        identifier(fields.get("agent_id")),
        fields,
    )


def identifier(value: object) -> str:
    """Return an id of the client's if `value` is one, else an empty text; it can name a file and no folder."""
    if isinstance(value, str) and len(value) <= _LONGEST_ID and _ID_CHARACTERS.issuperset(value):
        return value
    return ""


def is_transcript(path: str, paths: Paths) -> bool:
    """Return whether `path` is an existing regular file among the transcripts of `paths`."""
    if not path.endswith(".jsonl") or not os.path.isfile(path):
        return False
    inside = paths.projects + os.sep
    return os.path.normpath(path).startswith(inside) or os.path.realpath(path).startswith(
        os.path.realpath(paths.projects) + os.sep
    )


def agent_transcript(transcript_path: str, agent_id: str) -> str:
    """Return where the client keeps the transcript of a session's sub-agent."""
    return os.path.join(transcript_path[: -len(".jsonl")], "subagents", f"agent-{agent_id}.jsonl")


def _path(value: object) -> str:
    if not isinstance(value, str) or len(value) > 4096 or "\0" in value:
        return ""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return ""
    return value
