"""Every command, as a person might type it in the household: those that only read, and those that write."""

from __future__ import annotations

Commands = tuple[tuple[str, ...], ...]

HANDOFF = "95847ad0"
"""How a person names the household's session, and the handoff that was written in it."""

BOOKING = "b00c0001"
"""The session that is booked in it."""

READING: Commands = (
    ("session-status",),
    ("context-status",),
    ("compact-context",),
    ("start-next-session",),
    ("usage", "--by", "day"),
    ("sessions",),
    ("quota",),
    ("quota", "show"),
    ("handoffs", "--all"),
    ("handoffs", "show"),
    ("memory",),
    ("memory", "show"),
    ("queue",),
    ("queue", "list"),
    ("queue", "show", "first"),
    ("queue", "plan"),
    ("estimates",),
    ("estimates", "show"),
    ("estimates", "phase"),
    ("estimate-session", "plan.md"),
    ("automation",),
    ("automation-status",),
    ("automation", "check-quota"),
    ("config",),
    ("config", "show"),
    ("config", "path"),
    ("doctor",),
    ("export",),
    ("monitor",),
    ("monitor", "status"),
    ("monitor", "check-tokens"),
    ("monitor", "list-sessions"),
    ("run", "tasks.toml", "--dry-run"),
    ("mcp",),
)
WRITING: Commands = (
    ("usage", "--rebuild"),
    ("plan-next-session", "--draft"),
    ("plan-next-session", "--input", "said.json"),
    ("save-and-restart", "--input", "said.json"),
    ("handoffs", "drop"),
    ("handoffs", "use"),
    ("handoffs", "schedule", HANDOFF, "manual"),
    ("memory", "edit"),
    ("memory", "forget", HANDOFF, "--yes"),
    ("queue", "add", "--name", "Part", "--objective", "Do it", "--tokens", "20k", "--hours", "1"),
    ("queue", "edit", "first", "--priority", "high"),
    ("queue", "cancel", "first"),
    ("queue", "reopen", "dropped"),
    ("queue", "done", "first"),
    ("queue", "import", "plan.md"),
    ("start-next-session", "--yes"),
    ("create-calendar-events",),
    ("config", "set", "quota.plan", "max5"),
    ("snooze", "1h"),
    ("off", "--project"),
    ("on",),
    ("quota", "reset"),
    ("compact-context", "--prune"),
    ("estimate-session", "plan.md", "--save"),
    ("estimates", "rebuild"),
    ("estimates", "phase", "start", "1"),
    ("estimates", "phase", "note", "1", "--reason", "More to read"),
    ("estimates", "phase", "done"),
    ("estimates", "phase", "stop"),
    ("estimates", "report", HANDOFF),
    ("automation", "book", "--at", "in 2h", "--scheduler", "none", "--yes"),
    ("automation", "notice", BOOKING),
    ("automation", "fire", BOOKING),
    ("cancel-next-session",),
    ("export", "--output", "export.json"),
    ("run", "tasks.toml"),
    ("status-line",),
    ("monitor", "start"),
    ("monitor", "request-termination", "--reason", "token_limit_approaching"),
    ("monitor", "stop"),
)
NEVER_HERE = {
    "watch": "ends when somebody ends it, and writes what status-line and usage write",
    "update": "the installer's, whose interruptions tests/wiring tests",
    "uninstall": "likewise",
}
"""What is in neither table, and why."""

EXIT_CODES = {
    ("monitor", "check-tokens"): (0, 1, 2, 3),
    ("automation", "check-quota"): (0, 1),
    ("automation", "fire", BOOKING): (0, 1),
    ("doctor",): (0, 1),
}
"""Where the exit code is the answer, with whatever words."""


def of(name: str) -> Commands:
    """Return the commands of both tables that begin with `name`'s words."""
    words = tuple(name.split())
    return tuple(each for each in (*READING, *WRITING) if each[: len(words)] == words)
