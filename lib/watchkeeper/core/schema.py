"""The tables of the two ledger files, as numbered migrations. Their number is the file's `user_version`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    Migration = Callable[[sqlite3.Connection], None]


def usage_001_initial(db: sqlite3.Connection) -> None:
    """Facts read from transcripts and hooks; rebuilt by merging."""
    _execute(
        db,
        """CREATE TABLE responses (
            message_id TEXT PRIMARY KEY, rank INTEGER NOT NULL, session_id TEXT NOT NULL, agent_id TEXT NOT NULL,
            model TEXT NOT NULL, at REAL NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
            cache_creation_input_tokens INTEGER NOT NULL, cache_read_input_tokens INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE INDEX responses_by_time ON responses (at, session_id, model, input_tokens, output_tokens,
            cache_creation_input_tokens, cache_read_input_tokens)""",
        # Totals of what is older than the retention; single responses of that time are no longer kept.
        """CREATE TABLE totals (
            day TEXT NOT NULL, project TEXT NOT NULL, model TEXT NOT NULL, messages INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
            cache_creation_input_tokens INTEGER NOT NULL, cache_read_input_tokens INTEGER NOT NULL,
            PRIMARY KEY (day, project, model)
        ) WITHOUT ROWID""",
        """CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY, project TEXT NOT NULL DEFAULT '', cwd TEXT NOT NULL DEFAULT '',
            transcript_path TEXT NOT NULL DEFAULT '', account TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '',
            agent TEXT NOT NULL DEFAULT '', attended INTEGER, started_at REAL, last_at REAL, ended_at REAL,
            context_tokens INTEGER, context_at REAL, compacted_at REAL, cost_usd REAL, cost_at REAL
        ) WITHOUT ROWID""",
        "CREATE INDEX sessions_by_time ON sessions (last_at)",
        """CREATE TABLE agents (
            agent_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, started_at REAL NOT NULL, last_at REAL NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE tool_calls (
            tool_use_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, agent_id TEXT NOT NULL, name TEXT NOT NULL,
            at REAL NOT NULL, duration_ms INTEGER, failed INTEGER NOT NULL, call_tokens INTEGER NOT NULL,
            result_tokens INTEGER NOT NULL, call_measured INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID""",
        "CREATE INDEX tool_calls_by_session ON tool_calls (session_id, at)",
        "CREATE INDEX tool_calls_by_time ON tool_calls (at)",
        """CREATE TABLE compactions (
            session_id TEXT NOT NULL, at REAL NOT NULL, trigger TEXT NOT NULL, pre_tokens INTEGER NOT NULL,
            post_tokens INTEGER NOT NULL, PRIMARY KEY (session_id, at)
        ) WITHOUT ROWID""",
        """CREATE TABLE transcripts (
            path TEXT PRIMARY KEY, session_id TEXT NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL, offset INTEGER NOT NULL, anchor BLOB NOT NULL, skipped_lines INTEGER NOT NULL
        ) WITHOUT ROWID""",
        "CREATE TABLE windows (started_at REAL PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID",
    )


def state_001_initial(db: sqlite3.Connection) -> None:
    """Facts that exist nowhere else."""
    _execute(
        db,
        # What the client reported of a limit. A lower percentage waits in lower_* until it is confirmed.
        """CREATE TABLE reports (
            account TEXT NOT NULL, kind TEXT NOT NULL, resets_at REAL NOT NULL, used_pct REAL NOT NULL,
            at REAL NOT NULL, source TEXT NOT NULL, overage INTEGER NOT NULL DEFAULT 0, lower_pct REAL, lower_at REAL,
            PRIMARY KEY (account, kind, resets_at)
        ) WITHOUT ROWID""",
        # Each change of a reported percentage: what the percentage per token is learned from.
        """CREATE TABLE report_changes (
            account TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL, resets_at REAL NOT NULL,
            used_pct REAL NOT NULL, PRIMARY KEY (account, kind, at)
        ) WITHOUT ROWID""",
        """CREATE TABLE learned (
            account TEXT NOT NULL, model TEXT NOT NULL, pct_per_token REAL NOT NULL, increments INTEGER NOT NULL,
            spread REAL NOT NULL, at REAL NOT NULL, PRIMARY KEY (account, model)
        ) WITHOUT ROWID""",
        """CREATE TABLE growth (
            tool TEXT PRIMARY KEY, base_tokens REAL NOT NULL, per_call_character REAL NOT NULL,
            per_result_character REAL NOT NULL, mean_tokens REAL NOT NULL, calls INTEGER NOT NULL, at REAL NOT NULL
        ) WITHOUT ROWID""",
        "CREATE TABLE quota_resets (at REAL PRIMARY KEY, resets_at REAL, used_pct REAL) WITHOUT ROWID",
        # What a session's status line said last.
        """CREATE TABLE snapshots (
            session_id TEXT PRIMARY KEY, at REAL NOT NULL, account TEXT NOT NULL, model TEXT NOT NULL,
            model_name TEXT NOT NULL, agent TEXT NOT NULL, version TEXT NOT NULL, context_tokens INTEGER,
            window_tokens INTEGER, cost_usd REAL, has_limits INTEGER NOT NULL,
            activity TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE model_windows (
            model TEXT PRIMARY KEY, window_tokens INTEGER NOT NULL, at REAL NOT NULL
        ) WITHOUT ROWID""",
        # Alerts told: `latch` is whose (user or model), `subject` the account or session, `kind` and `threshold` what.
        """CREATE TABLE told (
            latch TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL, threshold REAL NOT NULL, at REAL NOT NULL,
            PRIMARY KEY (latch, subject, kind, threshold)
        ) WITHOUT ROWID""",
        # An empty project mutes everywhere; until is infinite for `off`.
        """CREATE TABLE mutes (
            project TEXT NOT NULL, what TEXT NOT NULL, until REAL NOT NULL, PRIMARY KEY (project, what)
        ) WITHOUT ROWID""",
        """CREATE TABLE samples (
            at REAL PRIMARY KEY, ram_available_gb REAL, ram_total_gb REAL, cpu_temp_c REAL, load_pct REAL,
            battery_pct REAL, on_battery INTEGER, disk_free_gb REAL, level TEXT NOT NULL
        ) WITHOUT ROWID""",
        # What the model is told after a compaction; it is taken once.
        "CREATE TABLE essentials (session_id TEXT PRIMARY KEY, at REAL NOT NULL, text TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE jobs (name TEXT PRIMARY KEY, claimed_at REAL NOT NULL) WITHOUT ROWID",
    )


USAGE: tuple[Migration, ...] = (usage_001_initial,)
STATE: tuple[Migration, ...] = (state_001_initial,)


def _execute(db: sqlite3.Connection, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)
