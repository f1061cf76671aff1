"""What exists nowhere else, in `state.db`: reported limits, alerts told, mutes, samples, claims of background jobs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import NamedTuple
else:
    from .named import NamedTuple

# Reset times of one window wobble by seconds between reports.
SAME_WINDOW_S = 600.0
# A lower percentage within one window is believed when nothing contradicts it for this long.
CONFIRM_LOWER_S = 120.0
# Two processes may read the clock in the other order than they write.
CLOCK_SLACK_S = 5.0
# What was stored with a time further ahead than this was stored by a clock that was wrong, and says nothing. Windows
# begin by the server's clock, so that what is told of one may be told a day ahead of this machine's.
AHEAD_S = 2 * 86_400.0
_REFRESH_S = 30.0


class Report(NamedTuple):
    """What the client reported of a limit. `kind`: five_hour, seven_day; `source`: status_line, stream, message."""

    account: str
    kind: str
    resets_at: float
    used_pct: float
    at: float
    source: str
    overage: bool


class Snapshot(NamedTuple):
    """What a session's status line said last; `at` is when it first said so. Unknown numbers are None."""

    session_id: str
    at: float
    account: str
    model: str
    model_name: str
    agent: str
    version: str
    context_tokens: int | None
    window_tokens: int | None
    cost_usd: float | None
    has_limits: bool
    activity: str = ""
    """What changes whenever the session talks to the API: while it stays the same, the figures are no newer."""


class Sample(NamedTuple):
    """One look at the machine; what could not be read is None."""

    at: float
    ram_available_gb: float | None
    ram_total_gb: float | None
    cpu_temp_c: float | None
    load_pct: float | None
    battery_pct: float | None
    on_battery: int | None
    disk_free_gb: float | None
    level: str


def latest_report(db: sqlite3.Connection, account: str, kind: str, now: float) -> Report | None:
    """Return the report with the latest reset of `kind`, expired or not, or None."""
    row = db.execute(
        "SELECT account, kind, resets_at, used_pct, at, source, overage FROM reports"
        " WHERE account = ? AND kind = ? AND at <= ? ORDER BY resets_at DESC LIMIT 1",
        (account, kind, now + AHEAD_S),
    ).fetchone()
    return Report(*row)._replace(overage=bool(row[6])) if row else None


def is_news(db: sqlite3.Connection, report: Report, now: float) -> bool:
    """Return whether storing `report` would change anything worth a write."""
    row = _same_window(db, report)
    if row is None:
        return True
    _, used_pct, at, overage, lower_pct, _ = row
    if at > now + CLOCK_SLACK_S:
        return True
    if report.at < at:
        return False
    unchanged = report.used_pct == used_pct and lower_pct is None and overage == report.overage
    return not unchanged or report.at - at >= _REFRESH_S


def save_report(db: sqlite3.Connection, report: Report, now: float) -> None:
    """Store a report inside a transaction. A lower percentage is kept waiting until it is confirmed.

    An older one changes nothing; one stored with a time that is still to come (the clock was set back) is void.
    """
    row = _same_window(db, report)
    if row is None:
        db.execute("INSERT INTO reports VALUES (?,?,?,?,?,?,?,NULL,NULL)", (*report[:6], int(report.overage)))
        _save_change(db, report)
        return
    resets_at, used_pct, at, _, _, lower_at = row
    is_void = at > now + CLOCK_SLACK_S
    if report.at < at and not is_void:
        return
    waits = report.used_pct < used_pct and (lower_at is None or report.at - lower_at < CONFIRM_LOWER_S)
    if waits and not is_void:
        since_at = report.at if lower_at is None else min(lower_at, report.at)
        db.execute(
            "UPDATE reports SET lower_pct = ?, lower_at = ? WHERE account = ? AND kind = ? AND resets_at = ?",
            (report.used_pct, since_at, report.account, report.kind, resets_at),
        )
        return
    db.execute(
        "UPDATE reports SET resets_at = ?, used_pct = ?, at = ?, source = ?, overage = ?, lower_pct = NULL,"
        " lower_at = NULL WHERE account = ? AND kind = ? AND resets_at = ?",
        (
            report.resets_at,
            report.used_pct,
            report.at,
            report.source,
            int(report.overage),
            report.account,
            report.kind,
            resets_at,
        ),
    )
    if report.used_pct != used_pct:
        _save_change(db, report)


def told_at(db: sqlite3.Connection, latch: str, subject: str, kind: str, now: float) -> dict[float, float]:
    """Return when each threshold of `kind` was told last to `latch` about `subject`."""
    rows = db.execute(
        "SELECT threshold, at FROM told WHERE latch = ? AND subject = ? AND kind = ? AND at <= ?",
        (latch, subject, kind, now + AHEAD_S),
    )
    return dict(rows.fetchall())


def claim_told(
    db: sqlite3.Connection,
    latch: str,
    subject: str,
    kind: str,
    thresholds: tuple[float, ...],
    since_at: float,
    now: float,
) -> bool:
    """Claim the highest of `thresholds` inside a transaction, marking the lower ones told too.

    Return False when another process told it at or after `since_at`, the beginning of what it may be told once in.
    """
    row = db.execute(
        "SELECT at FROM told WHERE latch = ? AND subject = ? AND kind = ? AND threshold = ?",
        (latch, subject, kind, max(thresholds)),
    ).fetchone()
    if row is not None and since_at <= row[0] <= max(now, since_at) + AHEAD_S:
        return False
    db.executemany(
        "INSERT OR REPLACE INTO told VALUES (?,?,?,?,?)",
        # Never before the beginning, which lies ahead when this machine's clock is behind the server's.
        [(latch, subject, kind, threshold, max(now, since_at)) for threshold in thresholds],
    )
    return True


def forget_told(db: sqlite3.Connection, latch: str, subject: str, kind: str, above: float) -> None:
    """Let the thresholds of `kind` over `above` be told again, inside a transaction: the figure has fallen."""
    db.execute(
        "DELETE FROM told WHERE latch = ? AND subject = ? AND kind = ? AND threshold > ?", (latch, subject, kind, above)
    )


def claim_job(db: sqlite3.Connection, name: str, interval_s: float, now: float) -> bool:
    """Claim a job that is due every `interval_s`, inside a transaction; False when another process has it."""
    if not is_job_due(db, name, interval_s, now):
        return False
    db.execute("INSERT OR REPLACE INTO jobs VALUES (?, ?)", (name, now))
    return True


def is_job_due(db: sqlite3.Connection, name: str, interval_s: float, now: float) -> bool:
    """Return whether a job was last claimed `interval_s` ago or longer; a claim in the future is void."""
    row = db.execute("SELECT claimed_at FROM jobs WHERE name = ?", (name,)).fetchone()
    return row is None or not 0 <= now - row[0] < interval_s


def is_muted(db: sqlite3.Connection, project: str, what: str, now: float) -> bool:
    """Return whether `what` (alerts or everything) is muted now, everywhere or in `project`."""
    row = db.execute(
        "SELECT 1 FROM mutes WHERE project IN ('', ?) AND what = ? AND until > ? LIMIT 1", (project, what, now)
    ).fetchone()
    return row is not None


def is_booked(db: sqlite3.Connection) -> bool:
    """Return whether a session is booked that starts by itself."""
    return db.execute("SELECT 1 FROM bookings WHERE state = 'booked' LIMIT 1").fetchone() is not None


def snapshot_of(db: sqlite3.Connection, session_id: str) -> Snapshot | None:
    """Return what the session's status line said last, or None."""
    row = db.execute("SELECT * FROM snapshots WHERE session_id = ?", (session_id,)).fetchone()
    return Snapshot(*row)._replace(has_limits=bool(row[10])) if row else None


def save_snapshot(db: sqlite3.Connection, snapshot: Snapshot) -> None:
    """Store what a session's status line says, and what it tells of the model's window."""
    db.execute("INSERT OR REPLACE INTO snapshots VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", snapshot)
    if snapshot.model and snapshot.window_tokens:
        save_model_window(db, snapshot.model, snapshot.window_tokens, snapshot.at)


def save_model_window(db: sqlite3.Connection, model: str, window_tokens: int, at: float) -> None:
    """Store how large the client says a model's window is."""
    db.execute("INSERT OR REPLACE INTO model_windows VALUES (?,?,?)", (model, window_tokens, at))


def model_window_tokens(db: sqlite3.Connection, model: str) -> int | None:
    """Return how large the client said a model's window is, or None."""
    row = db.execute("SELECT window_tokens FROM model_windows WHERE model = ?", (model,)).fetchone()
    return row[0] if row else None


def save_essentials(db: sqlite3.Connection, session_id: str, text: str, now: float) -> None:
    """Store what a session's model is told after the compaction that begins, inside a transaction."""
    db.execute("INSERT OR REPLACE INTO essentials VALUES (?,?,?)", (session_id, now, text))


def take_essentials(db: sqlite3.Connection, session_id: str) -> str:
    """Return what a session's model is told after a compaction, once; inside a transaction."""
    row = db.execute("SELECT text FROM essentials WHERE session_id = ?", (session_id,)).fetchone()
    db.execute("DELETE FROM essentials WHERE session_id = ?", (session_id,))
    return str(row[0]) if row else ""


def has_due_lines(db: sqlite3.Connection, session_id: str) -> bool:
    """Return whether a background job has something to say to a session's user (see due_lines.py)."""
    return db.execute("SELECT 1 FROM due_lines WHERE session_id = ? LIMIT 1", (session_id,)).fetchone() is not None


def latest_sample(db: sqlite3.Connection, now: float) -> Sample | None:
    """Return the latest look at the machine, or None."""
    row = db.execute("SELECT * FROM samples WHERE at <= ? ORDER BY at DESC LIMIT 1", (now + CLOCK_SLACK_S,)).fetchone()
    return Sample(*row) if row else None


class HandReset(NamedTuple):
    """A fresh window started by hand, and what the report of the window before said then (0.0 and 0.0: nothing)."""

    at: float
    resets_at: float
    used_pct: float

    def voids(self, report: Report) -> bool:
        """Return whether a report tells of the window that was ended by hand, and nothing newer about it."""
        is_same = abs(report.resets_at - self.resets_at) <= SAME_WINDOW_S and report.used_pct >= self.used_pct
        return report.at < self.at or is_same


NEVER_RESET = HandReset(0.0, 0.0, 0.0)


def latest_hand_reset(db: sqlite3.Connection, now: float) -> HandReset:
    """Return when the user last started a fresh window by hand."""
    row = db.execute(
        "SELECT at, ifnull(resets_at, 0.0), ifnull(used_pct, 0.0) FROM quota_resets WHERE at <= ?"
        " ORDER BY at DESC LIMIT 1",
        (now + CLOCK_SLACK_S,),
    ).fetchone()
    return HandReset(*row) if row else NEVER_RESET


def save_hand_reset(db: sqlite3.Connection, at: float, before: Report | None) -> None:
    """Store a fresh window started by hand, inside a transaction, with the report of the one `before`."""
    known = (before.resets_at, before.used_pct) if before is not None else (None, None)
    db.execute("INSERT OR REPLACE INTO quota_resets VALUES (?,?,?)", (at, *known))


def learned_pct_per_token(db: sqlite3.Connection, account: str) -> dict[str, float]:
    """Return the learned share of the five-hour limit that one counted token of each model takes, in percent."""
    rows = db.execute("SELECT model, pct_per_token FROM learned WHERE account = ?", (account,))
    return dict(rows.fetchall())


def growth_coefficients(db: sqlite3.Connection, tool: str) -> tuple[float, float, float, float] | None:
    """Return what was learned of a tool's growth: base, per call character, per result character, mean; or None."""
    row: tuple[float, float, float, float] | None = db.execute(
        "SELECT base_tokens, per_call_character, per_result_character, mean_tokens FROM growth WHERE tool IN (?, '')"
        " ORDER BY tool DESC LIMIT 1",
        (tool,),
    ).fetchone()
    return row


def _same_window(
    db: sqlite3.Connection, report: Report
) -> tuple[float, float, float, int, float | None, float | None] | None:
    row: tuple[float, float, float, int, float | None, float | None] | None = db.execute(
        "SELECT resets_at, used_pct, at, overage, lower_pct, lower_at FROM reports"
        " WHERE account = ? AND kind = ? AND abs(resets_at - ?) <= ? ORDER BY resets_at DESC LIMIT 1",
        (report.account, report.kind, report.resets_at, SAME_WINDOW_S),
    ).fetchone()
    return row


def _save_change(db: sqlite3.Connection, report: Report) -> None:
    db.execute(
        "INSERT OR REPLACE INTO report_changes VALUES (?,?,?,?,?)",
        (report.account, report.kind, report.at, report.resets_at, report.used_pct),
    )
