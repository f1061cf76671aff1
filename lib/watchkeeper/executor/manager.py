"""Whether there is room for work: tokens, memory and temperature together, and when to save and stop."""

from __future__ import annotations

import json
import os
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any

from watchkeeper.adapters import files
from watchkeeper.core import paths as places
from watchkeeper.core import settings as settings_of
from watchkeeper.core import words
from watchkeeper.core.ledger import Ledger
from watchkeeper.resources.levels import CRITICAL, EMERGENCY, FINE, TEMPERATURE, UNKNOWN

from . import allocation, gate, learning, run_record
from .run_folder import CHECKPOINT
from .task import Estimate, Task, estimate_of
from .world import Accounts, RealWorld

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchkeeper.core.state import Sample

    from .gate import Look, Verdict
    from .run_record import Snapshot
    from .world import World

_PRESERVATION = "Token budget preservation"


class SessionStrategy(Enum):
    """What to do before the next task."""

    NORMAL = "normal"
    COMPLETE_CURRENT = "complete_current"
    """Finish what runs, save, and start nothing more."""
    EMERGENCY_CHECKPOINT = "emergency_checkpoint"
    """Save at once and stop."""


class ResourceManager:
    """Tokens, memory and heat of one run. Memory is in GB of 2^30 bytes, tokens are those that the quota counts."""

    def __init__(
        self,
        max_ram_gb: float | None = None,
        target_available_ram_gb: float | None = None,
        *,
        config_dir: str | None = None,
        world: World | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Take what the machine may be taken to have, and what a task has to leave available beside its own need.

        Without them it is all that the machine has, and the bound of the settings. `config_dir` is Claude Code's
        configuration directory.
        """
        self.environ = places.environment() if environ is None else environ
        config = os.path.abspath(config_dir) if config_dir else places.config_dir(self.environ)
        self.paths = places.paths_in(config, self.environ)
        self.settings: dict[str, dict[str, Any]] = settings_of.load(self.paths)
        self.world: World = world or RealWorld()
        self.started_at = self.world.now()
        self.ledger = Ledger(settings_of.ledger_dir(self.paths, self.settings), self.started_at)
        self.accounts = Accounts(self.ledger, self.settings, self.paths, self.environ)
        self.tokens_used = 0
        """What the tasks of this run took."""
        self.tasks_completed = 0
        self._max_ram_gb = max_ram_gb
        self._target_gb = target_available_ram_gb
        self._estimates: dict[str, Estimate] = {}

    @property
    def runs(self) -> str:
        """The folder that holds the folders of runs."""
        return os.path.join(self.paths.state, "runs")

    def close(self) -> None:
        """Let go of the ledger."""
        self.ledger.close()

    def look(self, folder: str = "") -> Look:
        """Return how machine and quota stand now, with the disk of a folder, by default the one that holds runs."""
        now = self.world.now()
        sample = self._within_bounds(self.world.look(folder or self.paths.state))
        return gate.look_of(sample, self.accounts.budget(now), self.accounts.weekly(now), self.settings, now)

    def estimate(self, task: Task) -> Estimate:
        """Return what a task is taken to need: as allocated, as it says, as learned, or by its complexity."""
        return self._estimates.get(task.id) or estimate_of(task, learning.learned(self.ledger.state, task))

    def allocate_task_resources(self, task_id: str, estimate: Estimate) -> None:
        """Say what a task will need."""
        self._estimates[task_id] = estimate

    def can_execute_task(self, task_id: str) -> tuple[bool, str]:
        """Return whether the task may start now, and why, or why not."""
        verdict = self.verdict(self._estimates.get(task_id) or Estimate(task_id=task_id), self.look())
        return verdict.is_allowed, verdict.reason

    def verdict(self, estimate: Estimate, look: Look) -> Verdict:
        """Return whether what is taken to need so much may start, and which resource is in the way."""
        return gate.may_start(estimate, look, self.settings, self._target_gb)

    def get_resource_snapshot(self, look: Look | None = None) -> Snapshot:
        """Return the figures of this moment, or of that of a look."""
        return run_record.snapshot_of(look or self.look(), self.tokens_used)

    def record_task_completion(self, task_id: str, tokens_used: int) -> None:
        """Count what a task took."""
        self.tokens_used += tokens_used
        self.tasks_completed += 1

    def get_token_allocation_plan(self, queue: Sequence[Task]) -> dict[str, Any]:
        """Return which of the tasks the tokens are enough for.

        The keys are `available_tokens` (None if that is not known), `tasks_can_execute`, `tasks_deferred` with the
        reason, and `estimated_completion_time`.
        """
        estimates = {task.id: self.estimate(task) for task in queue}
        plan = allocation.allocate(queue, estimates, self.look().budget.remaining_tokens)
        return {
            "available_tokens": plan.available_tokens,
            "tasks_can_execute": [
                {"task_id": each.task_id, "tokens": each.estimated_tokens, "minutes": each.estimated_duration_minutes}
                for each in plan.fitting
            ],
            "tasks_deferred": [{"task_id": task_id, "reason": reason} for task_id, reason in plan.deferred.items()],
            "estimated_completion_time": words.duration(plan.duration_s),
        }

    def should_checkpoint_session(self) -> tuple[bool, SessionStrategy]:
        """Return whether to save now, and how: heat and the last tokens at once, a warning after what runs."""
        strategy = self.strategy(self.look())
        return strategy is not SessionStrategy.NORMAL, strategy

    def strategy(self, look: Look) -> SessionStrategy:
        """Return what is asked for by what was seen."""
        levels = {fact.resource: fact.level for fact in look.facts}
        if levels[TEMPERATURE] in (CRITICAL, EMERGENCY) or levels[gate.TOKENS] == EMERGENCY:
            return SessionStrategy.EMERGENCY_CHECKPOINT
        if any(level not in (FINE, UNKNOWN) for level in levels.values()):
            return SessionStrategy.COMPLETE_CURRENT
        return SessionStrategy.NORMAL

    def create_checkpoint(
        self,
        queue_state: Mapping[str, Any],
        current_task: Mapping[str, Any] | None = None,
        *,
        path: str | None = None,
        reason: str = _PRESERVATION,
    ) -> str:
        """Write a checkpoint of work that is organised elsewhere, in one step, and return where it is.

        Raise OSError when it cannot be written, TypeError when `queue_state` is no JSON.
        """
        where = path or os.path.join(self.runs, CHECKPOINT)
        now = self.world.now()
        head = run_record.head(self.started_at, self.tokens_used, self.get_resource_snapshot(), reason, now)
        fields = {**head, "queue_state": dict(queue_state), "current_task": current_task}
        files.write(where, (json.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        return where

    def load_checkpoint(self, path: str | None = None) -> dict[str, Any] | None:
        """Return what the checkpoint holds, None where there is none. Raise ValueError for one that cannot be read."""
        try:
            with open(path or os.path.join(self.runs, CHECKPOINT), encoding="utf-8") as file:
                return dict(json.load(file))
        except FileNotFoundError:
            return None
        except TypeError as error:
            raise ValueError("the checkpoint holds no object") from error
        except RecursionError as error:
            raise ValueError("the checkpoint is nested too deeply") from error

    def get_session_summary(self, look: Look | None = None) -> dict[str, Any]:
        """Return how the run stands, now or at a look: duration, tokens, memory, heat, what is in the way of more."""
        seen = look or self.look()
        snapshot, budget = self.get_resource_snapshot(seen), seen.budget
        hours = (seen.at - self.started_at) / 3600.0
        burn = self.tokens_used / hours if hours > 0 and self.tokens_used else None
        limiting = next((fact for fact in seen.facts if fact.level not in (FINE, UNKNOWN)), None)
        can_continue = self.strategy(seen) is SessionStrategy.NORMAL
        remaining = budget.remaining_tokens
        return {
            "session_hours": hours,
            "tasks_completed": self.tasks_completed,
            "tokens_used": self.tokens_used,
            "tokens_limit": budget.limit_tokens,
            "tokens_remaining": remaining,
            "quota_used_pct": budget.used_pct,
            "quota_source": budget.source,
            "burn_tokens_per_hour": burn,
            "hours_left": remaining / burn if remaining is not None and burn else None,
            "ram_available_gb": snapshot.ram_available_gb,
            "cpu_temp": snapshot.cpu_temp_c,
            "thermal_state": snapshot.thermal_state,
            "limiting_resource": limiting.resource if limiting is not None else None,
            "limiting_detail": limiting.detail if limiting is not None else None,
            "can_continue": can_continue,
        }

    def print_session_summary(self) -> None:
        """Print how the run stands."""
        from .told import summary_lines

        sys.stdout.write("\n".join(summary_lines(self.get_session_summary())) + "\n")
        sys.stdout.flush()

    def _within_bounds(self, sample: Sample) -> Sample:
        """What there would be on a machine of `max_ram_gb`."""
        total_gb, available_gb = sample.ram_total_gb, sample.ram_available_gb
        if self._max_ram_gb is None or total_gb is None or available_gb is None or total_gb <= self._max_ram_gb:
            return sample
        left_gb = max(0.0, min(available_gb, self._max_ram_gb - (total_gb - available_gb)))
        return sample._replace(ram_total_gb=self._max_ram_gb, ram_available_gb=left_gb)
