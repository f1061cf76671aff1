"""Records of transcripts as far as the growth by tool calls goes."""

from __future__ import annotations

from typing import Any


def assistant(
    message_id: str, context_tokens: int, *tools: tuple[str, str, dict[str, Any]], **more: Any
) -> dict[str, Any]:
    content = [{"type": "tool_use", "id": each, "name": name, "input": value} for each, name, value in tools]
    usage = {"input_tokens": 3, "cache_read_input_tokens": context_tokens - 3, "output_tokens": 9}
    return {"type": "assistant", "message": {"id": message_id, "usage": usage, "content": content}, **more}


def results(**texts: Any) -> dict[str, Any]:
    blocks = [{"type": "tool_result", "tool_use_id": each, "content": text} for each, text in texts.items()]
    return {"type": "user", "message": {"role": "user", "content": blocks}}
