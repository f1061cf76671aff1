"""Bringing the ledger up to date with the transcripts: the first import, the daily look and the rebuild are one."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import limit_hits, usage
from watchkeeper.core.account import account_key
from watchkeeper.core.gathered import Gathered
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.paths import environment, project_of
from watchkeeper.core.tail import START, Position

from . import batches, files

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths
    from watchkeeper.core.records import LimitHit

    from .files import Transcript
    from .scan import Progress, Reading

    Report = Callable[[int, int], None]

# Enough for the pages that a large merge touches.
_CACHE_KB = 32_768
# What one transaction takes in at most: hooks wait for it.
_MOST_RESPONSES = 40_000
# So little may be left to read when most is saved: the rest is saved while nothing else can be done.
_LAST_SHARE = 1 / 16
# Tool calls of the window that is open and a little more: what is left is reckoned from them.
_TOOL_USES_S = 86_400.0
# Older refusals state resets that are over: the weekly one is the longest.
_LIMIT_HITS_S = 8 * 86_400.0


class Refreshed(NamedTuple):
    """What a refresh did."""

    files: int
    """Transcripts below the projects folder."""
    files_read: int
    """Transcripts that had changed."""
    bytes_read: int
    responses: int
    """Responses seen in what was read, each once."""
    unreadable_lines: int
    unreadable_files: tuple[str, ...]


def refresh(
    ledger: Ledger,
    paths: Paths,
    settings: dict[str, dict[str, Any]],
    now: float,
    progress: Report | None = None,
    rebuild: bool = False,
) -> Refreshed:
    """Read what transcripts have grown by and merge it; with `rebuild` read all of them from their beginnings.

    Merging only adds: what was read from transcripts that are gone stays. `progress` is told the bytes read and the
    bytes to read. Raises sqlite3.OperationalError when the ledger stays locked or the disk is full.
    """
    found = files.find(paths.projects)
    known = _positions(ledger.usage)
    wanted = []
    for transcript in [*found, *_elsewhere(ledger.usage, found)]:
        since = START if rebuild else known.get(transcript.key, START)
        if since[:3] != (transcript.inode, transcript.size, transcript.modified_ns):
            wanted.append((transcript, since))
    ledger.usage.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
    intake = _Intake(ledger, known, rebuild)
    _read(wanted, intake, now, progress)
    _save_limit_hits(ledger, paths, intake.limit_hits, now)
    _save_projects(ledger.usage)
    return Refreshed(
        len(found),
        intake.files_read,
        intake.bytes_read,
        intake.responses,
        intake.unreadable_lines,
        tuple(intake.failed),
    )


def _read(wanted: batches.Batch, intake: _Intake, now: float, progress: Report | None) -> None:
    total_bytes = batches.unread_bytes(wanted)
    is_nearly_done = False
    was_collecting = gc.isenabled()
    # There is no garbage in circles here, and looking for some among many tuples takes long.
    gc.disable()
    try:
        for bytes_read, reading in batches.read(wanted, now - _TOOL_USES_S):
            intake.take(bytes_read, reading)
            left_bytes = total_bytes - intake.bytes_read
            if intake.waiting >= _MOST_RESPONSES or (left_bytes < total_bytes * _LAST_SHARE and not is_nearly_done):
                is_nearly_done = left_bytes < total_bytes * _LAST_SHARE
                intake.save()
            if progress is not None:
                progress(intake.bytes_read, total_bytes)
        intake.save()
    finally:
        if was_collecting:
            gc.enable()


class _Intake:
    """What was read and is not saved yet, and what has been counted so far."""

    def __init__(self, ledger: Ledger, known: dict[str, Position], rebuild: bool) -> None:
        self._ledger = ledger
        self._known = known
        self._rebuild = rebuild
        self._gathered = Gathered()
        self._progress: list[Progress] = []
        self.limit_hits: list[LimitHit] = []
        self.files_read = self.bytes_read = self.responses = self.unreadable_lines = 0
        self.failed: list[str] = []

    @property
    def waiting(self) -> int:
        """How many responses are not saved yet."""
        return len(self._gathered.responses)

    def take(self, bytes_read: int, reading: Reading) -> None:
        """Take in what several transcripts said."""
        self._gathered.join(reading.gathered)
        self._progress += reading.progress
        self.bytes_read += bytes_read
        self.failed += reading.failed

    def save(self) -> None:
        """Write what was taken in, and how far it was read, in one transaction."""
        gathered, progress = self._gathered, self._progress
        if not progress:
            return
        with Transaction(self._ledger.usage) as db:
            usage.merge(db, gathered, usage.pruned_before_at(db))
            _save_positions(db, progress, self._known, self._rebuild)
        self.files_read += len(progress)
        self.responses += len(gathered.responses)
        self.unreadable_lines += sum(each.unreadable for each in progress)
        self.limit_hits += gathered.limit_hits
        self._gathered, self._progress = Gathered(), []


def _elsewhere(db: sqlite3.Connection, found: list[Transcript]) -> list[Transcript]:
    """Return the transcripts that hooks have read by another path than the one they are found at."""
    keys = {transcript.key for transcript in found}
    rows = db.execute("SELECT path, session_id FROM transcripts")
    others = [files.at(path, session_id) for path, session_id in rows if path not in keys]
    return [transcript for transcript in others if transcript is not None]


def _positions(db: sqlite3.Connection) -> dict[str, Position]:
    rows = db.execute("SELECT path, inode, size, modified_ns, offset, anchor FROM transcripts")
    return {path: Position(*position) for path, *position in rows}


def _save_positions(
    db: sqlite3.Connection, progress: list[Progress], known: dict[str, Position], rebuild: bool
) -> None:
    stored = _positions(db)
    for each in progress:
        # What another process has read meanwhile it has saved too.
        if stored.get(each.key) == known.get(each.key):
            usage.save_position(
                db, each.key, each.session_id, each.position, each.unreadable, rebuild or each.restarted
            )


def _save_limit_hits(ledger: Ledger, paths: Paths, hits: list[LimitHit], now: float) -> None:
    recent: dict[str, list[LimitHit]] = {}
    for hit in hits:
        if hit.at >= now - _LIMIT_HITS_S:
            account = str(usage.session_row(ledger.usage, hit.session_id).get("account") or "")
            recent.setdefault(account, []).append(hit)
    for account, own in recent.items():
        limit_hits.save(ledger, own, account or account_key(paths, environment()), now)


def _save_projects(db: sqlite3.Connection) -> None:
    """Name the project of the sessions that no hook has seen."""
    rows = db.execute("SELECT DISTINCT cwd FROM sessions WHERE project = '' AND cwd <> ''").fetchall()
    if rows:
        named = [(_project_of(cwd), cwd) for (cwd,) in rows]
        with Transaction(db):
            db.executemany("UPDATE sessions SET project = ? WHERE project = '' AND cwd = ?", named)


def _project_of(folder: str) -> str:
    # Transcripts may come from another machine, even from another system.
    try:
        return project_of(folder) if os.path.isabs(folder) else folder
    except (OSError, ValueError):
        return folder
