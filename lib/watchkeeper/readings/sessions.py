"""Sessions, live and recent: what each has used, how full its context is, whether it goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import autocompact, levels, state
from watchkeeper.core.context import read_context

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.core.autocompact import Control

LIVE, IDLE, ENDED = "live", "idle", "ended"
# Without a sign for so long a session is idle; without one and without an end it counts as ended.
LIVE_S = 600.0
IDLE_S = 12 * 3600.0

_LAST_AT = "max(ifnull(last_at, 0), ifnull(context_at, 0), ifnull(started_at, 0))"


def sessions_view(app: App, most: int | None = None) -> dict[str, Any]:
    """Return the sessions of the ledger, the latest first, and how many there are in all."""
    cursor = app.ledger.usage.execute(
        f"SELECT *, {_LAST_AT} AS sign_at FROM sessions ORDER BY sign_at DESC, session_id LIMIT ?",
        (-1 if most is None else most,),
    )
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    use = _use_since(app, min((row["started_at"] or 0.0 for row in rows), default=0.0))
    total = app.ledger.usage.execute("SELECT count(*) FROM sessions").fetchone()[0]
    control = autocompact.read(app.paths, app.environ)
    found = [_session(app, row, use.get(row["session_id"], (0, 0, 0)), control) for row in rows]
    return {"now_at": app.now, "total": total, "sessions": found}


def _session(app: App, row: dict[str, Any], use: tuple[int, int, int], control: Control) -> dict[str, Any]:
    session_id = row["session_id"]
    snapshot = state.snapshot_of(app.ledger.state, session_id)
    context = read_context(app.ledger, app.settings, session_id, app.now, control)
    last_at = max(row["sign_at"], snapshot.at if snapshot else 0.0)
    messages, total_tokens, output_tokens = use
    return {
        "id": session_id,
        "state": _state(row["ended_at"], last_at, app.now),
        "project": row["project"] or row["cwd"] or None,
        "name": os.path.basename((row["project"] or row["cwd"]).rstrip("/\\")) or None,
        "cwd": row["cwd"] or None,
        "agent": (snapshot.agent if snapshot else "") or row["agent"] or None,
        "model": (snapshot.model_name if snapshot else "") or row["model"] or None,
        "attended": None if row["attended"] is None else bool(row["attended"]),
        "started_at": row["started_at"],
        "last_at": last_at or None,
        "ended_at": row["ended_at"],
        "messages": messages,
        "total_tokens": total_tokens,
        "output_tokens": output_tokens,
        "cost_usd": snapshot.cost_usd if snapshot and snapshot.cost_usd is not None else row["cost_usd"],
        "context": {
            "used_tokens": context.used_tokens,
            "limit_tokens": context.usable_tokens,
            "used_pct": context.used_pct,
            "level": levels.level_of(context.used_pct, app.settings["context"]["levels"]),
            "source": context.source,
        },
    }


def _state(ended_at: float | None, last_at: float, now: float) -> str:
    # A session that was resumed has an end behind it.
    if ended_at is not None and ended_at >= last_at:
        return ENDED
    if now - last_at < LIVE_S:
        return LIVE
    return IDLE if now - last_at < IDLE_S else ENDED


def _use_since(app: App, since_at: float) -> dict[str, tuple[int, int, int]]:
    rows = app.ledger.usage.execute(
        "SELECT session_id, count(*), sum(input_tokens + output_tokens + cache_creation_input_tokens"
        " + cache_read_input_tokens), sum(output_tokens) FROM responses WHERE at >= ? GROUP BY session_id",
        (since_at,),
    )
    return {session_id: (messages, total, output) for session_id, messages, total, output in rows}
