"""A short way to responses that are written as clients write them; every other record goes the long way."""

from __future__ import annotations

from datetime import datetime
from sys import intern
from typing import Any

from watchkeeper.core.records import MAIN, SIDECHAIN

_MOST_TOKENS = 10**12
_LONGEST = 512


def plain_row(record: Any, in_agent_file: bool) -> tuple[Any, ...] | None:
    """Return the first ten fields of the Response that `core.records.fact_of` finds, or None: that has to be asked.

    `record` was decoded from JSON.
    """
    try:
        if record["type"] != "assistant" or "isApiErrorMessage" in record or "forkedFrom" in record:
            return None
        message = record["message"]
        usage = message["usage"]
        message_id = message["id"]
        model = message["model"]
        session_id = record["sessionId"]
        agent_id = record.get("agentId", "")
        is_sidechain = record["isSidechain"]
        timestamp = record["timestamp"]
        input_tokens = usage["input_tokens"]
        output_tokens = usage["output_tokens"]
        creation_tokens = usage["cache_creation_input_tokens"]
        read_tokens = usage["cache_read_input_tokens"]
        text = message_id + session_id + agent_id + model + record["cwd"]
        if (
            type(input_tokens) is type(output_tokens) is type(creation_tokens) is type(read_tokens) is int
            and 0 <= input_tokens < _MOST_TOKENS
            and 0 <= output_tokens < _MOST_TOKENS
            and 0 <= creation_tokens < _MOST_TOKENS
            and 0 <= read_tokens < _MOST_TOKENS
            and (output_tokens or read_tokens or creation_tokens or input_tokens)
            and message_id
            and session_id
            and model != "<synthetic>"
            and len(text) <= _LONGEST
            and text.isascii()
            and type(is_sidechain) is bool
            and timestamp[-1] == "Z"
        ):
            # Python 3.10 reads no Z.
            at = datetime.fromisoformat(timestamp[:-1] + "+00:00").timestamp()
            if at < 0:
                return None
            return (
                message_id,
                SIDECHAIN if in_agent_file or is_sidechain else MAIN,
                # One object for equal texts makes what is sent between processes a third as long.
                intern(session_id),
                intern(agent_id),
                intern(model),
                at,
                input_tokens,
                output_tokens,
                creation_tokens,
                read_tokens,
            )
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
        pass
    return None
