"""A run as its files tell it: one mapping between what the code calls things and the names in those files."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from watchkeeper.core.records import epoch_of
from watchkeeper.errors import UserError
from watchkeeper.resources.levels import CRITICAL, EMERGENCY, FINE, TEMPERATURE, UNKNOWN, WARNING

from .order import DEFERRED, RUNNING, STATES, WAITING
from .outcome import Outcome
from .task import Task, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .gate import Look

VERSION = 1
THERMAL_STATES = {FINE: "ok", WARNING: "warm", CRITICAL: "critical", EMERGENCY: "emergency", UNKNOWN: "unknown"}
"""What temperature levels are called in the files."""


class Snapshot(NamedTuple):
    """How machine and quota stood at a moment; unknown numbers are None."""

    at: float
    tokens_used: int
    tokens_remaining: int | None
    used_pct: float | None
    ram_available_gb: float | None
    cpu_temp_c: float | None
    thermal_state: str


class RunRecord(NamedTuple):
    """A run. Times are epoch seconds."""

    run_id: str
    started_at: float
    source: str
    """The task list it came from."""
    tasks: tuple[Task, ...]
    outcomes: dict[str, Outcome]
    tokens_used: int = 0
    """What its tasks took, as the quota counts."""
    reason: str = ""
    """Why it was saved or ended."""
    is_over: bool = False

    def open_tasks(self) -> tuple[Task, ...]:
        """Return the tasks that are still to be run, the one that was cut off only if it may be repeated."""
        states = self.states()
        return tuple(
            task
            for task in self.tasks
            if states[task.id] in (WAITING, DEFERRED) or (states[task.id] == RUNNING and task.repeatable)
        )

    def states(self) -> dict[str, str]:
        """Return the state of each task."""
        return {task.id: self.outcomes[task.id].state for task in self.tasks}


def begun(run_id: str, source: str, tasks: Iterable[Task], now: float) -> RunRecord:
    """Return the record of a run that begins."""
    listed = tuple(tasks)
    return RunRecord(run_id, now, source, listed, {task.id: Outcome(task.id) for task in listed})


def snapshot_of(look: Look, tokens_used: int) -> Snapshot:
    """Return how things stand in the figures that the files keep."""
    return Snapshot(
        look.at,
        tokens_used,
        look.budget.remaining_tokens,
        look.budget.used_pct,
        look.sample.ram_available_gb,
        look.sample.cpu_temp_c,
        THERMAL_STATES[look.fact(TEMPERATURE).level],
    )


def head(started_at: float, tokens_used: int, snapshot: Snapshot, reason: str, now: float) -> dict[str, Any]:
    """Return what every checkpoint begins with."""
    return {
        "version": VERSION,
        "created_at": iso(now),
        "session_start": iso(started_at),
        "tokens_used": tokens_used,
        "session_hours": round((now - started_at) / 3600.0, 4),
        "resource_snapshot": snapshot_fields(snapshot),
        "reason": reason,
    }


def to_checkpoint(record: RunRecord, snapshot: Snapshot, now: float) -> dict[str, Any]:
    """Return what `checkpoint.json` holds."""
    queued = [task for task in record.tasks if record.outcomes[task.id].state in (WAITING, DEFERRED)]
    current = next((task for task in record.tasks if record.outcomes[task.id].state == RUNNING), None)
    return {
        **head(record.started_at, record.tokens_used, snapshot, record.reason, now),
        "run_id": record.run_id,
        "source": record.source,
        "queue_state": {"queued_tasks": [{"task_id": task.id, **_rest(task)} for task in queued]},
        "current_task": None if current is None else {"task_id": current.id, **_rest(current)},
        "is_over": record.is_over,
        "tasks": [plain(task) for task in record.tasks],
        "outcomes": [outcome_fields(record.outcomes[task.id]) for task in record.tasks],
    }


def from_checkpoint(data: Any, path: str) -> RunRecord:
    """Return the run that a checkpoint holds. Raise UserError with a sentence when it holds none."""
    refusal = UserError(f"{path} is no checkpoint of a run that can be continued: start the task list anew.")
    if not isinstance(data, dict):
        raise refusal
    if isinstance(data.get("version"), int) and data["version"] > VERSION:
        raise UserError(f"{path} was written by a newer Watchkeeper: run `watchkeeper update` and try again.")
    try:
        tasks = tuple(Task.model_validate(task) for task in data["tasks"])
        outcomes = {entry["task_id"]: _outcome(entry) for entry in data["outcomes"]}
        started_at = epoch_of(data["session_start"])
        ids = {task.id for task in tasks}
        if not started_at or set(outcomes) != ids or len(tasks) != len(ids):
            raise refusal
        if not all(ids.issuperset(task.after) for task in tasks):
            raise refusal
        return RunRecord(
            str(data["run_id"]),
            started_at,
            str(data["source"]),
            tasks,
            outcomes,
            int(data["tokens_used"]),
            str(data["reason"]),
            bool(data["is_over"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, ValidationError) as error:
        raise refusal from error


def outcome_fields(outcome: Outcome) -> dict[str, Any]:
    """Return a task's outcome as the files name it."""
    return {
        "task_id": outcome.task_id,
        "state": outcome.state,
        "reason": outcome.reason,
        "tries": outcome.tries,
        "started_at": None if outcome.started_at is None else iso(outcome.started_at),
        "tokens_used": outcome.tokens_used,
        "duration_seconds": round(outcome.duration_s, 3),
        "peak_ram_gb": outcome.peak_ram_gb,
        "peak_thermal_celsius": outcome.peak_temp_c,
        "session_id": outcome.session_id,
        "goes_on": outcome.goes_on,
        "mark": outcome.mark,
    }


def snapshot_fields(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as the checkpoint names it."""
    return {
        "tokens_remaining": snapshot.tokens_remaining,
        "ram_available_gb": snapshot.ram_available_gb,
        "cpu_temp": snapshot.cpu_temp_c,
        "thermal_state": snapshot.thermal_state,
    }


def snapshot_line(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as a line of the log."""
    return {
        "timestamp": iso(snapshot.at),
        "tokens": {"used": snapshot.tokens_used, "remaining": snapshot.tokens_remaining},
        "quota_used_pct": snapshot.used_pct,
        "ram_available_gb": snapshot.ram_available_gb,
        "cpu_temp": snapshot.cpu_temp_c,
        "thermal_state": snapshot.thermal_state,
    }


def task_line(outcome: Outcome, now: float) -> dict[str, Any]:
    """Return a task's end as a line of the log."""
    return {"timestamp": iso(now), **{name: value for name, value in outcome_fields(outcome).items() if name != "mark"}}


def iso(at: float) -> str:
    """Return a moment as the files write it: ISO 8601 with its offset, in UTC."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds")


def _rest(task: Task) -> dict[str, Any]:
    return {name: value for name, value in plain(task).items() if name != "id"}


def _outcome(entry: dict[str, Any]) -> Outcome:
    started = entry["started_at"]
    if entry["state"] not in STATES:
        raise ValueError(f"a task is {entry['state']!r}")
    if not math.isfinite(float(entry["duration_seconds"])):
        raise ValueError("a duration is no number")
    return Outcome(
        str(entry["task_id"]),
        str(entry["state"]),
        str(entry["reason"]),
        int(entry["tries"]),
        None if started is None else epoch_of(started),
        float(entry["duration_seconds"]),
        None if entry["tokens_used"] is None else int(entry["tokens_used"]),
        None if entry["peak_ram_gb"] is None else float(entry["peak_ram_gb"]),
        None if entry["peak_thermal_celsius"] is None else float(entry["peak_thermal_celsius"]),
        str(entry["session_id"]),
        bool(entry["goes_on"]),
        str(entry["mark"]),
    )
