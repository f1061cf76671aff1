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


def usage_002_stretches(db: sqlite3.Connection) -> None:
    """Pieces of work that sessions consisted of, as their transcripts tell."""
    _execute(
        db,
        # `libraries` is a list with spaces between.
        """CREATE TABLE stretches (
            session_id TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL NOT NULL, active_s REAL NOT NULL,
            task_type TEXT NOT NULL, certainty REAL NOT NULL, tools_say TEXT NOT NULL, words_say TEXT NOT NULL,
            calls INTEGER NOT NULL, prompts INTEGER NOT NULL, libraries TEXT NOT NULL, input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL, cache_creation_input_tokens INTEGER NOT NULL,
            cache_read_input_tokens INTEGER NOT NULL, PRIMARY KEY (session_id, started_at)
        ) WITHOUT ROWID""",
        "CREATE INDEX stretches_by_time ON stretches (ended_at)",
        # The state of each transcript when its stretches were read.
        """CREATE TABLE stretch_scans (
            path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL
        ) WITHOUT ROWID""",
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


def state_002_handoffs(db: sqlite3.Connection) -> None:
    """Which handoff waits for the next session of a project, and who was given it."""
    _execute(
        db,
        # A ledger of a checkout between releases may hold the table without its number.
        """CREATE TABLE IF NOT EXISTS handoffs (
            handoff_id TEXT PRIMARY KEY, project TEXT NOT NULL, session_id TEXT NOT NULL, path TEXT NOT NULL,
            state TEXT NOT NULL, marked_at REAL NOT NULL, start TEXT NOT NULL, scheduled_for REAL,
            booking_id TEXT NOT NULL DEFAULT '', claimed_by TEXT NOT NULL DEFAULT '', claimed_at REAL
        ) WITHOUT ROWID""",
        "CREATE INDEX handoffs_by_state ON handoffs (state, project)",
    )


def state_003_queue(db: sqlite3.Connection) -> None:
    """Planned sessions, and each change of their state with the estimate of that time."""
    _execute(
        db,
        # `objectives` and `after_ids` are JSON lists.
        """CREATE TABLE planned_sessions (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, objectives TEXT NOT NULL, project TEXT NOT NULL,
            agent TEXT NOT NULL, estimated_tokens INTEGER, low_tokens INTEGER, high_tokens INTEGER, hours REAL,
            priority TEXT NOT NULL, after_ids TEXT NOT NULL, at REAL, handoff TEXT NOT NULL, state TEXT NOT NULL,
            session_id TEXT NOT NULL, tokens_before INTEGER NOT NULL, used_tokens INTEGER, created_at REAL NOT NULL,
            changed_at REAL NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX planned_sessions_by_state ON planned_sessions (state)",
        """CREATE TABLE planned_changes (
            id TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, at REAL NOT NULL, estimated_tokens INTEGER,
            PRIMARY KEY (id, number)
        ) WITHOUT ROWID""",
    )


def state_004_bookings(db: sqlite3.Connection) -> None:
    """Sessions that are booked to start by themselves, and what became of them."""
    _execute(
        db,
        # `plan` and `outcome` are JSON objects, `environment` one of texts, `left_out` and `preflight` lists.
        """CREATE TABLE bookings (
            booking_id TEXT PRIMARY KEY, state TEXT NOT NULL, at REAL NOT NULL, first_at REAL NOT NULL,
            tries INTEGER NOT NULL, project TEXT NOT NULL, real_project TEXT NOT NULL, handoff_id TEXT NOT NULL,
            scheduler TEXT NOT NULL, terminal TEXT NOT NULL, plan TEXT NOT NULL, environment TEXT NOT NULL,
            left_out TEXT NOT NULL, booked_at REAL NOT NULL, booked_by TEXT NOT NULL, noticed_at REAL,
            fired_at REAL, fired_by TEXT NOT NULL DEFAULT '', launched_at REAL, session_id TEXT NOT NULL DEFAULT '',
            preflight TEXT NOT NULL DEFAULT '[]', preflight_at REAL, reason TEXT NOT NULL DEFAULT '',
            outcome TEXT NOT NULL DEFAULT '{}', changed_at REAL NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX bookings_by_state ON bookings (state, at)",
    )


def state_005_estimates(db: sqlite3.Connection) -> None:
    """Estimates that were saved, their phases, and what those really took."""
    _execute(
        db,
        # Tokens are of the kinds in `counted`; that and the libraries are lists with spaces between.
        """CREATE TABLE estimates (
            estimate_id TEXT PRIMARY KEY, session_id TEXT NOT NULL DEFAULT '', project TEXT NOT NULL DEFAULT '',
            plan_path TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '', made_at REAL NOT NULL, hours REAL,
            low_tokens REAL NOT NULL, mid_tokens REAL NOT NULL, high_tokens REAL NOT NULL, coverage REAL NOT NULL,
            counted TEXT NOT NULL, state TEXT NOT NULL, started_at REAL, ended_at REAL, actual_tokens INTEGER,
            actual_hours REAL, plan_modified_ns INTEGER, projected_low_tokens REAL, projected_mid_tokens REAL,
            projected_high_tokens REAL, checked_at REAL
        ) WITHOUT ROWID""",
        "CREATE INDEX estimates_by_session ON estimates (session_id)",
        """CREATE TABLE estimate_phases (
            estimate_id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, task_type TEXT NOT NULL DEFAULT '',
            hours REAL, size TEXT NOT NULL DEFAULT '', familiarity TEXT NOT NULL DEFAULT '',
            quality TEXT NOT NULL DEFAULT '', libraries TEXT NOT NULL DEFAULT '',
            new_libraries TEXT NOT NULL DEFAULT '', own_low_tokens REAL, own_high_tokens REAL,
            low_tokens REAL NOT NULL, mid_tokens REAL NOT NULL, high_tokens REAL NOT NULL, started_at REAL,
            ended_at REAL, actual_tokens INTEGER, actual_hours REAL, line INTEGER, told INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (estimate_id, number)
        ) WITHOUT ROWID""",
        # What a background job has to say to a session's user; a hook tells it, once.
        """CREATE TABLE due_lines (
            session_id TEXT NOT NULL, at REAL NOT NULL, text TEXT NOT NULL, PRIMARY KEY (session_id, at, text)
        ) WITHOUT ROWID""",
    )


def state_006_runs(db: sqlite3.Connection) -> None:
    """What tasks of unattended runs took."""
    _execute(
        db,
        """CREATE TABLE task_runs (
            project TEXT NOT NULL, task_id TEXT NOT NULL, at REAL NOT NULL, complexity TEXT NOT NULL,
            tokens INTEGER NOT NULL, PRIMARY KEY (project, task_id, at)
        ) WITHOUT ROWID""",
    )


def state_007_task_durations(db: sqlite3.Connection) -> None:
    """How long they took, unknown of those that ran before; found by complexity where tokens are known."""
    _execute(
        db,
        "ALTER TABLE task_runs ADD COLUMN duration_s REAL",
        "CREATE INDEX task_runs_alike ON task_runs (complexity, at) WHERE tokens > 0",
    )


USAGE: tuple[Migration, ...] = (usage_001_initial, usage_002_stretches)
STATE: tuple[Migration, ...] = (
    state_001_initial,
    state_002_handoffs,
    state_003_queue,
    state_004_bookings,
    state_005_estimates,
    state_006_runs,
    state_007_task_durations,
)


def _execute(db: sqlite3.Connection, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)
