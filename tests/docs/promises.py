"""What scripts may rely on: the keys that `--json` has at least, and exit codes that mean more than usual."""

from __future__ import annotations

JSON_KEYS = {
    "session-status": "now, session{id, started_at, cwd, model, elapsed_s}, quota{used_pct, used_tokens, limit_tokens, "
    "source, age_s, level, burn_tokens_per_min, runway_min, next_alert_pct, window{started_at, resets_at, source}, "
    "weekly{used_pct, resets_at, source}}, context{used_tokens, limit_tokens, used_pct, level, source}, "
    "resources{ram_available_gb, cpu_temp_c, level}, automation, health",
    "context-status": "context{used_tokens, limit_tokens, used_pct, level, source}, "
    "composition[{part, tokens, count}], opportunities[{kind, tokens, count}]",
    "compact-context": "fork{session_id, path, tokens_before, tokens_after}, opportunities[{kind, tokens, count}], "
    "recommended",
    "plan-next-session": "handoff{id, path, project, objectives, estimated_tokens, pending}, booking",
    "save-and-restart": "handoff{id, path, project, objectives, estimated_tokens, pending}, booking",
    "start-next-session": "decision, session, alternatives, reason, scheduled_for",
    "queue add": "session{id, name, state}",
    "create-calendar-events": "events[{session_id, uid, path, starts_at, ends_at}], combined",
    "automation book": "booking{id, at, scheduler, handoff, state}",
    "automation fire": "preflight[{fact, state, detail}], launched",
    "automation-status": "bookings",
    "cancel-next-session": "cancelled",
    "estimate-session": "total{low_tokens, mid_tokens, high_tokens, coverage}, "
    "phases[{name, type, hours, low_tokens, mid_tokens, high_tokens, confidence}], fits_quota",
    "usage": "input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens, total_tokens, "
    "messages",
    "run": "tasks[{id, state, reason, tokens_used, duration_s, peak_ram_gb, peak_temp_c}], checkpoint",
    "monitor check-tokens": "quota, context, state",
}

EXIT_CODES = {
    "automation fire": "0 when a session was started, else 1",
    "automation check-quota": "0 and `READY`, or 1 and `WAITING`",
    "doctor": "1 when something is broken, else 0",
    "run": "0 when all tasks are done, else 1",
    "uninstall": "1 when something could not be deleted",
    "monitor check-tokens": "0 fine, 1 warning, 2 critical, 3 cannot tell, 64 wrong usage; it speaks on standard error",
}
