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
    "queue list": "counts{total, running, scheduled, ready, planned, done, cancelled}, sessions[{id, name, state, "
    "project, estimated_tokens, hours, priority, after, waits_for, at, handoff}]",
    "queue add": "session{id, name, state}",
    "queue show": "session{id, name, state, objectives, project, agent, estimated_tokens, used_tokens, history[{state, "
    "at}]}, waiting",
    "queue plan": "windows[{starts_at, resets_at, usable_tokens, planned_tokens, left_tokens, sessions[{id, name, "
    "starts_at, ends_at, tokens, confidence_pct, reason}]}], deferred, ends_at, exact",
    "create-calendar-events": "events[{session_id, uid, path, starts_at, ends_at}], combined, unscheduled",
    "automation book": "booking{id, at, scheduler, handoff, state}",
    "automation fire": "preflight[{fact, state, detail}], launched",
    "automation check-quota": "ready, preflight[{fact, state, detail}], reset_at",
    "automation-status": "bookings",
    "cancel-next-session": "cancelled",
    "estimate-session": "total{low_tokens, mid_tokens, high_tokens, coverage}, "
    "phases[{name, type, hours, low_tokens, mid_tokens, high_tokens, confidence}], fits_quota",
    "estimates": "sessions_analyzed, pieces_analyzed, accuracy, types[{type, low_tokens_per_hour, tokens_per_hour, "
    "high_tokens_per_hour, confidence}], sessions",
    "handoffs": "project, handoffs[{id, path, title, kind, written_at, state}]",
    "memory": "project, path, sessions, tech_stack, architecture, testing_framework, key_decisions",
    "sessions": "total, sessions[{id, state, project, model, started_at, last_at, total_tokens}]",
    "quota": "quota{used_pct, used_tokens, limit_tokens, source, age_s, level, window{started_at, resets_at, source}, "
    "weekly{used_pct, resets_at, source}}",
    "snooze": "watching{state, until_at}",
    "config show": "path, options[{name, value, default, source, line, changed}]",
    "usage": "input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens, total_tokens, "
    "messages",
    "run": "tasks[{id, state, reason, tokens_used, duration_s, peak_ram_gb, peak_temp_c}], checkpoint",
    "monitor status": "running, pid, enabled, workspace_base_dir, requests",
    "monitor check-tokens": "quota, context, state",
    "doctor": "findings[{topic, state, text}]",
}

EXIT_CODES = {
    "automation fire": "0 when a session was started, else 1",
    "automation check-quota": "0 and `READY`, or 1 and `WAITING`",
    "doctor": "1 when something is broken, else 0",
    "run": "0 when all tasks are done, else 1",
    "uninstall": "1 when something could not be deleted",
    "monitor check-tokens": "0 fine, 1 warning, 2 critical, 3 cannot tell, 64 wrong usage; it speaks on standard error",
}
