"""What happens when a compared session is over: last figures, the rest of the plan waits, the report is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core.ledger import Transaction
from watchkeeper.core.usage import session_row
from watchkeeper.transcripts import refresh

from . import interval, learned, model_file, progress, session_report, tracked, tracking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

    from .progress import Progress
    from .tracked import Tracked

# A session without a sign for so long is over.
SILENT_S = 12 * 3600.0
# What happens at the end of a session belongs to it.
_SAME_S = 1.0


def settle(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    environ: Mapping[str, str],
    session_id: str,
    now: float,
) -> str | None:
    """End comparing a session with its estimate and return the path of its report; None where it was not compared."""
    made = tracked.of_session(ledger.state, session_id)
    if made is None or made.state != tracked.RUNNING:
        return None
    refresh.refresh(ledger, paths, settings, now)
    place = tracking.Place(ledger, settings, paths, environ, now)
    ended = tracking.end(place, made.estimate_id, _ended_at(ledger, made, now))
    if ended is not None:
        with Transaction(ledger.state) as db:
            let_rest_wait(db, *ended, now)
    known = learned.read(ledger, settings, now)
    model_file.write(paths, known, settings["quota"]["counted"], now)
    return session_report.write(place, session_id, known)


def follow_all(
    ledger: Ledger, settings: dict[str, dict[str, Any]], paths: Paths, environ: Mapping[str, str], now: float
) -> None:
    """Check all sessions that are compared with an estimate; settle those that never said that they end."""
    tracking.check_all(tracking.Place(ledger, settings, paths, environ, now))
    for made in tracked.running(ledger.state):
        last_at = session_row(ledger.usage, made.session_id).get("last_at")
        if now - max(last_at if isinstance(last_at, float) else 0.0, made.started_at or 0.0) > SILENT_S:
            settle(ledger, settings, paths, environ, made.session_id, now)


def _ended_at(ledger: Ledger, made: Tracked, now: float) -> float:
    """Return when a session was over: as its end says, or its last sign where it never said that it ends."""
    row = session_row(ledger.usage, made.session_id)
    told = [at for name in ("ended_at", "last_at") if isinstance(at := row.get(name), float)]
    return min(now, max([*told, made.started_at or 0.0]) + _SAME_S)


def let_rest_wait(db: Any, made: Tracked, found: Progress, now: float) -> str | None:
    """Let the open phases wait for the next session of the project, inside a transaction; the id of that estimate.

    Where another estimate has come to wait meanwhile, that one stays.
    """
    left = [
        (phase, progress.rest_of(phase, use.tokens))
        for phase, use in zip(made.phases, found.phases, strict=True)
        if phase.ended_at is None
    ]
    if not left or tracked.waiting_in(db, made.project) is not None:
        return None
    rest = interval.total([part for _, part in left], tracking.CORRELATION)
    low, mid, high = (sum(getattr(part, name) for _, part in left) for name in interval.Interval._fields[:3])
    coverage = interval.probability_within(rest, high) - interval.probability_within(rest, low)
    return tracked.copy_rest(db, made, [(phase.number, part) for phase, part in left], (low, mid, high), coverage, now)
