"""How a task stands: its state, what it took, and why it ended as it did."""

from __future__ import annotations

from typing import NamedTuple

from .order import WAITING


class Outcome(NamedTuple):
    """One task of a run. What is not known is None; times are epoch seconds."""

    task_id: str
    state: str = WAITING
    reason: str = ""
    tries: int = 0
    started_at: float | None = None
    duration_s: float = 0.0
    """Of all its tries together."""
    tokens_used: int | None = None
    """What the quota counts of all its tries; None for a command, of which nobody knows."""
    peak_ram_gb: float | None = None
    peak_temp_c: float | None = None
    session_id: str = ""
    """The session of Claude Code that did it, the last one."""
    goes_on: bool = False
    """Whether that session was cut off by the limit and is to be resumed."""
    mark: str = ""
    """What its processes are known by while it runs."""


def merged(before: Outcome, attempt: Outcome) -> Outcome:
    """Return the outcome of a task after one more try."""
    return attempt._replace(
        tries=before.tries + 1,
        started_at=before.started_at if before.started_at is not None else attempt.started_at,
        duration_s=before.duration_s + attempt.duration_s,
        tokens_used=_sum(before.tokens_used, attempt.tokens_used),
        peak_ram_gb=_most(before.peak_ram_gb, attempt.peak_ram_gb),
        peak_temp_c=_most(before.peak_temp_c, attempt.peak_temp_c),
    )


def _sum(first: int | None, second: int | None) -> int | None:
    return second if first is None else first + (second or 0)


def _most(first: float | None, second: float | None) -> float | None:
    known = [each for each in (first, second) if each is not None]
    return max(known, default=None)
