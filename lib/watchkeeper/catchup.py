"""Reading what transcripts have grown by before a command shows figures, with a bar where a person waits long."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from watchkeeper.core import detach
from watchkeeper.transcripts import files, refresh

if TYPE_CHECKING:
    from typing import TextIO

    from rich.progress import Progress

    from watchkeeper.app import App

# What is read in a moment: no bar for less, and no waiting for more where the answer must be there within seconds.
SHORT_BYTES = 32 << 20
# How long another process that is writing is waited for where the whole answer has five seconds.
HURRIED_WAIT_MS = 1_000


def catch_up(app: App, rebuild: bool = False) -> refresh.Refreshed | None:
    """Bring the ledger up to date with the transcripts; with `rebuild` read all of them from their beginnings.

    None when that is not possible now, which is said beside the answer: another process is writing for long, or,
    inside Claude Code, the backlog is long and left to a background job. Figures can be read all the same.
    """
    if app.surroundings.is_hurried:
        app.ledger.usage.execute(f"PRAGMA busy_timeout={HURRIED_WAIT_MS}")
        backlog = backlog_bytes(app)
        if backlog > SHORT_BYTES:
            app.remark(
                f"{backlog / 1e6:,.0f} MB of transcripts are not read yet, so figures may be low; that is done in the "
                "background now."
            )
            detach.start_jobs(["refresh"])
            return None
    try:
        with Bar(app.surroundings.stderr, is_wanted=app.surroundings.stderr.isatty()) as bar:
            return refresh.refresh(app.ledger, app.paths, app.settings, app.now, bar.show, rebuild)
    except sqlite3.OperationalError as error:
        if rebuild:
            raise
        app.remark(f"The transcripts cannot be read into the ledger now ({error}); figures may be low, so try again.")
        return None


def backlog_bytes(app: App) -> int:
    """Return by how many bytes the transcripts are larger than what was read of them."""
    read = dict(app.ledger.usage.execute("SELECT path, size FROM transcripts").fetchall())
    return sum(max(0, each.size - read.get(each.key, 0)) for each in files.find(app.paths.projects))


class Bar:
    """Shows how far the reading is, once it is clear that it takes long."""

    def __init__(self, stderr: TextIO, is_wanted: bool) -> None:
        self._stderr = stderr
        self._is_wanted = is_wanted
        self._progress: Progress | None = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, read_bytes: int, total_bytes: int) -> None:
        """Show that so many bytes of all are read."""
        if not self._is_wanted or total_bytes < SHORT_BYTES:
            return
        if self._progress is None:
            self._progress = _started(self._stderr, total_bytes)
        self._progress.update(self._progress.task_ids[0], completed=read_bytes)


def _started(stderr: TextIO, total_bytes: int) -> Progress:
    # Imported here because most commands show no bar.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Reading transcripts"), BarColumn(), DownloadColumn(), TimeRemainingColumn(compact=True))
    progress = Progress(*columns, console=Console(file=stderr), transient=True)
    progress.add_task("", total=total_bytes)
    progress.start()
    return progress
