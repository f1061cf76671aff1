"""One run at work: a look before each task, a checkpoint after each, and an end in good time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters import processes
from watchkeeper.core import words
from watchkeeper.core.ledger import Transaction
from watchkeeper.resources.levels import EMERGENCY, TEMPERATURE, UNKNOWN

from . import learning
from .attempt import LOOK_S, attempt, prepared
from .gate import TOKENS, WEEK, Verdict
from .manager import SessionStrategy
from .order import DEFERRED, DONE, ENDED, FAILED, INTERRUPTED, RUNNING, SKIPPED, WAITING, is_too_warm_for, lost, ready
from .outcome import merged
from .run_record import snapshot_line, task_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .attempt import Means
    from .gate import Look
    from .manager import ResourceManager
    from .outcome import Outcome
    from .run_folder import RunFolder
    from .run_record import RunRecord
    from .task import Task
    from .told import Listener

# How often the machine is looked at again while it is too short of something, and for how long.
_AGAIN_S, _PATIENCE_S = 30.0, 1800.0
# The reset is the server's; this machine's clock may be a little ahead of it.
_AFTER_RESET_S = 60.0
# Where a reset was not told, whether it came is asked this often.
_ASK_AGAIN_S = 900.0


class Wishes(NamedTuple):
    """How far a run may go. Times are epoch seconds."""

    waits_for_reset: bool = False
    until_at: float | None = None
    most_tasks: int | None = None
    look_s: float = LOOK_S


NO_WISHES = Wishes()


class Run:
    """Works through what is open in a record; `record` is how it stands."""

    def __init__(
        self,
        record: RunRecord,
        folder: RunFolder,
        manager: ResourceManager,
        listener: Listener,
        means: Means,
        wishes: Wishes,
    ) -> None:
        self.record = record
        self._folder = folder
        self._manager = manager
        self._listener = listener
        self._means = means
        self._wishes = wishes
        self._world = manager.world
        self._tried = 0
        self._begun: set[str] = set()
        self._short_since: float | None = None

    def take_up(self) -> None:
        """Settle what an earlier process of this run has left behind, and save the beginning."""
        self._manager.tokens_used = self.record.tokens_used
        self._manager.started_at = self.record.started_at
        for task in self.record.tasks:
            outcome = self.record.outcomes[task.id]
            if outcome.state == RUNNING:
                # Its mark proves that what still runs of it is ours.
                processes.end(partial(processes.marked, outcome.mark))
                reason = "the run was cut off while it ran; how far it came is not known"
                state = WAITING if task.repeatable else INTERRUPTED
                self._count_tokens(outcome.tokens_used, used := self._used_when_cut_off(outcome))
                tries = outcome.tries + 1
                self._set(outcome._replace(state=state, reason=reason, tries=tries, tokens_used=used, mark=""))
            elif outcome.state == DEFERRED:
                self._set(outcome._replace(state=WAITING, reason=""))
        self.record = self.record._replace(is_over=False, reason="")
        self._save(self._means.look())

    def work(self) -> None:
        """Go on until nothing is left, or nothing may be done."""
        reason = ""
        while not reason:
            self._skip_lost()
            free = ready(self.record.tasks, self.record.states())
            if not free:
                break
            reason = self._why_to_end(free) or self._step(self._wanted(free))
        self._finish(reason)

    def _step(self, free: Sequence[Task]) -> str:
        """Run one of the tasks, or wait; return why the run is to end, nothing if it goes on."""
        look = self._means.look()
        heat = look.fact(TEMPERATURE)
        if heat.level == EMERGENCY:
            return heat.detail
        reasons: list[Verdict] = []
        for task in free:
            if is_too_warm_for(task, heat.level):
                reasons.append(Verdict(False, f"{task.id} would heat the machine: {heat.detail}", TEMPERATURE))
                continue
            verdict = self._manager.verdict(self._manager.estimate(task), look)
            if verdict.is_allowed:
                self._short_since = None
                return self._run(task, look)
            reasons.append(verdict)
        return self._wait(reasons, look)

    def _run(self, task: Task, look: Look) -> str:
        before = self.record.outcomes[task.id]
        beginning = prepared(task, before, self._world.now())
        self._begun.add(task.id)
        # Written down before it starts: whatever happens, it is known that it had begun, and what it took before.
        self._set(
            beginning._replace(
                tries=before.tries,
                started_at=beginning.started_at if before.started_at is None else before.started_at,
                duration_s=before.duration_s,
                tokens_used=before.tokens_used,
                peak_ram_gb=before.peak_ram_gb,
                peak_temp_c=before.peak_temp_c,
            )
        )
        self._save(look)
        self._listener.started(task, self.record)
        tried = attempt(task, beginning, self._folder.output_path(task.id), self._means)
        outcome = merged(before, tried.outcome)
        if tried.is_refused:
            outcome = outcome._replace(tries=before.tries)
        elif outcome.state == FAILED and outcome.tries <= task.retries:
            outcome = outcome._replace(state=WAITING)
        elif outcome.state == INTERRUPTED and task.repeatable and not tried.stopped_by:
            # Asked to end by a person: nothing speaks against it the next time.
            outcome = outcome._replace(state=WAITING)
        self._count(task, before, outcome)
        after = self._means.look()
        self._save(after)
        self._folder.log(task_line(outcome, after.at))
        self._listener.ended(outcome, self.record)
        self._summarise(task, after)
        if tried.stopped_by == TEMPERATURE:
            return outcome.reason
        if not tried.is_refused:
            return ""
        return self._wait_for_reset(outcome.reason, tried.resets_at or after.budget.resets_at, after)

    def _count(self, task: Task, before: Outcome, outcome: Outcome) -> None:
        self._tried += 1
        self._count_tokens(before.tokens_used, outcome.tokens_used)
        self._set(outcome)
        if outcome.state == DONE:
            self._manager.tasks_completed += 1
            with Transaction(self._manager.ledger.state) as db:
                learning.record(db, task, outcome.tokens_used, outcome.duration_s, self._world.now())

    def _count_tokens(self, before: int | None, after: int | None) -> None:
        used = (after or 0) - (before or 0)
        self._manager.tokens_used += used
        self.record = self.record._replace(tokens_used=self.record.tokens_used + used)

    def _used_when_cut_off(self, outcome: Outcome) -> int | None:
        """Return what a task has used whose try was cut off, as far as the transcripts tell."""
        before = outcome.tokens_used
        used = self._means.accounts.used_by(outcome.session_id, self._world.now()) if outcome.session_id else None
        if used is None or before is None:
            return before if used is None else used
        # A session that went on has the tokens of its earlier tries already.
        return max(before, used) if outcome.goes_on else before + used

    def _wait(self, reasons: Sequence[Verdict], look: Look) -> str:
        """Wait for what is short of; return why the run is to end instead, nothing if it is worth another look."""
        resets_at = {TOKENS: look.budget.resets_at, WEEK: look.weekly.resets_at}
        limit = next((verdict for verdict in reasons if verdict.resource in resets_at), None)
        machine = next((verdict for verdict in reasons if verdict.resource not in ("", *resets_at)), None)
        if limit is not None and limit.level != UNKNOWN:
            return self._wait_for_reset(limit.reason, resets_at[limit.resource], look)
        now = look.at
        self._short_since = now if self._short_since is None else self._short_since
        worst = machine or reasons[0]
        if worst.level == UNKNOWN or now - self._short_since >= _PATIENCE_S:
            return worst.reason
        if now == self._short_since:
            self._listener.said(f"Waiting: {worst.reason}.")
        self._pause(_AGAIN_S)
        return ""

    def _wait_for_reset(self, reason: str, resets_at: float | None, look: Look) -> str:
        if not self._wishes.waits_for_reset:
            return reason
        now = self._world.now()
        until_at = resets_at + _AFTER_RESET_S if resets_at is not None and resets_at > now else now + _ASK_AGAIN_S
        if self._wishes.until_at is not None and until_at >= self._wishes.until_at:
            return f"{reason}, and the reset comes after the time it may run until"
        self.record = self.record._replace(reason=reason)
        self._save(look)
        self._listener.said(f"Saved. Waiting until {words.clock_time(until_at, now)}: {reason}.")
        self._pause(until_at - now)
        return ""

    def _wanted(self, free: Sequence[Task]) -> Sequence[Task]:
        """Those that may still start: once as many have begun as were to, what is tried again of them."""
        is_enough = self._wishes.most_tasks is not None and len(self._begun) >= self._wishes.most_tasks
        return [task for task in free if task.id in self._begun] if is_enough else free

    def _why_to_end(self, free: Sequence[Task]) -> str:
        wishes = self._wishes
        if self._means.is_stopping():
            return "it was asked to end"
        if not self._wanted(free):
            return f"{wishes.most_tasks} tasks were to be run"
        if wishes.until_at is not None and self._world.now() >= wishes.until_at:
            return "the time until which it may run is over"
        return ""

    def _finish(self, reason: str) -> None:
        self._skip_lost()
        for task in self.record.tasks:
            outcome = self.record.outcomes[task.id]
            if outcome.state == WAITING:
                self._set(outcome._replace(state=DEFERRED, reason=outcome.reason or reason))
        is_over = all(outcome.state in ENDED for outcome in self.record.outcomes.values())
        self.record = self.record._replace(reason=reason or "all tasks have ended", is_over=is_over)
        look = self._means.look()
        self._save(look)
        self._listener.summary(self._manager.get_session_summary(look))

    def _skip_lost(self) -> None:
        for task_id, vain in lost(self.record.tasks, self.record.states()).items():
            self._set(self.record.outcomes[task_id]._replace(state=SKIPPED, reason=f"it waits for {vain}"))

    def _summarise(self, task: Task, look: Look) -> None:
        phase_ends = bool(task.phase) and not any(
            other.phase == task.phase and self.record.outcomes[other.id].state not in ENDED
            for other in self.record.tasks
        )
        is_warned = self._manager.strategy(look) is not SessionStrategy.NORMAL
        if self._tried % self._manager.settings["executor"]["summary_every"] == 0 or phase_ends or is_warned:
            self._listener.summary(self._manager.get_session_summary(look))

    def _pause(self, seconds: float) -> None:
        until_at = self._world.now() + seconds
        while not self._means.is_stopping() and (left_s := until_at - self._world.now()) > 0:
            if left_s > seconds + _AGAIN_S:
                # The clock was set back: what is waited for has to be looked at anew.
                return
            self._world.pause(min(left_s, _AGAIN_S))

    def _set(self, outcome: Outcome) -> None:
        self.record = self.record._replace(outcomes={**self.record.outcomes, outcome.task_id: outcome})

    def _save(self, look: Look) -> None:
        snapshot = self._manager.get_resource_snapshot(look)
        self._folder.save(self.record, snapshot, self._world.now())
        self._folder.log(snapshot_line(snapshot))
