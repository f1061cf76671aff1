"""What the stand-in can answer, and how an answer looks on the wire."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Usage(NamedTuple):
    """The four token counts of one response, or a sum of them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0

    def plus(self, other: Usage) -> Usage:
        """The sum, kind by kind."""
        return Usage(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Tool:
    """One tool call that the model asks for."""

    name: str
    input: Mapping[str, Any]


def bash(command: str) -> Tool:
    """A call of the Bash tool."""
    return Tool("Bash", {"command": command, "description": "Run a command"})


def agent(prompt: str, *, background: bool = False) -> Tool:
    """A call that starts a general-purpose sub-agent, by default one that the main thread waits for."""
    chosen = {"description": "Look", "prompt": prompt, "subagent_type": "general-purpose"}
    return Tool("Agent", {**chosen, "run_in_background": background})


@dataclass(frozen=True)
class Turn:
    """One response of the model: text, then tool calls."""

    text: str = ""
    tools: tuple[Tool, ...] = ()
    usage: Usage | None = None
    """None lets the stand-in choose counts that differ from response to response."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent beside the stand-in's own headers, and instead of those of the same name."""
    gate: threading.Event | None = None
    """The answer is held back until this is set, so that a test can look at a session at work."""
    ending_gate: threading.Event | None = None
    """The end of the stream is held back until this is set. The client starts a tool as soon as its call has come in,
    but writes the response to the transcript only when it is complete."""


@dataclass(frozen=True)
class Failure:
    """An HTTP error in place of a response."""

    status: int
    kind: str = "api_error"
    message: str = "made-up failure"
    headers: Mapping[str, str] = field(default_factory=dict)


Reply = Turn | Failure

OVERLOADED = Failure(529, "overloaded_error", "Overloaded")
UNAUTHORIZED = Failure(401, "authentication_error", "invalid x-api-key")


def limit_headers(
    five_hour_pct: float | None = None,
    five_hour_resets_at: float | None = None,
    seven_day_pct: float | None = None,
    seven_day_resets_at: float | None = None,
    status: str = "allowed",
) -> dict[str, str]:
    """The headers that report a subscription's limits; what is None is left out, times are epoch seconds."""
    headers = {"anthropic-ratelimit-unified-status": status}
    for name, used_pct, resets_at in (
        ("5h", five_hour_pct, five_hour_resets_at),
        ("7d", seven_day_pct, seven_day_resets_at),
    ):
        if used_pct is not None:
            headers[f"anthropic-ratelimit-unified-{name}-utilization"] = f"{used_pct / 100:.6g}"
        if resets_at is not None:
            headers[f"anthropic-ratelimit-unified-{name}-reset"] = str(int(resets_at))
    return headers


def usage_limit(resets_at: float) -> Failure:
    """The answer to a request when the five-hour window is used up until `resets_at` (epoch seconds)."""
    headers = limit_headers(five_hour_pct=100, five_hour_resets_at=resets_at, status="rejected")
    headers["anthropic-ratelimit-unified-reset"] = str(int(resets_at))
    headers["anthropic-ratelimit-unified-representative-claim"] = "five_hour"
    return Failure(429, "rate_limit_error", "This request would exceed your account's rate limit.", headers)


def message(turn: Turn, message_id: str, model: str, usage: Usage, tool_use_ids: tuple[str, ...]) -> dict[str, Any]:
    """The body of a response that is not streamed."""
    content: list[dict[str, Any]] = []
    if turn.text or not turn.tools:
        content.append({"type": "text", "text": turn.text})
    for tool, tool_use_id in zip(turn.tools, tool_use_ids, strict=True):
        content.append({"type": "tool_use", "id": tool_use_id, "name": tool.name, "input": dict(tool.input)})
    split = {"ephemeral_5m_input_tokens": usage.cache_creation_input_tokens, "ephemeral_1h_input_tokens": 0}
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "tool_use" if turn.tools else "end_turn",
        "stop_sequence": None,
        "usage": {**usage._asdict(), "cache_creation": split, "service_tier": "standard"},
    }


def stream(body: Mapping[str, Any]) -> list[bytes]:
    """The same response as server-sent events; as in the API, the first one holds a provisional output count."""
    provisional = {**body["usage"], "output_tokens": 1}
    start = {**body, "content": [], "stop_reason": None, "usage": provisional}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(body["content"]):
        if block["type"] == "text":
            empty = {**block, "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    stop = {"stop_reason": body["stop_reason"], "stop_sequence": None}
    final = {"output_tokens": body["usage"]["output_tokens"]}
    events.append({"type": "message_delta", "delta": stop, "usage": final})
    events.append({"type": "message_stop"})
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
