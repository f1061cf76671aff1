"""The settings that hooks read: compiled JSON over the defaults, checked when it was written and not again here."""

from __future__ import annotations

import os

from .decoder import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .paths import Paths

DEFAULTS: dict[str, dict[str, Any]] = {
    "watch": {"enabled": True, "projects_off": []},
    "quota": {
        "plan": "",
        "limit_tokens": 0,
        "counted": ["input", "output", "cache_creation"],
        "alerts": "hyperaware",
        "weekly_alerts": [75, 90, 95],
        "time_left_alerts_min": [60, 30, 5],
        "reserve_pct": 5,
        "levels": {"excellent": 10, "good": 25, "moderate": 50, "danger": 80, "critical": 90, "emergency": 95},
    },
    "context": {
        "alerts": [50, 80, 90],
        "alert_tokens": 200_000,
        "reserve_tokens": 33_000,
        "auto_compact_pct": 0,
        "steer": True,
        "levels": {"healthy": 28, "moderate": 50, "warning": 67, "danger": 80, "critical": 90},
    },
    "status_line": {"format": "{level} · {quota} · {reset} · {pace} · {context} · {machine}", "passthrough": ""},
    "notices": {"desktop": True, "notifier": "auto"},
    "resources": {
        "sample_interval_s": 60,
        "ram_warning_gb": 2.0,
        "ram_critical_gb": 1.5,
        "ram_warning_pct": 6,
        "ram_critical_pct": 4.5,
        "temp_warm_c": 75,
        "temp_critical_c": 85,
        "temp_emergency_c": 90,
        "load_warning_pct": 300,
        "battery_warning_pct": 30,
        "battery_critical_pct": 15,
        "disk_warning_gb": 5,
        "disk_critical_gb": 1,
    },
    "planner": {
        "working_hours": [],
        "quiet_hours": [],
        "time_zone": "",
        "weekly_use_pct": 95,
        "look_ahead_days": 14,
    },
    "calendar": {"reminders_min": [30, 5], "show_reset": False},
    "storage": {"retention_days": 400},
    "memory": {"inject": True},
    "estimates": {"history": True},
    "session_monitor": {
        "enabled": True,
        "check_interval_seconds": 5,
        "token_warning_threshold": 80,
        "token_critical_threshold": 90,
        "max_restart_attempts": 3,
        "restart_backoff_seconds": 2,
        "workspace_base_dir": "",
        "auto_terminate": False,
    },
    "executor": {
        "tokens_warning_pct": 15,
        "tokens_critical_pct": 7.5,
        "tokens_emergency_pct": 5,
        "allow_unknown": ["tokens", "temperature", "load", "power", "disk"],
        "task_timeout_minutes": 120,
        "summary_every": 3,
    },
    "automation": {
        "scheduler": "auto",
        "terminal": "auto",
        "auto_schedule": False,
        "ready_free_pct": 90,
        "retry_minutes": 30,
        "tries": 8,
        "grace_minutes": 60,
        "notice_minutes": 5,
    },
    "advice": {
        "quota": {
            "fresh": "Full quota: a good time for planning and the largest task.",
            "excellent": "Any task fits.",
            "good": "Large tasks fit (60-80k tokens, 40-55 tool calls).",
            "moderate": "Medium tasks fit (30-60k tokens, 20-40 tool calls); keep an eye on the pace.",
            "danger": "Finish what is small (under 20k tokens) and plan the next session: /plan-next-session.",
            "critical": "Wrap up this task; /plan-next-session --at reset+5m lets the next session start by itself.",
            "emergency": "Save now: /save-and-restart; with --at reset+5m the next session starts by itself.",
        },
        "context": {
            "fresh": "Plenty of space: read files freely.",
            "healthy": "Work on as usual; editing is cheaper than reading and writing again.",
            "moderate": "Prefer edits over reading files again.",
            "warning": "Plan how to free space: /context-status shows what fills it.",
            "danger": "Free space soon: /compact-context.",
            "critical": "Compaction is near: /compact-context or /save-and-restart.",
        },
    },
}

# Tokens per five hours. Max 5 and Max 20 are five and twenty times Pro, as their names say.
PLAN_LIMITS_TOKENS = {"free": 50_000, "pro": 200_000, "team": 500_000, "max5": 1_000_000, "max20": 4_000_000}

ALERT_SETS = {"hyperaware": (10, 25, 50, 80, 90, 95), "basic": (50, 80, 90)}


def load(paths: Paths) -> dict[str, dict[str, Any]]:
    """Return the compiled settings of `paths`, or the defaults where none can be read."""
    try:
        with open(paths.settings, encoding="utf-8") as file:
            compiled = decode(file.read())
    except (OSError, ValueError, RecursionError):
        return DEFAULTS
    return merged(DEFAULTS, compiled) if isinstance(compiled, dict) else DEFAULTS


def are_stale(paths: Paths, settings: dict[str, dict[str, Any]]) -> bool:
    """Return whether the file a person edits has changed since `settings` were compiled from it."""
    try:
        modified_ns = os.stat(paths.config_file).st_mtime_ns
    except OSError:
        return False
    compiled_from: Any = settings.get("compiled_from")
    return not isinstance(compiled_from, dict) or bool(compiled_from.get("modified_ns") != modified_ns)


def limit_tokens(settings: dict[str, dict[str, Any]]) -> int:
    """Return the tokens of the chosen plan per five-hour window, 0 when none is chosen."""
    quota = settings["quota"]
    if quota["plan"] == "custom":
        return int(quota["limit_tokens"])
    return PLAN_LIMITS_TOKENS.get(quota["plan"], 0)


def quota_thresholds_pct(settings: dict[str, dict[str, Any]]) -> tuple[float, ...]:
    """Return the shares of the five-hour window at which an alert is due, ascending."""
    alerts = settings["quota"]["alerts"]
    return ALERT_SETS[alerts] if isinstance(alerts, str) else tuple(sorted(alerts))


def merged(defaults: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `defaults` with the values of `over` laid over it, table by table."""
    result = dict(defaults)
    for key, value in over.items():
        below = defaults.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def ledger_dir(paths: Paths, settings: dict[str, dict[str, Any]]) -> str:
    """Return the folder of the ledger files: the state folder, or one of this machine's where that is on a network."""
    named: Any = settings.get("ledger_dir")
    return named if isinstance(named, str) and named else paths.state
