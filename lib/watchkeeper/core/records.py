"""What one line of a transcript says: token usage, compactions, limits, costs. Knows every way the client wrote it."""

from __future__ import annotations

import sys

from .decoder import decode, decode_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Any, NamedTuple, Union

    Fact = Union["Response", "Compaction", "LimitHit", "Cost"]
else:
    from .named import NamedTuple

    # Up to Python 3.11 the module around it is read in full, in Python, before this one takes its place.
    try:
        from _datetime import datetime
    except ImportError:
        from datetime import datetime

_YEAR_10000_AT = 253_402_300_800.0
# The underscore and the letters of the words that `may_matter` looks for.
_WORD_ESCAPES = (b"\\u004", b"\\u005", b"\\u006", b"\\u007")

_KINDS = ("assistant", "progress", "system", "cost-state")

# How much a copy of a response is worth. A session's own record beats a sub-agent's replay of it, and a response
# that clients up to 2.1.42 kept only inside a `progress` record counts when its id appears nowhere else.
PROGRESS, SIDECHAIN, MAIN = 0, 1, 2

# Python 3.10 does not read the Z of a time in UTC.
_READS_Z = sys.version_info >= (3, 11)
_MOST_TOKENS = 10**12
_LONGEST_TEXT = 512
_MOST_SALVAGE_FAILURES = 100


class Response(NamedTuple):
    """One record of a model response with its token usage; several records may tell of the same response."""

    message_id: str
    rank: int
    session_id: str
    agent_id: str
    model: str
    at: float
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    cwd: str
    tool_uses: tuple[tuple[str, str], ...]
    """The tool calls this record holds: id and tool."""

    @property
    def context_tokens(self) -> int:
        """What the model read: the size of the context at this response."""
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens


class Compaction(NamedTuple):
    """The context was compacted."""

    session_id: str
    at: float
    trigger: str
    pre_tokens: int
    post_tokens: int


class LimitHit(NamedTuple):
    """The client was refused because a usage limit was reached.

    Newer clients tell `kind` and `resets_at` of the limit; for all others `text` states the reset.
    """

    session_id: str
    at: float
    text: str
    kind: str = ""
    resets_at: float = 0.0
    overage: bool = False


class Cost(NamedTuple):
    """What the client itself reckons a session cost so far."""

    session_id: str
    at: float
    usd: float


def may_matter(line: bytes) -> bool:
    """Return whether `line` could hold a fact; true for some that hold none, never false for one that does.

    A writer may escape any character of the words, so a line with an escape of one of those is taken too.
    """
    return (
        b'"assistant"' in line
        or b'"compact_boundary"' in line
        or b'"totalCostUSD"' in line
        or (b"\\u00" in line and any(escape in line for escape in _WORD_ESCAPES))
    )


def read_lines(lines: Sequence[bytes], file_session_id: str, in_agent_file: bool) -> tuple[list[Fact], int]:
    """Return the facts in `lines` and how many lines could not be read, as `read_selected` does.

    A last line that was cut off is not counted: it may be half-written.
    """
    facts, unreadable = read_selected([line for line in lines if may_matter(line)], file_session_id, in_agent_file)
    is_half_written = bool(unreadable) and unreadable[-1] is lines[-1] and not lines[-1].rstrip().endswith(b"}")
    return facts, len(unreadable) - is_half_written


def read_selected(lines: Iterable[bytes], file_session_id: str, in_agent_file: bool) -> tuple[list[Fact], list[bytes]]:
    """Return the facts in `lines`, all of which may matter, and those of them that could not be read.

    `file_session_id` stands in where a record names no session; in a sub-agent's own file (`in_agent_file`) every
    response ranks as a sub-agent's.
    """
    facts: list[Fact] = []
    unreadable: list[bytes] = []
    for line in lines:
        try:
            records = (decode(line),)
        except (ValueError, RecursionError):
            records = _salvage(line)
            if not records:
                unreadable.append(line)
        for record in records:
            fact = fact_of(record, file_session_id, in_agent_file)
            if fact is not None:
                facts.append(fact)
    return facts, unreadable


def fact_of(record: Any, file_session_id: str, in_agent_file: bool) -> Fact | None:
    """Return the fact a decoded record states, or None."""
    if not isinstance(record, dict):
        return None
    kind = record.get("type")
    if kind not in _KINDS:
        return None
    session_id = _text(record.get("sessionId")) or file_session_id
    if "forkedFrom" in record:
        # A copy of another session's record, and that one's.
        origin = record["forkedFrom"]
        session_id = (_text(origin.get("sessionId")) if isinstance(origin, dict) else "") or session_id
    if kind == "assistant":
        rank = SIDECHAIN if in_agent_file or record.get("isSidechain") is True else MAIN
        return _response(record, record, rank, session_id)
    if kind == "progress":
        data = record.get("data")
        inner = data.get("message") if isinstance(data, dict) else None
        if isinstance(data, dict) and isinstance(inner, dict) and inner.get("type") == "assistant":
            agent = dict(inner, agentId=data.get("agentId") or inner.get("agentId"))
            return _response(agent, record, PROGRESS, session_id)
    if kind == "system" and record.get("subtype") == "compact_boundary":
        metadata = record.get("compactMetadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        return Compaction(
            session_id,
            epoch_of(record.get("timestamp")),
            _text(metadata.get("trigger")),
            _count(metadata.get("preTokens")),
            _count(metadata.get("postTokens")),
        )
    if kind == "cost-state":
        return _cost(record, session_id)
    return None


def usage_counts(usage: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return (input, output, cache creation, cache read) tokens of a usage object; what is null or missing is zero.

    `cache_creation` only splits `cache_creation_input_tokens` and is not read. Where all four are zero, the numbers
    may stand in `iterations`.
    """
    counts = _counts(usage)
    if any(counts):
        return counts
    iterations = usage.get("iterations")
    if isinstance(iterations, list):
        parts = [_counts(part) for part in iterations if isinstance(part, dict)]
        if parts:
            return (
                sum(part[0] for part in parts),
                sum(part[1] for part in parts),
                sum(part[2] for part in parts),
                sum(part[3] for part in parts),
            )
    return counts


def epoch_of(timestamp: object) -> float:
    """Return the epoch seconds of an ISO 8601 timestamp (one without a zone is UTC), 0.0 for anything else.

    A time before 1970 is none of the client's either, nor one that no date can be written of.
    """
    if not isinstance(timestamp, str):
        return 0.0
    text = timestamp[:-1] + "+00:00" if not _READS_Z and timestamp.endswith("Z") else timestamp
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = datetime.fromisoformat(text + "+00:00")
        at = moment.timestamp()
        return at if 0.0 <= at < _YEAR_10000_AT else 0.0
    except (ValueError, OverflowError):
        return 0.0


def _response(record: dict[str, Any], outer: dict[str, Any], rank: int, session_id: str) -> Response | LimitHit | None:
    message = record.get("message")
    if not isinstance(message, dict):
        return None
    at = epoch_of(record.get("timestamp")) or epoch_of(outer.get("timestamp"))
    model = _text(message.get("model"))
    if record.get("isApiErrorMessage") is True or model == "<synthetic>":
        return _limit_hit(record, message, session_id, at)
    usage = message.get("usage")
    if not isinstance(usage, dict):
        return None
    message_id = _text(message.get("id")) or _text(record.get("requestId")) or _text(record.get("uuid"))
    if not message_id:
        return None
    content = message.get("content")
    tool_uses: list[tuple[str, str]] = []
    if isinstance(content, list):
        tool_uses = [
            (_text(block.get("id")), _text(block.get("name")))
            for block in content
            if isinstance(block, dict) and block.get("type") == "tool_use"
        ]
    return Response(
        message_id,
        rank,
        session_id,
        _text(record.get("agentId")),
        model,
        at,
        *usage_counts(usage),
        _text(record.get("cwd")),
        tuple(tool_uses),
    )


def _limit_hit(record: dict[str, Any], message: dict[str, Any], session_id: str, at: float) -> LimitHit | None:
    if record.get("error") not in (None, "rate_limit"):
        return None
    limits = record.get("quotaLimits")
    limits = limits if isinstance(limits, dict) else {}
    resets_at = _count(limits.get("resetsAt"))
    overage = limits.get("isUsingOverage") is True
    content = message.get("content")
    blocks = content if isinstance(content, list) else [{"text": content}]
    for block in blocks:
        text = _text(block.get("text")) if isinstance(block, dict) else ""
        if "limit" in text:
            return LimitHit(session_id, at, text, _text(limits.get("rateLimitType")), float(resets_at), overage)
    return None


def _cost(record: dict[str, Any], session_id: str) -> Cost | None:
    inner = record.get("state")
    state = inner if isinstance(inner, dict) else record
    usd = state.get("totalCostUSD")
    if isinstance(usd, bool) or not isinstance(usd, (int, float)) or not 0 <= usd < 1e9:
        return None
    return Cost(session_id, epoch_of(record.get("timestamp")), float(usd))


def _salvage(line: bytes) -> tuple[Any, ...]:
    """Return the records on a line that is not one JSON value: a lost newline leaves two on one line.

    After a part that a crash cut off, only an object that names its session is a record: the others are parts of it.
    """
    text = line.decode("utf-8", "replace").strip()
    records = []
    position = failures = 0
    while position < len(text) and failures < _MOST_SALVAGE_FAILURES:
        try:
            value, position = decode_at(text, position)
        except (ValueError, RecursionError):
            failures += 1
            position = text.find('{"', position + 1)
            if position < 0:
                break
            continue
        if not failures or (isinstance(value, dict) and "sessionId" in value):
            records.append(value)
        while position < len(text) and text[position].isspace():
            position += 1
    return tuple(records)


def _counts(usage: dict[str, Any]) -> tuple[int, int, int, int]:
    return (
        _count(usage.get("input_tokens")),
        _count(usage.get("output_tokens")),
        _count(usage.get("cache_creation_input_tokens")),
        _count(usage.get("cache_read_input_tokens")),
    )


def _count(value: object) -> int:
    if type(value) is int:
        return value if 0 <= value < _MOST_TOKENS else 0
    if isinstance(value, float) and 0 <= value < _MOST_TOKENS:
        return int(value)
    return 0


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    if value.isascii() and len(value) <= _LONGEST_TEXT:
        return value
    # A lone surrogate is legal in JSON and cannot be stored.
    return value[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
