"""What was used, in `usage.db`: responses, tool calls, sessions, windows. Every write can be repeated without harm."""

from __future__ import annotations

from .gathered import Gathered
from .tail import START, Position

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from typing import Any

    from .records import Compaction, Fact

WINDOW_S = 5 * 3600.0

PRUNED_BEFORE_AT, RESERVE_TOKENS = "pruned_before_at", "reserve_tokens"
# Responses without a time have zero.
_EARLIEST_AT = 1e-9

# The columns of responses that hold the tokens of each kind that can be counted (settings quota.counted).
COLUMNS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_creation": "cache_creation_input_tokens",
    "cache_read": "cache_read_input_tokens",
}

# Records of one response may arrive in any order, from several files and processes at once. The copy that ranks
# highest wins, among equals the one with the most tokens (a response's last record has its true output); the rest
# settles ties. The earliest time is kept. So the result does not depend on the order; only the owner does, which is
# the session that was seen first.
_MERGE = """INSERT INTO responses VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (message_id) DO UPDATE SET
    (rank, model, agent_id, input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens) =
        (SELECT excluded.rank, excluded.model, excluded.agent_id, excluded.input_tokens, excluded.output_tokens,
            excluded.cache_creation_input_tokens, excluded.cache_read_input_tokens WHERE {better}
         UNION ALL SELECT rank, model, agent_id, input_tokens, output_tokens, cache_creation_input_tokens,
            cache_read_input_tokens WHERE NOT {better}),
    at = CASE WHEN {earlier} THEN excluded.at ELSE at END
  WHERE {better} OR {earlier}""".format(
    better="""((excluded.rank, excluded.input_tokens + excluded.output_tokens + excluded.cache_creation_input_tokens
        + excluded.cache_read_input_tokens, excluded.output_tokens, excluded.input_tokens,
        excluded.cache_creation_input_tokens, excluded.model, excluded.agent_id) > (rank, input_tokens + output_tokens
        + cache_creation_input_tokens + cache_read_input_tokens, output_tokens, input_tokens,
        cache_creation_input_tokens, model, agent_id))""",
    # Zero is no time.
    earlier="(excluded.at > 0 AND (at <= 0 OR excluded.at < at))",
)
_SPAN = """INSERT INTO sessions (session_id, started_at, cwd, last_at, model, context_at, context_tokens)
    VALUES (?,?,?,?,?,?,?) ON CONFLICT (session_id) DO UPDATE SET
    cwd = CASE WHEN excluded.cwd <> '' AND (cwd = '' OR excluded.started_at < started_at) THEN excluded.cwd
        ELSE cwd END,
    started_at = ifnull(min(started_at, excluded.started_at), ifnull(started_at, excluded.started_at)),
    model = CASE WHEN (excluded.last_at, excluded.model) > (ifnull(last_at, 0), model) THEN excluded.model
        ELSE model END,
    last_at = max(ifnull(last_at, 0), excluded.last_at),
    context_tokens = CASE WHEN (excluded.context_at, excluded.context_tokens) >= (ifnull(context_at, 0),
        ifnull(context_tokens, 0)) THEN excluded.context_tokens ELSE context_tokens END,
    context_at = ifnull(max(context_at, excluded.context_at), ifnull(context_at, excluded.context_at))"""
# More responses than this at once are history, not the growth of a session.
_MANY = 100


def merge_facts(db: sqlite3.Connection, facts: Iterable[Fact], pruned_before_at: float = 0.0) -> None:
    """Merge what transcript records said; responses before `pruned_before_at` are in the totals already."""
    gathered = Gathered()
    for fact in facts:
        gathered.add(fact)
    merge(db, gathered, pruned_before_at)


def merge(db: sqlite3.Connection, gathered: Gathered, pruned_before_at: float = 0.0) -> None:
    """Merge what was gathered: responses, sessions, sub-agents, and the five-hour windows that responses open."""
    rows = [row for row in gathered.responses.values() if row[5] >= pruned_before_at or row[5] <= 0]
    times = sorted({row[5] for row in rows if row[5] > 0})
    is_moving = len(rows) <= _MANY and any(_is_later_stored(db, row) for row in rows)
    # In the order of the index, which is the larger of the two trees.
    rows.sort(key=_time_of)
    db.executemany(_MERGE, rows)
    if times and (is_moving or len(rows) > _MANY):
        _chain_windows(db, last_window_start(db, times[0]))
    else:
        for at in times:
            extend_windows(db, at)
    spans = {session_id: span for session_id, span in gathered.spans.items() if span[2] >= pruned_before_at}
    db.executemany(_SPAN, [_session_row(session_id, span) for session_id, span in spans.items()])
    db.executemany(
        "INSERT INTO agents VALUES (?,?,?,?) ON CONFLICT (agent_id) DO UPDATE SET"
        " started_at = CASE WHEN excluded.started_at > 0 AND (started_at <= 0 OR excluded.started_at < started_at)"
        " THEN excluded.started_at ELSE started_at END, last_at = max(last_at, excluded.last_at)",
        [(agent_id, *agent) for agent_id, agent in gathered.agents.items() if agent[2] >= pruned_before_at],
    )
    # A call may be read before its hook runs: calls made at once stand in the transcript together.
    db.executemany(
        "INSERT INTO tool_calls VALUES (?,?,?,?,?,NULL,0,0,0,1)"
        " ON CONFLICT (tool_use_id) DO UPDATE SET call_measured = 1",
        [tool_use for tool_use in gathered.tool_uses if tool_use[0]],
    )
    for compaction in gathered.compactions:
        if compaction.at >= pruned_before_at:
            _save_compaction(db, compaction)
    db.executemany(
        "INSERT INTO sessions (session_id, cost_usd, cost_at) VALUES (?,?,?) ON CONFLICT (session_id) DO UPDATE SET"
        " cost_usd = max(ifnull(cost_usd, 0), excluded.cost_usd), cost_at = max(ifnull(cost_at, 0), excluded.cost_at)",
        [
            (session_id, cost.usd, cost.at)
            for session_id, cost in gathered.costs.items()
            if session_id in spans or session_id not in gathered.spans
        ],
    )


def extend_windows(db: sqlite3.Connection, at: float) -> None:
    """Make the chain of five-hour windows right after a response at `at` was added.

    A window starts at the first response after the one before has ended, and lasts five hours.
    """
    start = last_window_start(db, at)
    if start is None or at >= start + WINDOW_S:
        _chain_windows(db, start)


def _chain_windows(db: sqlite3.Connection, last_right: float | None) -> None:
    """Make anew all windows after the one that started at `last_right`."""
    known = -1.0 if last_right is None else last_right
    db.execute("DELETE FROM windows WHERE started_at > ?", (known,))
    start = first_response_at(db, _EARLIEST_AT if last_right is None else last_right + WINDOW_S)
    while start is not None:
        db.execute("INSERT INTO windows VALUES (?)", (start,))
        start = first_response_at(db, start + WINDOW_S)


def first_response_at(db: sqlite3.Connection, since_at: float) -> float | None:
    """Return when the first response at or after `since_at` was, or None."""
    at: float | None = db.execute("SELECT min(at) FROM responses WHERE at >= ?", (since_at,)).fetchone()[0]
    return at


def last_window_start(db: sqlite3.Connection, now: float) -> float | None:
    """Return when the latest measured window started, or None."""
    at: float | None = db.execute("SELECT max(started_at) FROM windows WHERE started_at <= ?", (now,)).fetchone()[0]
    return at


def counted_sum(counted: Sequence[str], table: str = "") -> str:
    """Return as SQL the tokens of the `counted` kinds that a row of responses, or of `table.`, has."""
    return "+".join(f"{table}{COLUMNS[kind]}" for kind in counted if kind in COLUMNS) or "0"


def counted_tokens(
    db: sqlite3.Connection, counted: Sequence[str], account: str, since_at: float, until_at: float
) -> int:
    """Return the tokens of the `counted` kinds that an account's responses in [since_at, until_at) have.

    Sessions of which it is not known whose they are count for every account.
    """
    by_model = counted_tokens_by_model(db, counted, account, since_at, until_at)
    return sum(by_model.values())


def counted_tokens_by_model(
    db: sqlite3.Connection, counted: Sequence[str], account: str, since_at: float, until_at: float
) -> dict[str, int]:
    """Return the tokens of the `counted` kinds by model, as `counted_tokens` counts them."""
    rows = db.execute(
        f"SELECT model, sum({counted_sum(counted)}) FROM responses WHERE at >= ? AND at < ? AND session_id NOT IN ("
        "SELECT session_id FROM sessions WHERE last_at >= ? AND account NOT IN ('', ?)) GROUP BY model",
        (since_at, until_at, since_at, account),
    )
    return dict(rows.fetchall())


def tool_calls_between(db: sqlite3.Connection, since_at: float, until_at: float) -> int:
    """Return how many tool calls there were in [since_at, until_at)."""
    row = db.execute("SELECT count(*) FROM tool_calls WHERE at >= ? AND at < ?", (since_at, until_at)).fetchone()
    return int(row[0])


def save_tool_call(
    db: sqlite3.Connection,
    tool_use_id: str,
    session_id: str,
    agent_id: str,
    name: str,
    at: float,
    duration_ms: int | None,
    failed: bool,
    call_tokens: int,
    result_tokens: int,
) -> None:
    """Store one tool call with its estimated growth; told twice, or read in the transcript too, it counts once."""
    db.execute(
        "INSERT INTO tool_calls VALUES (?,?,?,?,?,?,?,?,?,0) ON CONFLICT (tool_use_id) DO UPDATE SET"
        " at = excluded.at, duration_ms = excluded.duration_ms, failed = excluded.failed,"
        " call_tokens = excluded.call_tokens, result_tokens = excluded.result_tokens"
        " WHERE call_tokens = 0 AND result_tokens = 0",
        (tool_use_id, session_id, agent_id, name, at, duration_ms, failed, call_tokens, result_tokens),
    )


def pending_tokens(db: sqlite3.Connection, session_id: str, measured_until_at: float) -> int:
    """Return the estimated growth of a session's main chain by tool calls that no measured response holds yet.

    A call's own part is measured once the response that made it was read, its result's once a later one was.
    """
    row = db.execute(
        "SELECT sum(CASE call_measured WHEN 1 THEN 0 ELSE call_tokens END + result_tokens) FROM tool_calls"
        " WHERE session_id = ? AND at > ? AND agent_id = ''",
        (session_id, measured_until_at),
    ).fetchone()
    return row[0] or 0


def save_session(db: sqlite3.Connection, session_id: str, now: float, **columns: object) -> None:
    """Store what is known of a session; empty values leave what was known before."""
    db.execute("INSERT OR IGNORE INTO sessions (session_id, started_at) VALUES (?, ?)", (session_id, now))
    known = {name: value for name, value in columns.items() if value not in (None, "")}
    if known:
        assignments = ", ".join(f"{name} = ?" for name in known)
        db.execute(f"UPDATE sessions SET {assignments} WHERE session_id = ?", (*known.values(), session_id))


def session_row(db: sqlite3.Connection, session_id: str) -> dict[str, object]:
    """Return a session's columns by name, empty when it is unknown."""
    cursor = db.execute("SELECT * FROM sessions WHERE session_id = ?", (session_id,))
    row = cursor.fetchone()
    return dict(zip((column[0] for column in cursor.description), row)) if row else {}


def position_of(db: sqlite3.Connection, path: str) -> Position:
    """Return how far the transcript `path` was read."""
    row = db.execute(
        "SELECT inode, size, modified_ns, offset, anchor FROM transcripts WHERE path = ?", (path,)
    ).fetchone()
    return Position(*row) if row else START


def save_position(
    db: sqlite3.Connection, path: str, session_id: str, position: Position, skipped_lines: int, restarted: bool
) -> None:
    """Store how far a transcript was read, and count its skipped lines (from zero when it was read anew)."""
    db.execute(
        "INSERT INTO transcripts VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (path) DO UPDATE SET inode = excluded.inode,"
        " size = excluded.size, modified_ns = excluded.modified_ns, offset = excluded.offset, anchor = excluded.anchor,"
        " skipped_lines = excluded.skipped_lines + CASE ? WHEN 1 THEN 0 ELSE skipped_lines END",
        (path, session_id, *position, skipped_lines, int(restarted)),
    )


def fact(db: sqlite3.Connection, name: str) -> float | None:
    """Return a number that is kept of the ledger as a whole, or None."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def save_fact(db: sqlite3.Connection, name: str, value: float) -> None:
    """Store a number about the ledger as a whole, inside a transaction."""
    db.execute("INSERT OR REPLACE INTO facts VALUES (?,?)", (name, value))


def pruned_before_at(db: sqlite3.Connection) -> float:
    """Return the time before which responses live on in the totals alone."""
    return fact(db, PRUNED_BEFORE_AT) or 0.0


def _save_compaction(db: sqlite3.Connection, fact: Compaction) -> None:
    db.execute("INSERT OR IGNORE INTO compactions VALUES (?,?,?,?,?)", fact)
    db.execute(
        "INSERT INTO sessions (session_id, compacted_at) VALUES (?,?) ON CONFLICT (session_id) DO UPDATE SET"
        " compacted_at = max(ifnull(compacted_at, 0), excluded.compacted_at)",
        (fact.session_id, fact.at),
    )


def _session_row(session_id: str, span: list[Any]) -> tuple[object, ...]:
    started_at, cwd, last_at, model, context_at, context_tokens = span
    context = (context_at, context_tokens) if context_at > 0 else (None, None)
    return (session_id, started_at or None, cwd, last_at, model, *context)


def _is_later_stored(db: sqlite3.Connection, row: tuple[Any, ...]) -> bool:
    stored = db.execute("SELECT at FROM responses WHERE message_id = ?", row[:1]).fetchone()
    return stored is not None and 0 < row[5] < stored[0]


def _time_of(row: tuple[Any, ...]) -> float:
    at: float = row[5]
    return at
