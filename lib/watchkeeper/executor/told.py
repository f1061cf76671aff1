"""What a run says while it works: a bar where somebody looks, plain lines where nobody does."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from watchkeeper.core import words
from watchkeeper.render.columns import clean

from .order import ENDED

if TYPE_CHECKING:
    from typing import IO

    from rich.progress import Progress

    from .outcome import Outcome
    from .run_record import RunRecord
    from .task import Task


class Stream(Protocol):
    """Where lines are printed."""

    def write(self, text: str, /) -> object:
        """Take a piece of text."""

    def flush(self) -> object:
        """Let what was written be seen."""


class Listener(Protocol):
    """Who is told how a run goes on."""

    def started(self, task: Task, record: RunRecord) -> None:
        """A task begins."""

    def ended(self, outcome: Outcome, record: RunRecord) -> None:
        """A task has ended, or is to be tried again."""

    def said(self, sentence: str) -> None:
        """Something happened to the run itself: it waits, it is saved, it stops."""

    def summary(self, summary: dict[str, Any]) -> None:
        """It is time to say how things stand."""

    def close(self) -> None:
        """Nothing more is told."""


class Silent:
    """Tells nobody."""

    def started(self, task: Task, record: RunRecord) -> None:
        """Say nothing."""

    def ended(self, outcome: Outcome, record: RunRecord) -> None:
        """Say nothing."""

    def said(self, sentence: str) -> None:
        """Say nothing."""

    def summary(self, summary: dict[str, Any]) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class Lines:
    """Plain lines on a stream, each when it happens."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def started(self, task: Task, record: RunRecord) -> None:
        """Name the task."""
        self.said(f"{_ended(record) + 1}/{len(record.tasks)}  {task.id}  {task.name}".rstrip())

    def ended(self, outcome: Outcome, record: RunRecord) -> None:
        """Say how it went and what it took."""
        self.said(f"      {outcome_words(outcome)}")

    def said(self, sentence: str) -> None:
        """Print it."""
        # The work goes on when nobody listens any more: a pipe that was closed, a terminal that is gone.
        with contextlib.suppress(OSError, ValueError):
            print(clean(sentence), file=self._stream, flush=True)

    def summary(self, summary: dict[str, Any]) -> None:
        """Print it."""
        for line in summary_lines(summary):
            self.said(line)

    def close(self) -> None:
        """Nothing is left to do."""


class Bar:
    """A bar that stays at the foot of the terminal, and the lines above it."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress: Progress = Progress(*columns, console=Console(file=stream, highlight=False), transient=True)
        self._bar = self._progress.add_task("", total=None)
        self._lines = Lines(_Above(self._progress))
        self._progress.start()

    def started(self, task: Task, record: RunRecord) -> None:
        """Name the task beside the bar."""
        self._progress.update(self._bar, description=task.id[:30], total=len(record.tasks), completed=_ended(record))

    def ended(self, outcome: Outcome, record: RunRecord) -> None:
        """Move the bar on, and say how the task went."""
        self._progress.update(self._bar, completed=_ended(record))
        self._lines.said(f"{outcome.task_id}: {outcome_words(outcome)}")

    def said(self, sentence: str) -> None:
        """Print it above the bar."""
        self._lines.said(sentence)

    def summary(self, summary: dict[str, Any]) -> None:
        """Print it above the bar."""
        self._lines.summary(summary)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


class _Above:
    """A stream whose lines go above the bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def write(self, text: str) -> int:
        if text.strip("\n"):
            self._progress.console.print(text.rstrip("\n"), markup=False)
        return len(text)

    def flush(self) -> None:
        pass


def outcome_words(outcome: Outcome) -> str:
    """Return how a task went in a line: its state, what it took, and why."""
    parts = [outcome.state if outcome.state in ENDED else "to be tried again"]
    parts.append(f"after {words.duration(outcome.duration_s)}")
    if outcome.tokens_used is not None:
        parts.append(f"{outcome.tokens_used:,} tokens")
    if outcome.peak_ram_gb:
        parts.append(memory_words(outcome.peak_ram_gb))
    if outcome.peak_temp_c is not None:
        parts.append(f"{outcome.peak_temp_c:.0f} °C")
    line = ", ".join(parts)
    return f"{line}: {outcome.reason}" if outcome.reason else line


def memory_words(memory_gb: float) -> str:
    """Return an amount of memory: `3 MB`, `1.4 GB`."""
    return f"{memory_gb:.1f} GB" if memory_gb >= 1 else f"{memory_gb * 1024:.0f} MB"


def summary_lines(summary: dict[str, Any]) -> list[str]:
    """Return how a run stands, in the lines of a small table."""
    limit, remaining = summary["tokens_limit"], summary["tokens_remaining"]
    used_pct = summary["quota_used_pct"]
    quota = "unknown" if used_pct is None else f"{words.share(used_pct)} used ({summary['quota_source']})"
    left = "unknown" if remaining is None else f"{remaining:,} of {limit:,} above the reserve"
    burn, hours_left = summary["burn_tokens_per_hour"], summary["hours_left"]
    pace = "not known yet" if burn is None else f"{burn:,.0f} tokens/hour"
    if hours_left is not None:
        pace += f", enough for {words.duration(hours_left * 3600.0)}"
    memory = summary["ram_available_gb"]
    heat = summary["cpu_temp"]
    rows = [
        ("Duration", words.duration(summary["session_hours"] * 3600.0)),
        ("Tasks", f"{summary['tasks_completed']} done, {summary['tokens_used']:,} tokens"),
        ("Quota", quota),
        ("Remaining", left),
        ("Burn rate", pace),
        ("Memory", "unknown" if memory is None else f"{memory:.1f} GB available"),
        ("Temperature", "unknown" if heat is None else f"{heat:.0f} °C, {summary['thermal_state']}"),
        ("Can continue", "yes" if summary["can_continue"] else f"no: {summary['limiting_detail']}"),
    ]
    return ["Run so far", *(f"  {name:<14}{value}" for name, value in rows)]


def _ended(record: RunRecord) -> int:
    return sum(outcome.state in ENDED for outcome in record.outcomes.values())
