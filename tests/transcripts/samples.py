"""Made-up transcripts, and the published ones that lie beside the checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.guards import ROOT
from watchkeeper.core import paths
from watchkeeper.core.ledger import Ledger
from watchkeeper.core.settings import DEFAULTS
from watchkeeper.transcripts import refresh

SHARED = Path(ROOT).parent / "shared"
KINDS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")

needs_shared = pytest.mark.skipif(
    not (SHARED / "transcripts" / "expected.json").exists(), reason=f"no published transcripts in {SHARED}"
)
needs_generator = pytest.mark.skipif(
    not (SHARED / "bench" / "gen_corpus.py").exists(), reason=f"no corpus generator in {SHARED}"
)


def stamp(at: float) -> str:
    """Epoch seconds as the client writes them."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def response(message_id: str, tokens: Sequence[int], at: float = NOON, **changes: Any) -> dict[str, Any]:
    """A record of a response as today's client writes it; `tokens` are input, output, cache creation, cache read."""
    message = {
        "model": changes.pop("model", "claude-opus-5-5"),
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": changes.pop(
            "content", [{"type": "text", "text": "Done: “quoted”, \\escaped and \x1b[31mred\x1b[0m."}]
        ),
        "usage": {**dict(zip(KINDS, tokens, strict=True)), "cache_creation": {"ephemeral_5m_input_tokens": 0}},
    }
    record = {
        "parentUuid": None,
        "isSidechain": False,
        "message": message,
        "requestId": "req_" + message_id,
        "type": "assistant",
        "uuid": "u-" + message_id,
        "timestamp": stamp(at),
        "cwd": "/home/dev/project",
        "sessionId": "s1",
        "version": "2.1.329",
    }
    return {**record, **changes}


def progress(message_id: str, tokens: Sequence[int], at: float = NOON, agent_id: str = "a1") -> dict[str, Any]:
    """A sub-agent's response as clients up to 2.1.42 kept it."""
    inner = response(message_id, tokens, at)
    data = {"type": "agent_progress", "agentId": agent_id, "message": {key: inner[key] for key in ("type", "message")}}
    return {"type": "progress", "sessionId": "s1", "timestamp": stamp(at), "data": data, "cwd": "/home/dev/project"}


def line(record: Any) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def lines(*records: Any) -> bytes:
    return b"".join(line(record) for record in records)


def write(path: Path, data: bytes, modified_at: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if modified_at is not None:
        os.utime(path, (modified_at, modified_at))
    return path


class History:
    """A made-up user's transcripts and the ledger that is made of them."""

    def __init__(self, user: User) -> None:
        self.paths = paths.paths_in(str(user.config), user.environ)
        self.projects = Path(self.paths.projects)

    def write(self, name: str, *records: Any, modified_at: float | None = None) -> Path:
        return write(self.projects / name, lines(*records), modified_at)

    def ledger(self) -> Ledger:
        return Ledger(self.paths.state, NOON)

    def refresh(self, now: float = NOON, rebuild: bool = False) -> refresh.Refreshed:
        with self.ledger() as ledger:
            return refresh.refresh(ledger, self.paths, DEFAULTS, now, rebuild=rebuild)

    def rows(self, statement: str) -> list[Any]:
        with self.ledger() as ledger:
            return ledger.usage.execute(statement).fetchall()

    def totals(self) -> tuple[int, ...]:
        """Responses, and their tokens by kind."""
        sums = ", ".join(f"ifnull(sum({kind}), 0)" for kind in KINDS)
        return tuple(self.rows(f"SELECT count(*), {sums} FROM responses")[0])


def json_values() -> st.SearchStrategy[Any]:
    """Any value JSON can state, small."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    return st.recursive(
        plain,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=8,
    )


@st.composite
def odd_records(draw: st.DrawFn) -> Any:
    """A record as a client writes it with any of its values replaced by another, or left out."""
    tokens = st.tuples(*[st.integers(0, 3)] * 4)
    made = [response("m1", draw(tokens)), progress("m1", draw(tokens))]
    made.append(
        {"type": "system", "subtype": "compact_boundary", "sessionId": "s1", "compactMetadata": {"preTokens": 1}}
    )
    made.append({"type": "cost-state", "sessionId": "s1", "totalCostUSD": 0.5})
    made.append(response("m1", draw(tokens), isApiErrorMessage=True, error="rate_limit"))
    record = draw(st.sampled_from(made))
    for _ in range(draw(st.integers(0, 3))):
        holder = record
        while True:
            key = draw(st.sampled_from(sorted(holder)))
            if not isinstance(holder[key], dict) or not holder[key] or draw(st.booleans()):
                break
            holder = holder[key]
        if draw(st.booleans()):
            holder[key] = draw(json_values())
        elif len(holder) > 1:
            del holder[key]
    return record


@st.composite
def spelled(draw: st.DrawFn, record: Any) -> bytes:
    """A record as JSON on one line: any spacing, any order of keys, any character escaped that may be."""
    space = st.sampled_from(["", " ", "\t", "  "])
    # A draw for each character would be slow; what is escaped is drawn once.
    escaped = draw(st.sets(st.sampled_from("abcdeinostuy_-UDéß"), max_size=4))
    upper = draw(st.booleans())

    def text(value: str) -> str:
        def spell(character: str) -> str:
            if character in escaped:
                return f"\\u{ord(character):04X}" if upper else f"\\u{ord(character):04x}"
            return json.dumps(character, ensure_ascii=ord(character) < 32 or 0xD800 <= ord(character) < 0xE000)[1:-1]

        return '"' + "".join(map(spell, value)) + '"'

    def spell(value: Any) -> str:
        gap = draw(space)
        if isinstance(value, dict):
            keys = draw(st.permutations(list(value)))
            return "{" + gap + f"{gap},{gap}".join(f"{text(key)}{gap}:{gap}{spell(value[key])}" for key in keys) + "}"
        if isinstance(value, list):
            return "[" + gap + f"{gap},".join(map(spell, value)) + gap + "]"
        return text(value) if isinstance(value, str) else json.dumps(value)

    return (draw(space) + spell(record) + draw(space)).encode()
