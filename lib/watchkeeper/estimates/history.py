"""History import: the stretches of all sessions whose transcripts are there, read again when they have grown."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.ledger import Transaction
from watchkeeper.transcripts import files, record_lines

from . import stretches

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths
    from watchkeeper.transcripts.files import Transcript

    from .stretches import Stretch

    Report = Callable[[int, int], None]

# A session that is written to is read when it pauses.
SETTLED_S = 600.0


class Imported(NamedTuple):
    """What an import did."""

    transcripts: int
    stretches: int
    bytes_read: int


def import_history(
    ledger: Ledger, paths: Paths, now: float, progress: Report | None = None, rebuild: bool = False
) -> Imported:
    """Read the stretches of the transcripts that have changed since they were read; with `rebuild` of all.

    The ledger must have been brought up to date with the transcripts before: what a stretch took comes from there.
    Stretches of transcripts that are gone stay. `progress` is told the bytes read and the bytes to read.
    """
    wanted = list(_wanted(ledger.usage, paths, now, rebuild))
    total_bytes = sum(transcript.size for transcript in wanted)
    found = bytes_read = 0
    for transcript in wanted:
        found += _import(ledger.usage, transcript)
        bytes_read += transcript.size
        if progress is not None:
            progress(bytes_read, total_bytes)
    return Imported(len(wanted), found, bytes_read)


def backlog_bytes(ledger: Ledger, paths: Paths, now: float) -> int:
    """Return the size of the transcripts whose stretches are not read."""
    return sum(transcript.size for transcript in _wanted(ledger.usage, paths, now, rebuild=False))


def _wanted(db: sqlite3.Connection, paths: Paths, now: float, rebuild: bool) -> Iterator[Transcript]:
    known = {path: (size, modified_ns) for path, size, modified_ns in db.execute("SELECT * FROM stretch_scans")}
    for transcript in files.find(paths.projects):
        is_settled = now - transcript.modified_ns / 1e9 >= SETTLED_S
        is_known = known.get(transcript.key) == (transcript.size, transcript.modified_ns)
        if not transcript.is_agent and (rebuild or (is_settled and not is_known)):
            yield transcript


def stretches_of(path: str) -> Iterator[Stretch]:
    """Yield the stretches in a transcript. Raises OSError when it cannot be read."""
    records = (placed.record for placed in record_lines.read(path, linked_only=True))
    return stretches.stretches_in(record for record in records if record is not None)


def _import(db: sqlite3.Connection, transcript: Transcript) -> int:
    try:
        found = list(stretches_of(transcript.path))
    except OSError:
        return 0
    by_session: dict[str, list[Stretch]] = {}
    for stretch in found:
        by_session.setdefault(stretch.session_id or transcript.session_id, []).append(stretch)
    with Transaction(db):
        for session_id, own in by_session.items():
            _save(db, session_id, sorted(own, key=lambda stretch: stretch.started_at))
        db.execute(
            "INSERT OR REPLACE INTO stretch_scans VALUES (?,?,?)",
            (transcript.key, transcript.size, transcript.modified_ns),
        )
    return len(found)


def _save(db: sqlite3.Connection, session_id: str, own: list[Stretch]) -> None:
    # Another transcript may hold other parts of the session.
    db.execute(
        "DELETE FROM stretches WHERE session_id = ? AND started_at BETWEEN ? AND ?",
        (session_id, own[0].started_at, own[-1].started_at),
    )
    began_at, last_at = db.execute(
        "SELECT min(started_at), max(last_at) FROM sessions WHERE session_id = ?", (session_id,)
    ).fetchone()
    first_at, end_at = (
        min(own[0].started_at, began_at or own[0].started_at),
        max(own[-1].ended_at, last_at or 0.0) + 1.0,
    )
    # Sub-agents may have the first word and the last.
    starts = [first_at, *(stretch.started_at for stretch in own[1:]), end_at]
    for stretch, (since_at, until_at) in zip(own, pairwise(starts), strict=True):
        counts = db.execute(
            "SELECT ifnull(sum(input_tokens), 0), ifnull(sum(output_tokens), 0),"
            " ifnull(sum(cache_creation_input_tokens), 0), ifnull(sum(cache_read_input_tokens), 0)"
            " FROM responses WHERE session_id = ? AND at >= ? AND at < ?",
            (session_id, since_at, until_at),
        ).fetchone()
        db.execute(
            "INSERT OR REPLACE INTO stretches VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (session_id, *stretch[1:-1], " ".join(stretch.libraries), *counts),
        )
