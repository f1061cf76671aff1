"""What is stored: the ledger's files, the transcripts they were read from, the settings."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from watchkeeper.catchup import catch_up
from watchkeeper.config import compiled, file
from watchkeeper.config.file_system import mounted, network_kind
from watchkeeper.config.problems import SettingsError
from watchkeeper.core import schema, settings
from watchkeeper.transcripts import files

from .finding import Finding, broken, note, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchkeeper.app import App

_MOST_CHECKED_BYTES = 300_000_000
_MOST_NAMED = 3


def findings(app: App) -> Iterator[Finding]:
    """Yield what is found. Transcripts are read on the way as far as they have grown."""
    yield from _settings(app)
    yield from _ledger(app)
    yield from _folder(app)
    yield from _transcripts(app)


def _settings(app: App) -> Iterator[Finding]:
    try:
        source = file.read(app.paths)
        if settings.are_stale(app.paths, app.settings):
            compiled.compile_settings(app.paths, app.environ)
    except SettingsError as error:
        more = [str(problem) for problem in error.problems[1:]]
        yield broken("Settings", f"{error} Until then the settings before it stay in force.")
        for problem in more:
            yield broken("Settings", f"config.toml: {problem}.")
        return
    place = app.paths.config_file
    yield ok("Settings", f"{place} is in force." if source.modified_ns else f"{place} is not there: all defaults.")


def _ledger(app: App) -> Iterator[Finding]:
    for name, migrations in (("usage", schema.USAGE), ("state", schema.STATE)):
        path = os.path.join(app.ledger.folder, f"{name}.db")
        try:
            db = app.ledger.usage if name == "usage" else app.ledger.state
            version = db.execute("PRAGMA user_version").fetchone()[0]
            size = os.path.getsize(path)
            if size <= _MOST_CHECKED_BYTES:
                verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
                if verdict != "ok":
                    yield broken(
                        "Ledger", f"{path} is damaged ({verdict}): move it away, then `watchkeeper usage --rebuild`."
                    )
                    continue
            yield ok("Ledger", f"{name}.db has {_size(size)}, schema {version} of {len(migrations)}.")
        except (sqlite3.Error, OSError) as error:
            yield broken("Ledger", f"{path} cannot be used ({error}): check the disk and the folder's permissions.")
    for sentence in app.ledger.take_notices():
        yield note("Ledger", sentence)
    kept = sorted(
        name for name in _names(app.ledger.folder) if ".set-aside-" in name and not name.endswith(("-wal", "-shm"))
    )
    for name in kept:
        yield note("Ledger", f"{name} was set aside and is kept in {app.ledger.folder} until you delete it.")


def _folder(app: App) -> Iterator[Finding]:
    mounts = mounted()
    kind = network_kind(os.path.realpath(app.paths.state), mounts)
    if network_kind(os.path.realpath(app.ledger.folder), mounts) is not None:
        yield broken(
            "Folder",
            f"The ledger is on a network file system ({kind}), where SQLite is not safe: set XDG_STATE_HOME to a "
            "folder of this machine, then run `watchkeeper config set watch.enabled true`.",
        )
    elif kind is not None:
        yield note("Folder", f"{app.paths.state} is on {kind}, so this machine's ledger is in {app.ledger.folder}.")
    elif app.ledger.folder != app.paths.state:
        yield note("Folder", f"The ledger is in {app.ledger.folder}.")
    else:
        yield ok("Folder", f"{app.paths.state}, on this machine.")


def _transcripts(app: App) -> Iterator[Finding]:
    try:
        refreshed = catch_up(app)
    except (sqlite3.Error, OSError) as error:
        yield broken("Transcripts", f"They cannot be read into the ledger: {error}.")
        return
    rows = app.ledger.usage.execute(
        "SELECT path, skipped_lines FROM transcripts WHERE skipped_lines > 0 ORDER BY skipped_lines DESC, path"
    ).fetchall()
    read, size = app.ledger.usage.execute("SELECT count(*), ifnull(sum(size), 0) FROM transcripts").fetchone()
    there = {each.key for each in files.find(app.paths.projects)}
    gone = read - len(there & _known(app))
    text = f"{len(there)} in {app.paths.projects}; {read} read so far, {_size(size)}"
    yield ok("Transcripts", f"{text}{f'; {gone} of them are gone and stay counted' if gone > 0 else ''}.")
    if rows:
        skipped = sum(count for _, count in rows)
        lines = "1 line" if skipped == 1 else f"{skipped} lines"
        named = ", ".join(f"{path} ({count})" for path, count in rows[:_MOST_NAMED])
        more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
        yield note("Transcripts", f"{lines} could not be read and were skipped: {named}{more}.")
    for path in refreshed.unreadable_files[:_MOST_NAMED] if refreshed else ():
        yield note("Transcripts", f"{path} cannot be opened: check its permissions.")


def _known(app: App) -> set[str]:
    return {path for (path,) in app.ledger.usage.execute("SELECT path FROM transcripts")}


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _size(count: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
