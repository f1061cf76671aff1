"""One request to the stand-in and what was answered: who asked, and for how many tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.realclient.messages import Reply, Usage

Kind = Literal["main", "subagent", "compaction", "side"]
"""main: the conversation · subagent: a sub-agent's · compaction: the summariser's · side: titles and the like."""

SUMMARISER_MARK = "create a detailed summary of the conversation so far"


@dataclass(frozen=True)
class Exchange:
    """A request to /v1/messages with the answer that it got."""

    kind: Kind
    session_id: str
    agent_id: str | None
    """The sub-agent that asked, as hook payloads call it."""
    model: str
    headers: Mapping[str, str]
    """The request's; names in lower case."""
    body: Mapping[str, Any]
    reply: Reply
    message_id: str
    usage: Usage
    """All zero for a failure."""
    tool_use_ids: tuple[str, ...]
    """One for each tool call of the reply, in their order."""

    @property
    def text(self) -> str:
        """Every string of the request's messages, in order, one per line."""
        return "\n".join(texts(self.body.get("messages")))


def texts(value: object) -> list[str]:
    """The strings in a JSON value of messages, in order, less types, roles and ids."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        return [text for key, item in value.items() if key not in {"type", "role", "id"} for text in texts(item)]
    return []


def kind_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> Kind:
    """Who asks, by the request's headers (names in lower case) and body."""
    # What hooks tell the model may follow the user's last message.
    asked = [message for message in body.get("messages", []) if message.get("role") == "user"]
    if any(SUMMARISER_MARK in text for text in texts(asked[-1:])):
        return "compaction"
    if headers.get("x-claude-code-agent-id") or "cc_is_subagent=true" in json.dumps(body.get("system", "")):
        return "subagent"
    return "main" if body.get("tools") else "side"
