"""The one door to SQLite: a ledger file is made aside and moved into place, migrated, set aside when unreadable."""

from __future__ import annotations

import os
import sqlite3
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .schema import Migration

# Hooks have five seconds in all.
BUSY_S = 4.0
# The log goes first: without it the file alone is an older whole.
_PARTS = ("-wal", "-shm", "")


class Unusable(Exception):
    """The file holds no ledger; the text says why."""


class Newer(Exception):
    """The file is a ledger of a newer version, and is left to it; the text is the sentence for the user."""


def open_store(
    path: str, migrations: Sequence[Migration], now: float, keeps_backups: bool = False
) -> tuple[sqlite3.Connection, str]:
    """Return a connection to the ledger file at `path`, made if need be, and a sentence if one had to be set aside.

    A damaged file is renamed beside itself and never deleted. With `keeps_backups` the file is copied before a
    migration. Raises Newer when a newer version has made the file, and sqlite3.OperationalError or OSError when it
    cannot be used now: the disk is full, the folder is read-only, the lock stays taken.
    """
    while True:
        if not os.path.exists(path):
            _create(path, migrations)
        try:
            return _connect(path, migrations, now, keeps_backups), ""
        except Unusable:
            return _with_a_fresh_one(path, migrations, now, keeps_backups)
        except sqlite3.OperationalError:
            # Another process may have set it aside at this very moment; a link to nowhere stays where it is.
            if os.path.lexists(path):
                raise


def is_whole(path: str) -> bool:
    """Return whether a ledger file is free of damage, which may lie in a part that was not read so far."""
    try:
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        finally:
            db.close()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False


def set_aside(path: str, now: float) -> str:
    """Rename a ledger file beside itself, never over another, and return its new name."""
    kept = f"{path}.set-aside-{now:.0f}"
    number = 1
    while any(os.path.exists(kept + suffix) for suffix in _PARTS):
        number += 1
        kept = f"{path}.set-aside-{now:.0f}-{number}"
    for suffix in _PARTS:
        if os.path.exists(path + suffix):
            os.rename(path + suffix, kept + suffix)
    return kept


def sentence_about(path: str, why: str, kept: str) -> str:
    """Return what the user is told when a ledger file was set aside."""
    return f"The ledger {os.path.basename(path)} {why} and was set aside as {kept}; a fresh one is in use."


def begin(db: sqlite3.Connection) -> None:
    """Start a transaction that writes: taking the lock at once, so that nothing read in it can be stale."""
    db.execute("BEGIN IMMEDIATE")


def _connect(path: str, migrations: Sequence[Migration], now: float, keeps_backups: bool) -> sqlite3.Connection:
    db = sqlite3.connect(_existing(path), timeout=BUSY_S, isolation_level=None, uri=True)
    try:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(migrations):
            raise Newer(
                f"The ledger {os.path.basename(path)} was made by a newer Watchkeeper than this one and is left as it "
                "is: run `watchkeeper update`."
            )
        if version == 0:
            raise Unusable("is not one of Watchkeeper")
        db.execute("PRAGMA synchronous=NORMAL")
        # Hooks end without closing; the log is what the next one has to read, so it is kept short.
        db.execute("PRAGMA wal_autocheckpoint=256")
        if version < len(migrations):
            if keeps_backups:
                _back_up(db, f"{path}.before-{version + 1}-{now:.0f}")
            _migrate(db, migrations)
        return db
    except sqlite3.OperationalError:
        db.close()
        raise
    except sqlite3.DatabaseError as error:
        db.close()
        raise Unusable("is damaged") from error
    except BaseException:
        db.close()
        raise


def _existing(path: str) -> str:
    # Connecting makes no file in place of one that was just set aside.
    plain = path if os.name != "nt" else "/" + path.replace("\\", "/")
    for character, code in (("%", "%25"), ("?", "%3f"), ("#", "%23")):
        plain = plain.replace(character, code)
    return f"file:{plain}?mode=rw"


def _migrate(db: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    begin(db)
    try:
        # Another process may have migrated since the version was read.
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        for migration in migrations[version:]:
            migration(db)
        db.execute(f"PRAGMA user_version={len(migrations)}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _create(path: str, migrations: Sequence[Migration]) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    aside = f"{path}.{os.getpid()}.new"
    descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    os.close(descriptor)
    try:
        db = sqlite3.connect(aside, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            _migrate(db, migrations)
        finally:
            db.close()
        _place(aside, path)
    finally:
        for leftover in (aside, aside + "-wal", aside + "-shm"):
            if os.path.exists(leftover):
                os.unlink(leftover)


def _place(aside: str, path: str) -> None:
    # Never over a file that another process put there meanwhile: it may hold data already.
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    except (OSError, AttributeError, NotImplementedError):
        if not os.path.exists(path):
            os.rename(aside, path)


def _with_a_fresh_one(
    path: str, migrations: Sequence[Migration], now: float, keeps_backups: bool
) -> tuple[sqlite3.Connection, str]:
    sentence = ""
    with _locked(path):
        while True:
            if not os.path.exists(path):
                _create(path, migrations)
            try:
                # Another process may have put a fresh one there while this one waited.
                return _connect(path, migrations, now, keeps_backups), sentence
            except Unusable as why:
                sentence = sentence_about(path, str(why), set_aside(path, now))


class _locked:  # noqa: N801 - used as a function
    """Holds a lock on a ledger file's name; it ends with the process whatever happens."""

    def __init__(self, path: str) -> None:
        self._path = path + ".lock"
        self._descriptor = -1

    def __enter__(self) -> None:
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(self._descriptor, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _back_up(db: sqlite3.Connection, path: str) -> None:
    copy = sqlite3.connect(path)
    try:
        db.backup(copy)
    finally:
        copy.close()
    os.chmod(path, 0o600)
