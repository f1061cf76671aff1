"""Where a session's tokens went: by model, sub-agent, tool and file; what the cache saved; compactions and alerts."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.context import items, measure
from watchkeeper.core.quota import ESTIMATED, MEASURED, UNKNOWN
from watchkeeper.core.usage import COLUMNS, counted_sum
from watchkeeper.render.text import one_line, shortened
from watchkeeper.transcripts import chain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_SUMS = """count(*), ifnull(sum(input_tokens), 0), ifnull(sum(output_tokens), 0),
    ifnull(sum(cache_creation_input_tokens), 0), ifnull(sum(cache_read_input_tokens), 0)"""
_MOST = 12
_LONGEST_NAME = 80


class Put(NamedTuple):
    """What one tool or file has put into the context."""

    name: str
    tokens: int
    times: int


class Contents(NamedTuple):
    """What tools and files have put into the context, the most first; `source` says how that is known."""

    tools: tuple[Put, ...]
    files: tuple[Put, ...]
    source: str


def totals(db: sqlite3.Connection, session_id: str) -> dict[str, Any]:
    """Return all tokens of a session, sub-agents included, and which share of what was read came from the cache."""
    row = db.execute(f"SELECT {_SUMS}, min(at), max(at) FROM responses WHERE session_id = ?", (session_id,)).fetchone()
    responses, fresh, output, created, read, first_at, last_at = row
    seen = fresh + created + read
    return {
        "responses": responses,
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_creation_input_tokens": created,
        "cache_read_input_tokens": read,
        "cache_pct": 100.0 * read / seen if seen else None,
        "first_at": first_at,
        "last_at": last_at,
    }


def by_model(db: sqlite3.Connection, session_id: str, counted: Sequence[str]) -> list[dict[str, Any]]:
    """Return the tokens of each model, the most of the `counted` kinds first."""
    rows = db.execute(
        f"SELECT model, {_SUMS} FROM responses WHERE session_id = ? GROUP BY model"
        f" ORDER BY sum({counted_sum(counted)}) DESC",
        (session_id,),
    )
    return [_row(name, counts, counted) for name, *counts in rows]


def by_agent(
    db: sqlite3.Connection, session_id: str, transcript_path: str, counted: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the tokens of each sub-agent, the most of the `counted` kinds first, by what it was called."""
    rows = db.execute(
        f"SELECT agent_id, {_SUMS} FROM responses WHERE session_id = ? AND agent_id <> '' GROUP BY agent_id"
        f" ORDER BY sum({counted_sum(counted)}) DESC LIMIT {_MOST}",
        (session_id,),
    ).fetchall()
    return [_row(_agent_name(transcript_path, agent_id), counts, counted) for agent_id, *counts in rows]


def compactions(db: sqlite3.Connection, session_id: str) -> list[dict[str, Any]]:
    """Return the compactions of a session, in their order."""
    rows = db.execute(
        "SELECT at, trigger, pre_tokens, post_tokens FROM compactions WHERE session_id = ? ORDER BY at", (session_id,)
    )
    return [
        {"at": at, "trigger": trigger, "before_tokens": before, "after_tokens": after}
        for at, trigger, before, after in rows
    ]


def alerts(
    db: sqlite3.Connection, session_id: str, account: str, since_at: float, until_at: float
) -> list[dict[str, Any]]:
    """Return the alerts that the user was told of the session and its account in a time, the highest of each moment."""
    rows = db.execute(
        "SELECT at, kind, max(threshold) FROM told WHERE latch = 'user' AND subject IN (?, ?) AND at BETWEEN ? AND ?"
        " AND kind IN ('five_hour', 'seven_day', 'context', 'context_size') GROUP BY at, kind ORDER BY at",
        (session_id, account, since_at, until_at),
    )
    return [{"at": at, "kind": kind, "threshold": threshold} for at, kind, threshold in rows]


def contents(db: sqlite3.Connection, session_id: str, transcript_path: str) -> Contents:
    """Return what tools and files have put into the context of the main thread, over the whole session.

    Measured from the transcript where it is there, else estimated call by call as it came.
    """
    try:
        return _measured(transcript_path)
    except (OSError, ValueError):
        pass
    rows = db.execute(
        "SELECT name, sum(call_tokens + result_tokens), count(*) FROM tool_calls WHERE session_id = ? AND agent_id = ''"
        f" GROUP BY name ORDER BY 2 DESC LIMIT {_MOST}",
        (session_id,),
    ).fetchall()
    tools = tuple(Put(shortened(one_line(name), _LONGEST_NAME), tokens, times) for name, tokens, times in rows)
    return Contents(tools, (), ESTIMATED if tools else UNKNOWN)


def _measured(path: str) -> Contents:
    if not path:
        raise FileNotFoundError(path)
    tools: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    files: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for reading in _segments(path):
        tokens = measure.measure(reading).tokens
        calls = set(reading.calls)
        for place, item in enumerate(reading.items):
            if item.part in (items.READS, items.RESULTS, items.CODE) and item.name:
                tool = items.READER if item.part == items.READS else item.name
                _add(tools[tool], tokens[place], place in calls)
                if item.part == items.READS:
                    _add(files[item.name], tokens[place], place in calls)
    return Contents(_most(tools), _most(files), MEASURED)


def _segments(path: str) -> Iterator[items.Reading]:
    """Yield what the model read between one compaction and the next."""
    graph = chain.read_graph(path)
    found = graph.chain()
    nodes = graph.history(found) + found.nodes
    boundaries = {boundary.uuid for boundary in graph.boundaries}
    start = 0
    for end, node in enumerate(nodes):
        if node.uuid in boundaries and end > start:
            yield items.take_apart(chain.records(path, nodes[start:end]), found.preserved)
            start = end
    yield items.take_apart(chain.records(path, nodes[start:]), found.preserved)


def _add(sums: list[float], tokens: float, is_call: bool) -> None:
    sums[0] += tokens
    sums[1] += is_call


def _most(sums: dict[str, list[float]]) -> tuple[Put, ...]:
    found = [
        Put(shortened(one_line(name), _LONGEST_NAME), round(tokens), int(times))
        for name, (tokens, times) in sums.items()
        if name
    ]
    return tuple(sorted(found, key=lambda each: (-each.tokens, each.name))[:_MOST])


def _row(name: str, counts: Sequence[int], counted: Sequence[str]) -> dict[str, Any]:
    responses, fresh, output, created, read = counts
    tokens = {
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_creation_input_tokens": created,
        "cache_read_input_tokens": read,
    }
    return {
        "name": shortened(one_line(name), _LONGEST_NAME),
        "responses": responses,
        **tokens,
        "counted_tokens": sum(tokens[COLUMNS[kind]] for kind in counted if kind in COLUMNS),
    }


def _agent_name(transcript_path: str, agent_id: str) -> str:
    path = os.path.join(transcript_path.removesuffix(".jsonl"), "subagents", f"agent-{agent_id}.meta.json")
    try:
        with open(path, "rb") as file:
            told = json.loads(file.read(65_536))
    except (OSError, ValueError, RecursionError):
        return agent_id
    words = [told.get(key) for key in ("agentType", "description")] if isinstance(told, dict) else []
    return ": ".join(word for word in words if isinstance(word, str) and word) or agent_id
