"""One try at a task: its process started, watched against the hard limits, ended where it must, and judged."""

from __future__ import annotations

import queue
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.adapters.child import Child, new_mark
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.automation import headless, launch
from watchkeeper.automation.plan import Plan
from watchkeeper.core.quota import FIVE_HOUR

from . import gate
from .order import DONE, FAILED, INTERRUPTED, RUNNING, WAITING
from .outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchkeeper.automation.headless import Ended
    from watchkeeper.core.paths import Paths
    from watchkeeper.core.state import Report

    from .gate import Look, Verdict
    from .task import Task
    from .world import Accounts, World

LOOK_S = 2.0
"""Seconds between two looks at a running task."""
GO_ON = "The usage limit that interrupted this has been reset. Go on with the task where it stopped."
_CHECK_MINUTES = 10.0
_CHECK_LINES = 5
_USAGE_LIMIT = "usage_limit_reached"
_MOST_REASON = 300


class Means(NamedTuple):
    """What a try works with."""

    world: World
    look: Callable[[], Look]
    """Returns how machine and quota stand, as far as the run may use them."""
    accounts: Accounts
    settings: dict[str, dict[str, Any]]
    paths: Paths
    claude: str | None
    """The client's absolute path, None where it was not found."""
    is_stopping: Callable[[], bool]
    """Whether the run was asked to end."""
    look_s: float = LOOK_S


class Tried(NamedTuple):
    """How a try ended."""

    outcome: Outcome
    is_refused: bool = False
    """Whether a limit of the account cut it off, which is no fault of the task's."""
    resets_at: float | None = None
    stopped_by: str = ""
    """The resource for which it was ended."""


def prepared(task: Task, before: Outcome, now: float) -> Outcome:
    """Return what to write down before a try begins: the mark and the session that it will be known by."""
    session_id = ""
    if task.is_prompt:
        session_id = before.session_id if before.goes_on else str(uuid.uuid4())
    return Outcome(task.id, RUNNING, started_at=now, session_id=session_id, goes_on=before.goes_on, mark=new_mark())


def attempt(task: Task, begun: Outcome, output_path: str, means: Means) -> Tried:
    """Try the task that `begun` says has begun, and return how it ended."""
    reports: queue.SimpleQueue[list[Report]] = queue.SimpleQueue()
    # The reader's thread only hands on: a connection to the ledger belongs to the thread that opened it.
    follower = headless.Follower(means.accounts.account, means.world.now, on_limits=reports.put)
    watch = _Watch(task, begun, means, reports)
    # A session that goes on has the tokens of its earlier tries already.
    used_before = _used(begun, means) if begun.goes_on else 0
    try:
        child = _start(task, begun, output_path, follower, means)
    except ProgramFailed as failure:
        return Tried(watch.ended(FAILED, str(failure)))
    try:
        watch.follow(child, task.timeout_minutes or means.settings["executor"]["task_timeout_minutes"])
    finally:
        child.stop()
        child.close()
        watch.take_reports()
    used = _used(begun, means) if task.is_prompt else None
    watch.outcome = watch.outcome._replace(tokens_used=None if used is None else used - (used_before or 0))
    if watch.stopped_by == gate.TOKENS and follower.ended is not None and not follower.ended.is_error:
        # It had done its work when it was ended.
        watch.why = watch.stopped_by = ""
    if task.is_prompt and _is_cut_off(watch, follower.ended):
        return _refused(watch)
    fault = "" if watch.why else _fault(task, follower.ended, child.code)
    if task.check is not None and not fault and not watch.why:
        fault = _check_fault(task.check, task, watch, output_path)
    return _judged(watch, fault, follower.ended)


class _Watch:
    """Looks at a running task again and again; `why` is what it is ended for."""

    def __init__(self, task: Task, begun: Outcome, means: Means, reports: queue.SimpleQueue[list[Report]]) -> None:
        self.outcome = begun
        self.why = ""
        self.state = FAILED
        self.stopped_by = ""
        self.resets_at: float | None = None
        self.is_used_up = False
        self._task = task
        self._means = means
        self._reports = reports
        self._started_at = begun.started_at or means.world.now()

    def follow(self, child: Child, minutes: float, what: str = "it") -> None:
        """Return when the program has ended, or is to be ended, at the latest after so many minutes."""
        means = self._means
        started_at = means.world.now()
        while True:
            verdict = self._look(child)
            if child.wait(means.look_s if verdict.is_allowed else 0.0) is not None:
                return
            self.take_reports()
            if not verdict.is_allowed:
                # How far it came nobody knows.
                self.why, self.state, self.stopped_by = verdict.reason, INTERRUPTED, verdict.resource
            elif means.is_stopping():
                self.why, self.state = "the run was asked to end", INTERRUPTED
            elif means.world.now() - started_at >= minutes * 60.0:
                self.why = f"{what} was not done after {minutes:g} minutes"
            if self.why:
                return

    def take_reports(self) -> None:
        """Store what the client has reported of the limits."""
        while not self._reports.empty():
            reports = self._reports.get()
            self._means.accounts.save(reports, self._means.world.now())
            five_hour = next((each.resets_at for each in reports if each.kind == FIVE_HOUR), self.resets_at)
            # It can be the weekly limit that refuses: before the last of those that are used up nothing goes on.
            used_up = [each.resets_at for each in reports if each.used_pct >= 100]
            self.resets_at = max(used_up, default=five_hour)
            self.is_used_up = bool(used_up)

    def ended(self, state: str, reason: str) -> Outcome:
        """Return the outcome of a try that ends now."""
        words = " ".join(reason.split())[:_MOST_REASON]
        duration_s = max(0.0, self._means.world.now() - self._started_at)
        return self.outcome._replace(state=state, reason=words, duration_s=duration_s, goes_on=False, mark="")

    def _look(self, child: Child) -> Verdict:
        look = self._means.look()
        heat = [each for each in (self.outcome.peak_temp_c, look.sample.cpu_temp_c) if each is not None]
        # A program that has ended holds none, and nobody knows what it held.
        held_gb = [each for each in (self.outcome.peak_ram_gb, round(child.memory_gb(), 3)) if each]
        self.outcome = self.outcome._replace(
            peak_ram_gb=max(held_gb, default=None),
            peak_temp_c=max(heat, default=None),
        )
        return gate.must_stop(look, self._task.is_prompt)


def _used(begun: Outcome, means: Means) -> int | None:
    return means.accounts.used_by(begun.session_id, means.world.now())


def _start(task: Task, begun: Outcome, output_path: str, follower: headless.Follower, means: Means) -> Child:
    if task.command is not None:
        return Child(task.command, folder=task.project, output_path=output_path, mark=begun.mark)
    if means.claude is None:
        raise ProgramFailed(["claude"], "it is not on the search path")
    plan = Plan(
        headless=True,
        agent=task.agent,
        model=task.model,
        permission_mode=task.permission_mode,
        budget_usd=task.budget_usd,
    )
    prompt = GO_ON if begun.goes_on else task.prompt
    asking = launch.asking(means.paths, task.project, plan)
    argv = headless.command(means.claude, asking, begun.session_id, prompt, resumes=begun.goes_on)
    taken_away: dict[str, str | None] = dict.fromkeys(launch.NEVER_INHERITED)
    return headless.start(argv, task.project, taken_away, output_path, follower, begun.mark)


def _check_fault(check: Sequence[str], task: Task, watch: _Watch, output_path: str) -> str:
    """Run a task's check, watched as the task was, and return why the task is not done; empty when it is."""
    said: deque[str] = deque(maxlen=_CHECK_LINES)
    try:
        child = Child(
            check,
            folder=task.project,
            output_path=output_path,
            on_line=lambda line: said.append(line[-_MOST_REASON:]),
            mark=watch.outcome.mark,
        )
    except ProgramFailed as failure:
        return f"its check failed: {failure.reason}"
    try:
        watch.follow(child, _CHECK_MINUTES, "its check")
    finally:
        child.stop()
        child.close()
    if watch.why or child.code == 0:
        return ""
    return f"its check failed: it ended with code {child.code}. {' '.join(said).strip()[-200:]}"


def _judged(watch: _Watch, fault: str, ended: Ended | None) -> Tried:
    if watch.why:
        return Tried(watch.ended(watch.state, watch.why), stopped_by=watch.stopped_by)
    if fault:
        return Tried(watch.ended(FAILED, fault))
    denied = ended.denials if ended is not None else 0
    return Tried(watch.ended(DONE, f"{denied} tool calls were not permitted" if denied else ""))


def _is_cut_off(watch: _Watch, ended: Ended | None) -> bool:
    """Whether a limit has ended the session, by a refusal or because nothing but the reserve is left."""
    if watch.stopped_by == gate.TOKENS:
        return True
    return not watch.why and ended is not None and ended.api_error == _USAGE_LIMIT


def _refused(watch: _Watch) -> Tried:
    # Where the client tells that all is used it is ended before or after it is refused, as chance will have it.
    reason = watch.why if watch.stopped_by == gate.TOKENS and not watch.is_used_up else "the usage limit was reached"
    outcome = watch.ended(WAITING, reason)
    return Tried(outcome._replace(goes_on=bool(outcome.tokens_used)), is_refused=True, resets_at=watch.resets_at)


def _fault(task: Task, ended: Ended | None, code: int | None) -> str:
    if not task.is_prompt:
        return "" if code == 0 else f"it ended with code {code}"
    if ended is None:
        return f"Claude Code ended with code {code} and told no result"
    if ended.is_error:
        return ended.text or ended.api_error or ended.subtype or f"Claude Code ended with code {code}"
    return ""
