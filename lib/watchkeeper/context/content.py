"""What a message holds: its blocks, whether a person typed them, what a call is about, which lines a read was of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the client, an IDE or another agent puts where a person types.
_NOT_TYPED = (
    "<command-", "<local-command", "<bash-", "<ide_", "<system-reminder", "<task-notification", "<teammate-message",
    "[Request interrupted", "Caveat:",
)  # fmt: skip
_PATHS = ("file_path", "notebook_path")
_TARGETS = (*_PATHS, "command", "pattern", "query", "url", "path", "description", "prompt", "skill")
_LONGEST_TARGET, _LONGEST_PATH = 120, 4_096
_MOST_NODES = 2_000


def target_of(tool_input: object) -> str:
    """Return what a call is about, as far as its input tells: the path of a file, or a shortened text on one line."""
    if not isinstance(tool_input, dict):
        return ""
    for key in _TARGETS:
        value = tool_input.get(key)
        if isinstance(value, str) and value.strip():
            return value[:_LONGEST_PATH] if key in _PATHS else " ".join(value.split())[:_LONGEST_TARGET]
    return ""


def is_typed(block: dict[str, Any]) -> bool:
    """Return whether a block of a user's record is what a person typed, and not what the client put there."""
    text = block.get("text")
    return block.get("type") == "text" and isinstance(text, str) and not text.lstrip().startswith(_NOT_TYPED)


def blocks(content: object) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a message's content, a plain text as one."""
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    elif isinstance(content, list):
        for block in content:
            if isinstance(block, dict):
                yield block
            elif isinstance(block, str):
                yield {"type": "text", "text": block}


def lines_read(asked: Any, response: Any) -> tuple[int, float]:
    """Return the first and the last line that a read was of."""
    file = response.get("file") if isinstance(response, dict) else None
    if isinstance(file, dict) and isinstance(file.get("startLine"), int) and isinstance(file.get("numLines"), int):
        first, last = file["startLine"], file["startLine"] + file["numLines"] - 1
        return first, math.inf if last >= _whole(file.get("totalLines")) > 0 else last
    asked = asked if isinstance(asked, dict) else {}
    first, limit = max(1, _whole(asked.get("offset"))), _whole(asked.get("limit"))
    return first, first + limit - 1 if limit else math.inf


def plain_text(content: object) -> str | None:
    """Return the text of a result, None if it holds anything else."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [text_of(block.get("text")) for block in content if isinstance(block, dict) and block.get("type") == "text"]
    return "\n".join(parts) if len(parts) == len(content) else None


def is_replaceable(content: object) -> bool:
    """Return whether a result holds text and pictures alone, nothing that brings tools with it."""
    if isinstance(content, str):
        return True
    parts = content if isinstance(content, list) else []
    kinds = [block.get("type") if isinstance(block, dict) else None for block in parts]
    return bool(kinds) and set(kinds) <= {"text", "image"}


def characters_of(value: object) -> int:
    """Return the characters of all text in a JSON value."""
    characters, waiting = 0, [value]
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        current = waiting.pop()
        if isinstance(current, str):
            characters += len(current)
        elif isinstance(current, dict):
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return characters


def text_of(value: object) -> str:
    """Return a text, empty for what is none."""
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if type(value) is int and 0 < value < 10**9 else 0
