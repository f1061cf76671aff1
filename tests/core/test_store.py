"""Tests of core/store.py: ledger files are made whole, migrated once, and set aside when they cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.processes import PythonRunner
from tests.support.tree import LIBRARY
from watchkeeper.core import store
from watchkeeper.core.file_lock import FileLock

if TYPE_CHECKING:
    from watchkeeper.core.schema import Migration


def first(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE counted (number INTEGER NOT NULL)")
    db.execute("INSERT INTO counted VALUES (0)")


def second(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE counted ADD COLUMN name TEXT NOT NULL DEFAULT 'kept'")


def failing(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE half (a)")
    raise RuntimeError


def opened(path: Path, *migrations: Migration, keeps_backups: bool = False) -> tuple[sqlite3.Connection, str]:
    return store.open_store(str(path), migrations, NOON, keeps_backups)


def contents(path: Path, *migrations: Migration) -> list[tuple[object, ...]]:
    db, _ = opened(path, *migrations)
    rows = db.execute("SELECT * FROM counted").fetchall()
    db.close()
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "usage.db"


def test_a_store_is_made_with_its_folder(path: Path) -> None:
    """The first opening makes folder and file, readable by the user alone, in write-ahead mode, with nothing beside."""
    db, notice = opened(path, first)
    mode = db.execute("PRAGMA journal_mode").fetchone()[0]
    db.close()

    assert ("wal", "") == (mode, notice)
    assert ["usage.db"] == os.listdir(path.parent)
    if os.name != "nt":
        assert (0o600, 0o700) == (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode))


def test_what_was_stored_is_there_again(path: Path) -> None:
    """A second opening finds what the first one wrote."""
    db, _ = opened(path, first)
    db.execute("UPDATE counted SET number = 7")
    db.close()

    assert [(7,)] == contents(path, first)


@pytest.mark.parametrize("keeps_backups", [True, False])
def test_migrations_run_once_and_after_a_backup(path: Path, keeps_backups: bool) -> None:
    """A newer program adds what its migrations add; where it says so, the file as it was is kept beside."""
    opened(path, first)[0].close()
    for _ in range(2):
        opened(path, first, second, keeps_backups=keeps_backups)[0].close()

    assert [(0, "kept")] == contents(path, first, second)
    backups = [name for name in os.listdir(path.parent) if "before" in name]
    assert len(backups) == keeps_backups
    for backup in backups:
        copy = sqlite3.connect(path.parent / backup)
        assert [(0,)] == copy.execute("SELECT * FROM counted").fetchall()
        copy.close()


def test_a_failing_migration_changes_nothing(path: Path) -> None:
    """A migration that fails leaves the file as it was, and the next program can try again."""
    opened(path, first)[0].close()
    with pytest.raises(RuntimeError):
        opened(path, first, failing)

    assert [(0,)] == contents(path, first)


def test_a_store_that_cannot_be_made_leaves_nothing(path: Path) -> None:
    """When making the file fails there is none, rather than half of one."""
    with pytest.raises(RuntimeError):
        opened(path, first, failing)

    assert [] == os.listdir(path.parent)


UNUSABLE = {
    "damaged": (b"SQLite format 3\0" + b"\xff" * 4000, "is damaged"),
    "no database": (b"hello\n" * 1000, "is damaged"),
    "empty": (b"", "is not one of Watchkeeper"),
}


@pytest.mark.parametrize(("content", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_file_is_set_aside(path: Path, content: bytes, why: str) -> None:
    """What cannot be read is kept under another name, the user is told, and a fresh file is in use."""
    path.parent.mkdir()
    path.write_bytes(content)
    db, notice = opened(path, first)
    db.close()
    (kept,) = [name for name in os.listdir(path.parent) if "set-aside" in name]

    assert why in notice
    assert kept in notice
    assert content == (path.parent / kept).read_bytes()
    assert [(0,)] == contents(path, first)


def test_a_newer_schema_is_left_alone(path: Path) -> None:
    """A file that a newer version has made is neither opened nor set aside: that version goes on with it."""
    opened(path, first, second)[0].close()
    before = path.read_bytes()

    with pytest.raises(store.Newer, match="run `watchkeeper update`"):
        opened(path, first)

    assert (before, []) == (path.read_bytes(), [name for name in os.listdir(path.parent) if "set-aside" in name])
    assert [(0, "kept")] == contents(path, first, second)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
def test_a_folder_without_permission_raises(bound_folder: Path) -> None:
    """Where nothing can be written that is said, not hidden."""
    closed = bound_folder / "closed"
    closed.mkdir(mode=0o500)

    with pytest.raises((OSError, sqlite3.OperationalError)):
        opened(closed / "counted.db", first)


COUNT = """if True:
    import sys, time
    sys.path.insert(0, sys.argv[2])
    from watchkeeper.core import store
    def first(db):
        db.execute("CREATE TABLE counted (number INTEGER NOT NULL)")
        db.execute("INSERT INTO counted VALUES (0)")
    while time.time() < float(sys.argv[3]):
        pass
    if sys.argv[5]:
        store.set_aside_if_damaged(sys.argv[1], time.time())
    for _ in range(int(sys.argv[4])):
        db, notice = store.open_store(sys.argv[1], (first,), time.time())
        store.begin(db)
        db.execute("UPDATE counted SET number = number + 1")
        db.execute("COMMIT")
        db.close()
    print(notice)
"""


def count_at_once(path: Path, processes: int, times: int, finds_damage: bool = False) -> Sequence[tuple[int, str]]:
    """Processes that all open the store at one moment and count in it; how each ended and what it said.

    With `finds_damage` each has met damage before, as in a part of the file that it had not read so far.
    """
    import time

    start_at = str(time.time() + 0.5)
    arguments = [str(path), str(LIBRARY.parent), start_at, str(times), "damage" if finds_damage else ""]
    command = [sys.executable, "-I", "-S", "-c", COUNT, *arguments]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(processes)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in running]
    return [(process.returncode, output.strip()) for process, output in zip(running, outputs, strict=True)]


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_make_it_at_once_share_it(path: Path, real_processes: User, round_: int) -> None:
    """When several processes find no file, one file is made and none of what they write is lost."""
    ended = count_at_once(path, 8, 5)

    assert [(0, "")] * 8 == ended
    assert [(40,)] == contents(path, first)
    assert ["usage.db"] == os.listdir(path.parent)


@pytest.mark.parametrize("finds_damage", [False, True], ids=["on opening", "later"])
@pytest.mark.parametrize("content", [each[0] for each in UNUSABLE.values()], ids=UNUSABLE)
def test_processes_that_set_it_aside_at_once_share_the_fresh_one(
    path: Path, real_processes: User, content: bytes, finds_damage: bool
) -> None:
    """When several processes find a damaged file, it is kept, and none of what they write afterwards is lost."""
    path.parent.mkdir()
    path.write_bytes(content)
    ended = count_at_once(path, 8, 5, finds_damage)

    assert [0] * 8 == [code for code, _ in ended]
    assert [(40,)] == contents(path, first)
    assert [content] == [each.read_bytes() for each in path.parent.iterdir() if "set-aside" in each.name]


@pytest.mark.parametrize(
    "meet_damage",
    [lambda path: opened(path, first), lambda path: store.set_aside_if_damaged(str(path), NOON)],
    ids=["on opening", "later"],
)
def test_a_process_that_stands_still_holds_nobody_up(
    path: Path, monkeypatch: pytest.MonkeyPatch, meet_damage: Callable[[Path], object]
) -> None:
    """Whoever is to set a damaged file aside while another is at it waits no longer than for any lock, and says so."""
    content = UNUSABLE["damaged"][0]
    path.parent.mkdir()
    path.write_bytes(content)
    monkeypatch.setattr(store, "BUSY_S", 0.1)

    with FileLock(f"{path}.lock", 0.0), pytest.raises(TimeoutError, match="held by another process"):
        meet_damage(path)

    assert content == path.read_bytes()
    assert [(0,)] == contents(path, first)


OVERTAKEN = """if True:
    import os, subprocess, sys
    path, library, other = sys.argv[1:]
    sys.path.insert(0, library)
    from watchkeeper.core import store
    def first(db):
        db.execute("CREATE TABLE counted (number INTEGER NOT NULL)")
        db.execute("INSERT INTO counted VALUES (0)")
    asked = []
    def overtake(event, arguments):
        if event == "sqlite3.connect":
            asked.append(str(arguments[0]))
        if event == "sqlite3.connect/handle" and [each for each in asked if each.endswith("mode=rw")] == asked[-1:]:
            subprocess.run([sys.executable, "-I", "-S", "-c", other, path, library, ""], check=True)
    if other:
        sys.addaudithook(overtake)
    db, _ = store.open_store(path, (first,), 0.0)
    db.execute("UPDATE counted SET number = number + 1")
    if not other:
        # The count is in the file then, and the first page in the log, which stays behind as hooks leave it.
        db.close()
        db, _ = store.open_store(path, (first,), 0.0)
        db.execute("CREATE TABLE another (number)")
    os._exit(0)
"""


@pytest.mark.parametrize("content", [each[0] for each in UNUSABLE.values()], ids=UNUSABLE)
def test_a_process_that_is_overtaken_harms_nothing(path: Path, run_python: PythonRunner, content: bytes) -> None:
    """Who has opened a damaged file that another process then replaces leaves alone what that one writes."""
    path.parent.mkdir()
    path.write_bytes(content)

    done = run_python("-I", "-S", "-c", OVERTAKEN, str(path), str(LIBRARY.parent), OVERTAKEN)

    assert (0, "") == (done.returncode, done.stderr)
    assert [(2,)] == contents(path, first)
    db, _ = opened(path, first)
    assert [] == db.execute("SELECT * FROM another").fetchall()
    db.close()
    assert [content] == [each.read_bytes() for each in path.parent.iterdir() if "set-aside" in each.name]


SWAPPED = """if True:
    import os, sys
    path, library, other = sys.argv[1:]
    sys.path.insert(0, library)
    from watchkeeper.core import store
    def first(db):
        db.execute("CREATE TABLE counted (number INTEGER NOT NULL)")
        db.execute("INSERT INTO counted VALUES (0)")
    store.open_store(other, (first,), 0.0)[0].close()
    asked = []
    def swap(event, arguments):
        if event == "sqlite3.connect":
            asked.append(str(arguments[0]))
        if event == "sqlite3.connect/handle" and [each for each in asked if each.endswith("mode=rw")][2:] == asked[-1:]:
            os.replace(other, path)
    sys.addaudithook(swap)
    db, _ = store.open_store(path, (first,), 0.0)
    db.execute("UPDATE counted SET number = number + 1")
    os._exit(0)
"""


def test_a_fresh_file_that_is_replaced_at_once_is_opened_anew(path: Path, run_python: PythonRunner) -> None:
    """Where no file can have two names, two processes may make one at once: the last one is everybody's."""
    path.parent.mkdir()
    path.write_bytes(UNUSABLE["damaged"][0])

    done = run_python("-I", "-S", "-c", SWAPPED, str(path), str(LIBRARY.parent), str(path.with_name("other.db")))

    assert (0, "") == (done.returncode, done.stderr)
    assert [(1,)] == contents(path, first)


@pytest.mark.parametrize("content", [None, b"damaged" * 1000], ids=["whole", "damaged"])
def test_a_file_that_is_another_at_every_look_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """A file system whose files have no lasting identity ends in an error that the ledger cannot be used."""
    if content is None:
        opened(path, first)[0].close()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setattr(store, "_is_same", lambda *_: False)

    with pytest.raises(sqlite3.OperationalError, match="another file at every look"):
        opened(path, first)
