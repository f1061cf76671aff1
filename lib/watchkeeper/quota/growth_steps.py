"""Steps of sessions' main chains, read from transcripts: what a response called, and what its context grew by then.

A step is one response with its tool calls and what they returned; what it grew the context by is measured by the next
response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import growth, tail
from watchkeeper.core.decoder import decode
from watchkeeper.core.records import usage_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_FILE_BYTES = 4_000_000


class Call(NamedTuple):
    """One tool call: characters of its input as JSON and of its result, and the tokens of pictures in the result."""

    tool: str
    call_characters: int
    result_characters: int
    picture_tokens: int


class Step(NamedTuple):
    """The calls of one response, and by how many tokens the context grew until the next one."""

    message_id: str
    calls: tuple[Call, ...]
    growth_tokens: int


def read_records(path: str) -> Iterator[Any]:
    """Yield the decoded records in the last MOST_FILE_BYTES of a transcript; lines that cannot be read are left out."""
    for line in tail.last_bytes(path, MOST_FILE_BYTES).split(b"\n"):
        try:
            yield decode(line)
        except (ValueError, RecursionError):
            continue


def steps_in(records: Iterable[Any]) -> Iterator[Step]:
    """Yield the steps of the main chain in the decoded records of one transcript.

    Left out are steps between which the user wrote something or the context was compacted, and those whose results
    are not all there.
    """
    open_step: _OpenStep | None = None
    for record in records:
        if not isinstance(record, dict) or record.get("isSidechain") is True:
            continue
        message = record.get("message")
        if record.get("type") == "system" and record.get("subtype") == "compact_boundary":
            open_step = None
        elif not isinstance(message, dict):
            continue
        elif record.get("type") == "assistant":
            message_id, usage = message.get("id"), message.get("usage")
            if not isinstance(message_id, str) or not isinstance(usage, dict) or record.get("isApiErrorMessage"):
                open_step = None
                continue
            if open_step is None or open_step.message_id != message_id:
                if open_step is not None:
                    yield from open_step.closed(_context_tokens(usage))
                open_step = _OpenStep(message_id)
            open_step.add(message.get("content"), _context_tokens(usage))
        elif record.get("type") == "user" and open_step is not None and not open_step.take(message.get("content")):
            open_step = None


class _OpenStep:
    """A response whose calls are not all answered yet, or after which no other response was read."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self._context_tokens = 0
        self._asked: dict[str, tuple[str, int]] = {}
        self._answered: dict[str, tuple[int, int]] = {}

    def add(self, content: object, context_tokens: int) -> None:
        """Add what one record of the response holds; its last record has the true usage."""
        self._context_tokens = context_tokens
        for block in content if isinstance(content, list) else []:
            if isinstance(block, dict) and block.get("type") == "tool_use":
                name = block.get("name")
                characters = growth.call_characters(block.get("input"))
                self._asked[str(block.get("id"))] = (name[:200] if isinstance(name, str) else "", characters)

    def take(self, content: object) -> bool:
        """Take results; False when they are not all results of this response's calls."""
        if not isinstance(content, list):
            return False
        for block in content:
            if not isinstance(block, dict) or str(block.get("tool_use_id")) not in self._asked:
                return False
            self._answered[str(block["tool_use_id"])] = growth.content_size(block.get("content"))
        return True

    def closed(self, context_tokens: int) -> Iterator[Step]:
        """The step, if the next response's context tells what it grew by."""
        if self._context_tokens and self._answered and self._answered.keys() == self._asked.keys():
            calls = tuple(Call(*self._asked[each], *self._answered[each]) for each in self._asked)
            yield Step(self.message_id, calls, context_tokens - self._context_tokens)


def _context_tokens(usage: dict[str, Any]) -> int:
    fresh, _, created, read = usage_counts(usage)
    return fresh + created + read
