"""What the model reads, item by item: a chain's records taken apart into prompts, answers, calls, results, the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import growth
from watchkeeper.core.records import epoch_of, usage_counts

from .content import blocks, characters_of, is_replaceable, is_typed, lines_read, plain_text, target_of, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MEMORY, READS, RESULTS, CONVERSATION = "memory", "file_reads", "tool_results", "conversation"
THINKING, CODE, HOOKS, SUMMARY = "thinking", "code", "hooks", "summary"
WRITERS = ("Write", "Edit", "MultiEdit", "NotebookEdit")
READER = "Read"
TOOL_FINDER = "ToolSearch"

# Tokens of a block's frame and per character, before they are measured (context/measure.py).
_FRAME_TOKENS, _CALL_TOKENS = 8.0, 50.0
_PER_TEXT_CHARACTER, _PER_CALL_CHARACTER, _PER_RESULT_CHARACTER = 0.28, 0.34, 0.366
_PER_SIGNATURE_CHARACTER = 0.27
# What the API promises when it is asked for nothing else, and when it is asked for more.
_CACHE_S, _LONG_CACHE_S = 300.0, 3_600.0

# Kept in the transcript and never sent, unless the client says what it sent.
_SILENT = (
    "prompt_snapshot session_context command_permissions hook_success hook_system_message hook_non_blocking_error"
    " hook_cancelled"
).split()
_UNCHANGED = "File unchanged"
STUB_MARK = "[Left out by Watchkeeper:"
_FORMER_TOKENS = re.compile(r"\babout ([0-9]{1,3}(?:,[0-9]{3}){0,2}) tokens\b")


class Item(NamedTuple):
    """One thing that the model reads. `tokens` is what its length lets expect."""

    part: str
    name: str
    """The tool, the file or the kind of attachment; empty for what is said."""
    tokens: float


class Result(NamedTuple):
    """What a tool call returned."""

    item: int
    """Its place among the items."""
    call_id: str
    tool: str
    target: str
    """The file, the command, the pattern: what the call was about, shortened."""
    first_line: int
    last_line: float
    """Which lines of the file were read; infinite where it was read to its end."""
    characters: int
    lines: int
    digest: int
    """The same for the same text, within this process; 0 for what is not text alone."""
    is_error: bool
    points_back: bool
    """It refers to an earlier result of the same target."""
    is_replaceable: bool
    """It holds text and pictures alone; nothing that brings tools with it."""
    stub_tokens: float
    """What the line takes that a pruned copy has in its place; 0.0: it is whole."""


class Response(NamedTuple):
    """One response of the model, measured."""

    message_id: str
    item: int
    """How many items it could read."""
    context_tokens: int
    model: str
    at: float
    cache_s: float
    """How long the API keeps what it has read at hand."""


class Clearing(NamedTuple):
    """Results were taken out of the context: by the client itself, or because the session goes on in a pruned copy."""

    item: int
    """How many items came before."""
    call_ids: frozenset[str]


class Reading(NamedTuple):
    """A chain, taken apart."""

    items: tuple[Item, ...]
    results: tuple[Result, ...]
    responses: tuple[Response, ...]
    prompts: tuple[int, ...]
    """Which items a person typed."""
    calls: tuple[int, ...]
    """Which items are calls of tools."""
    clearings: tuple[Clearing, ...]


def take_apart(records: Iterable[dict[str, Any]], preserved: Collection[str] = ()) -> Reading:
    """Return what the records of a chain, in its order, consist of.

    The responses among those whose uuids are in `preserved` say nothing: they were measured before a compaction.
    """
    reader = _Reader(preserved)
    for record in records:
        reader.take(record)
    reader.change_owner("")
    return Reading(
        tuple(reader.items),
        tuple(reader.results),
        tuple(reader.responses),
        tuple(reader.prompts),
        tuple(reader.calls),
        tuple(reader.clearings),
    )


class _Reader:
    def __init__(self, preserved: Collection[str]) -> None:
        self._preserved = preserved
        self.items: list[Item] = []
        self.results: list[Result] = []
        self.responses: list[Response] = []
        self.prompts: list[int] = []
        self.calls: list[int] = []
        self.clearings: list[Clearing] = []
        self._asked: dict[str, tuple[str, Any]] = {}
        self._response_places: dict[str, int] = {}
        self._owner = ""
        self._stubs: set[str] = set()

    def change_owner(self, owner: str) -> None:
        """Take it from here on as said in another session: the empty one is the file's own.

        What was copied was measured where the results were whole.
        """
        if owner != self._owner and self._stubs:
            self.clearings.append(Clearing(len(self.items), frozenset(self._stubs)))
        self._owner = owner

    def take(self, record: dict[str, Any]) -> None:
        kind, message = record.get("type"), record.get("message")
        copied_from = record.get("forkedFrom")
        self.change_owner(text_of(copied_from.get("sessionId")) if isinstance(copied_from, dict) else "")
        if kind == "attachment":
            self._take_attachment(record)
        elif kind == "system":
            self._take_system(record)
        elif not isinstance(message, dict):
            return
        elif kind == "assistant":
            self._take_answer(record, message)
        elif kind == "user":
            self._take_user(record, message)

    def _add(self, part: str, name: str, tokens: float) -> None:
        self.items.append(Item(part, name, tokens))

    def _take_answer(self, record: dict[str, Any], message: dict[str, Any]) -> None:
        if record.get("isApiErrorMessage") is True or message.get("model") == "<synthetic>":
            return
        self._measure(record, message)
        for block in blocks(message.get("content")):
            kind = block.get("type")
            if kind == "text":
                self._add(CONVERSATION, "", _text_tokens(block.get("text")))
            elif kind in ("thinking", "redacted_thinking"):
                thought, signature = block.get("thinking"), block.get("signature") or block.get("data")
                by_signature = _PER_SIGNATURE_CHARACTER * len(text_of(signature))
                self._add(THINKING, "", _text_tokens(thought) if thought else _FRAME_TOKENS + by_signature)
            elif kind == "tool_use":
                self._take_call(block)
            else:
                self._add(RESULTS, text_of(block.get("name")), _PER_RESULT_CHARACTER * characters_of(block))

    def _take_call(self, block: dict[str, Any]) -> None:
        name, asked = text_of(block.get("name")), block.get("input")
        self._asked[text_of(block.get("id"))] = (name, asked)
        self.calls.append(len(self.items))
        part = CODE if name in WRITERS else READS if name == READER else RESULTS
        label = target_of(asked) if part == READS else name
        self._add(part, label, _CALL_TOKENS + _PER_CALL_CHARACTER * growth.call_characters(asked))

    def _take_user(self, record: dict[str, Any], message: dict[str, Any]) -> None:
        for block in blocks(message.get("content")):
            kind = block.get("type")
            if kind == "tool_result":
                self._take_result(record, block)
            elif record.get("isCompactSummary") is True:
                self._add(SUMMARY, "", _text_tokens(block.get("text")))
            elif record.get("isMeta") is True:
                self._add(MEMORY, "", _block_tokens(block))
            else:
                if is_typed(block):
                    self.prompts.append(len(self.items))
                self._add(CONVERSATION, "", _block_tokens(block))

    def _take_result(self, record: dict[str, Any], block: dict[str, Any]) -> None:
        call_id, content = text_of(block.get("tool_use_id")), block.get("content")
        tool, asked = self._asked.get(call_id, ("", None))
        characters, picture_tokens = growth.content_size(content)
        text = plain_text(content)
        is_error = block.get("is_error") is True
        first, last = lines_read(asked, record.get("toolUseResult"))
        target = target_of(asked)
        is_read = tool == READER and not is_error
        tokens = _FRAME_TOKENS + _PER_RESULT_CHARACTER * characters + picture_tokens
        stub_tokens = 0.0
        if self._owner and text is not None and text.startswith(STUB_MARK):
            self._stubs.add(call_id)
            former = _FORMER_TOKENS.search(text)
            # The responses that were copied have read what stood there.
            stub_tokens, tokens = tokens, float(former[1].replace(",", "")) if former else tokens
        self.results.append(
            Result(
                len(self.items),
                call_id,
                tool,
                target,
                first,
                last,
                characters,
                text.count("\n") + 1 if text else 0,
                hash(text) if text else 0,
                is_error,
                text is not None and text.startswith(_UNCHANGED),
                is_replaceable(content),
                stub_tokens,
            )
        )
        self._add(READS if is_read else RESULTS, target if is_read else tool, tokens)

    def _take_attachment(self, record: dict[str, Any]) -> None:
        attachment = record.get("attachment")
        if not isinstance(attachment, dict):
            return
        kind = text_of(attachment.get("type"))
        rendered = record.get("rendered")
        if rendered is None and kind in _SILENT:
            # What such a hook prints for the model stands here alone.
            rendered = attachment.get("content") if kind == "hook_success" else None
            if not rendered:
                return
        tokens = _FRAME_TOKENS + _PER_TEXT_CHARACTER * characters_of(attachment if rendered is None else rendered)
        if kind == "file":
            self._add(READS, text_of(attachment.get("filename")), tokens)
        elif kind == "queued_command":
            is_typed = attachment.get("commandMode") == "prompt"
            if is_typed:
                self.prompts.append(len(self.items))
            self._add(CONVERSATION if is_typed else RESULTS, "" if is_typed else "Agent", tokens)
        else:
            self._add(HOOKS if kind.startswith("hook_") else MEMORY, kind, tokens)

    def _take_system(self, record: dict[str, Any]) -> None:
        if record.get("subtype") == "local_command":
            self._add(CONVERSATION, "", _text_tokens(record.get("content")))
        metadata = record.get("microcompactMetadata")
        cleared = metadata.get("compactedToolIds") if isinstance(metadata, dict) else None
        if isinstance(cleared, list):
            self.clearings.append(
                Clearing(len(self.items), frozenset(each for each in cleared if isinstance(each, str)))
            )

    def _measure(self, record: dict[str, Any], message: dict[str, Any]) -> None:
        usage = message.get("usage")
        if not isinstance(usage, dict) or record.get("uuid") in self._preserved:
            return
        fresh, _, created, read = usage_counts(usage)
        message_id = text_of(message.get("id")) or text_of(record.get("requestId")) or text_of(record.get("uuid"))
        place = self._response_places.get(message_id)
        if place is not None:
            known = self.responses[place]
            self.responses[place] = known._replace(context_tokens=max(known.context_tokens, fresh + created + read))
        elif fresh + created + read:
            self._response_places[message_id] = len(self.responses)
            self.responses.append(
                Response(
                    message_id,
                    len(self.items),
                    fresh + created + read,
                    text_of(message.get("model")),
                    epoch_of(record.get("timestamp")),
                    _cache_s(record, usage),
                )
            )


def _cache_s(record: dict[str, Any], usage: dict[str, Any]) -> float:
    asked = record.get("promptCacheRequested")
    split = usage.get("cache_creation")
    split = split if isinstance(split, dict) else {}
    if asked == "1h" or split.get("ephemeral_1h_input_tokens"):
        return _LONG_CACHE_S
    return _CACHE_S


def _block_tokens(block: dict[str, Any]) -> float:
    characters, tokens = growth.content_size([block])
    return _FRAME_TOKENS + _PER_TEXT_CHARACTER * characters + tokens


def _text_tokens(text: object) -> float:
    return _FRAME_TOKENS + _PER_TEXT_CHARACTER * len(text_of(text))
