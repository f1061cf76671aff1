"""The one door to SQLite: a ledger file is made aside and moved into place, migrated, set aside when unreadable."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .file_lock import FileLock
    from .schema import Migration
else:
    # The package around it imports `datetime`, which costs a hook more than all its queries.
    try:
        import _sqlite3 as sqlite3
    except ImportError:
        import sqlite3

# Hooks have five seconds in all.
BUSY_S = 4.0
# Some file systems tell another identity of a file at every look: no ledger can be kept there.
_MOST_LOOKS = 200
# The log goes first: without it the file alone is an older whole.
_PARTS = ("-wal", "-shm", "")


class Unusable(Exception):
    """The file holds no ledger; the text says why."""


class Replaced(Exception):
    """Another process has put another file in its place since."""


class Newer(Exception):
    """The file is a ledger of a newer version, and is left to it; the text is the sentence for the user."""


def open_store(
    path: str, migrations: Sequence[Migration], now: float, keeps_backups: bool = False
) -> tuple[sqlite3.Connection, str]:
    """Return a connection to the ledger file at `path`, made if need be, and a sentence if one had to be set aside.

    A damaged file is renamed beside itself and never deleted. With `keeps_backups` the file is copied before a
    migration. Raises Newer when a newer version has made the file, and sqlite3.OperationalError or OSError when it
    cannot be used now: the disk is full, the folder is read-only, a lock stays taken.
    """
    for _ in range(_MOST_LOOKS):
        if not os.path.exists(path):
            _create(path, migrations)
        try:
            return _connect(path, migrations, now, keeps_backups), ""
        except Unusable:
            return _with_a_fresh_one(path, migrations, now, keeps_backups)
        except Replaced:
            continue
    raise _never_the_same(path)


def is_damage(error: BaseException) -> bool:
    """Return whether an error says that a ledger file is damaged, rather than that it cannot be used now."""
    return type(error) is sqlite3.DatabaseError


def set_aside_if_damaged(path: str, now: float) -> str:
    """Set aside a ledger file in which damage was found; return the sentence for the user, empty when it is whole."""
    if not os.path.exists(path):
        return ""
    with _locked(path):
        # Another process may have done it while this one waited.
        return "" if _is_whole(path) else sentence_about(path, "is damaged", set_aside(path, now))


def _is_whole(path: str) -> bool:
    # Damage may lie in a part that was not read so far.
    try:
        db, _ = _opened(path)
        try:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        finally:
            db.close()
    except Unusable:
        return False
    except (Replaced, sqlite3.OperationalError):
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
    db, version = _opened(path)
    try:
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
    except BaseException as error:
        db.close()
        if is_damage(error):
            raise Unusable("is damaged") from error
        raise


def _opened(path: str) -> tuple[sqlite3.Connection, int]:
    """Return a connection to the file that is at `path` now, and its version; no file is made there."""
    found = _status(path)
    if found is not None and found.st_size == 0:
        # Not opened at all: SQLite deletes the log beside an empty file, and it may be that of the next one by then.
        raise Unusable("is not one of Watchkeeper")
    db = None
    try:
        db = sqlite3.connect(_existing(path), timeout=BUSY_S, isolation_level=None, uri=True)
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if db is not None:
            db.close()
        if is_damage(error):
            raise Unusable("is damaged") from error
        # A link to nowhere stays where it is.
        if os.path.lexists(path) and _is_same(found, _status(path)):
            raise
        raise Replaced from error
    if not _is_same(found, _status(path)):
        # What was read may be pages of the file set aside and of the log of the fresh one.
        db.close()
        raise Replaced
    return db, version


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_same(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    return one is other is None or (one is not None and other is not None and os.path.samestat(one, other))


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
        for _ in range(_MOST_LOOKS):
            if not os.path.exists(path):
                _create(path, migrations)
            try:
                # Another process may have put a fresh one there while this one waited.
                return _connect(path, migrations, now, keeps_backups), sentence
            except Unusable as why:
                sentence = sentence_about(path, str(why), set_aside(path, now))
            except Replaced:
                continue
    raise _never_the_same(path)


def _never_the_same(path: str) -> sqlite3.OperationalError:
    return sqlite3.OperationalError(f"{path} is another file at every look")


def _locked(path: str) -> FileLock:
    """Return the lock under which a ledger file is replaced, which is waited for as long as SQLite's own."""
    # Imported here because hardly any hook meets a damaged file.
    from .file_lock import FileLock

    return FileLock(path + ".lock", BUSY_S)


def _back_up(db: sqlite3.Connection, path: str) -> None:
    copy = sqlite3.connect(path)
    try:
        db.backup(copy)
    finally:
        copy.close()
    os.chmod(path, 0o600)
