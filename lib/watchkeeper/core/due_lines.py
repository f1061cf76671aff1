"""A session that is compared with a plan's estimate: what is due to be told of it, and what is still to come."""

from __future__ import annotations

from . import words
from .ledger import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from .quota import Quota

# What was saved so long ago waits for no session any more.
WAITS_S = 3 * 86_400.0
# What nobody was there to hear for so long is no news.
_NEWS_S = 86_400.0


def add(db: sqlite3.Connection, session_id: str, text: str, now: float) -> None:
    """Let a line be told, inside a transaction."""
    db.execute("INSERT OR IGNORE INTO due_lines VALUES (?,?,?)", (session_id, now, text))


def take(db: sqlite3.Connection, session_id: str, now: float) -> str:
    """Return what is due to a session, once, whichever process asks first."""
    with Transaction(db):
        rows = db.execute("SELECT at, text FROM due_lines WHERE session_id = ? ORDER BY at", (session_id,)).fetchall()
        db.execute("DELETE FROM due_lines WHERE session_id = ?", (session_id,))
    return " ".join(text for at, text in rows if now - at < _NEWS_S)


def is_any_followed(db: sqlite3.Connection, since_at: float) -> bool:
    """Return whether a session is compared with an estimate, or one saved since `since_at` waits for a session."""
    row = db.execute(
        "SELECT 1 FROM estimates WHERE state = 'running' OR (state = 'saved' AND made_at >= ?) LIMIT 1", (since_at,)
    ).fetchone()
    return row is not None


def is_compared(db: sqlite3.Connection, session_id: str, plan_path: str = "") -> bool:
    """Return whether a session is compared with an estimate now: of the plan `plan_path`, or of any."""
    row = db.execute(
        "SELECT 1 FROM estimates WHERE session_id = ? AND state = 'running' AND ? IN ('', plan_path) LIMIT 1",
        (session_id, plan_path),
    ).fetchone()
    return row is not None


def rest_of_plan(db: sqlite3.Connection, session_id: str, quota: Quota, used_tokens: int) -> str:
    """Return whether what is still to come of a session's plan fits into the quota left; empty without a plan.

    `used_tokens` are those measured in the window: where no limit in tokens is known, they and the share tell one.
    """
    row = db.execute(
        "SELECT max(0, projected_mid_tokens - actual_tokens), max(0, projected_high_tokens - actual_tokens)"
        " FROM estimates WHERE session_id = ? AND state = 'running' AND projected_mid_tokens IS NOT NULL",
        (session_id,),
    ).fetchone()
    if row is None or quota.used_pct is None:
        return ""
    mid, high = row
    limit = quota.limit_tokens or (100.0 * used_tokens / quota.used_pct if quota.used_pct >= 1.0 else 0.0)
    left = limit * max(0.0, 100.0 - quota.used_pct) / 100.0
    need = f"The rest of the plan takes about {words.tokens(mid)} tokens (up to {words.tokens(high)})"
    if not mid:
        return "All phases of the plan are done."
    if not limit:
        return f"{need}."
    if high <= left:
        return f"{need}: that fits in the {words.tokens(left)} left."
    if mid <= left:
        return f"{need}: that may just fit in the {words.tokens(left)} left."
    next_one = words.tokens(mid - left)
    return f"{need}: that does not fit in the {words.tokens(left)} left; the next session needs about {next_one}."
