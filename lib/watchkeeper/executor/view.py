"""What programs and pages are told of a run: how it went, or what it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import allocation
from .order import DEFERRED, DONE
from .told import memory_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .manager import ResourceManager
    from .outcome import Outcome
    from .run_folder import RunFolder
    from .run_record import RunRecord
    from .task import Task


def run_view(record: RunRecord, folder: RunFolder, now: float) -> dict[str, Any]:
    """Return how a run went."""
    tasks = [_task_view(task, record.outcomes[task.id]) for task in record.tasks]
    counts: dict[str, int] = {}
    for each in tasks:
        counts[each["state"]] = counts.get(each["state"], 0) + 1
    return {
        "now_at": now,
        "run_id": record.run_id,
        "source": record.source or None,
        "folder": folder.path,
        "checkpoint": folder.checkpoint_path,
        "report": folder.report_path,
        "started_at": record.started_at,
        "duration_s": now - record.started_at,
        "tokens_used": record.tokens_used,
        "reason": record.reason,
        "is_over": record.is_over,
        "counts": counts,
        "all_done": counts.get(DONE, 0) == len(tasks),
        "can_resume": DEFERRED in counts,
        "tasks": tasks,
    }


def plan_view(
    manager: ResourceManager, tasks: Sequence[Task], source: str, now: float, folder: str = ""
) -> dict[str, Any]:
    """Return what a run that is kept in `folder` would do with the quota as it stands."""
    look = manager.look(folder)
    budget = look.budget
    estimates = {task.id: manager.estimate(task) for task in tasks}
    plan = allocation.allocate(tasks, estimates, budget.remaining_tokens)
    names = {task.id: task for task in tasks}
    return {
        "now_at": now,
        "source": source,
        "available_tokens": plan.available_tokens,
        "remaining_pct": budget.remaining_pct,
        "reserve_tokens": budget.reserve_tokens,
        "quota_source": budget.source,
        "quota_age_s": max(0.0, now - budget.at) if budget.used_pct is not None else None,
        "resets_at": budget.resets_at,
        "needed_tokens": plan.needed_tokens,
        "duration_s": plan.duration_s,
        "finishes_at": now + plan.duration_s,
        "facts": [fact._asdict() for fact in look.facts],
        "fitting": [
            {
                "id": each.task_id,
                "name": names[each.task_id].name,
                "phase": names[each.task_id].phase,
                "tokens": each.estimated_tokens,
                "tokens_source": each.tokens_source,
                "minutes": each.estimated_duration_minutes,
                "minutes_source": each.duration_source,
            }
            for each in plan.fitting
        ],
        "deferred": [
            {"id": task_id, "tokens": estimates[task_id].estimated_tokens, "reason": reason}
            for task_id, reason in plan.deferred.items()
        ],
    }


def _task_view(task: Task, outcome: Outcome) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.name,
        "phase": task.phase,
        "state": outcome.state,
        "reason": outcome.reason,
        "tries": outcome.tries,
        "tokens_used": outcome.tokens_used,
        "duration_s": outcome.duration_s,
        "peak_ram_gb": outcome.peak_ram_gb,
        "peak_ram_words": memory_words(outcome.peak_ram_gb) if outcome.peak_ram_gb else None,
        "peak_temp_c": outcome.peak_temp_c,
        "session_id": outcome.session_id or None,
    }
