"""What can be wrong with a machine: each fault injects itself into a household and says how to start programs there."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults import limits
from tests.support.household import HOOKS, Household

How = dict[str, Any]
"""What `Household.hook` and `Household.command` are given besides the words."""
Inject = Callable[[Household, Path], AbstractContextManager[How]]

DAY_S = 86_400
LEDGERS = ("usage.db", "state.db")
# Some programs find no HOME in the account either.
NO_ACCOUNT = "import os; os.path.expanduser = lambda path: path"


class Fault(NamedTuple):
    """A fault, and what it leaves of the promises."""

    inject: Inject
    is_damage: bool = False
    """It destroys what a person has written by itself; whatever it leaves stays."""
    is_mute: bool = False
    """Nobody can be told anything."""
    is_more: bool = False
    """Another of its kind is always tried; this one in the long suite only."""


def started(**how: Any) -> Inject:
    """Return the fault of programs that are started like that."""

    @contextlib.contextmanager
    def inject(household: Household, folder: Path) -> Iterator[How]:
        yield how

    return inject


def changed(change: Callable[[Household, Path], object]) -> Inject:
    """Return the fault of a household that was changed like that."""

    @contextlib.contextmanager
    def inject(household: Household, folder: Path) -> Iterator[How]:
        change(household, folder)
        yield {}

    return inject


@contextlib.contextmanager
def on_a_disk_without_room(household: Household, folder: Path) -> Iterator[How]:
    """The configuration directory is on a file system of its own, whose last byte is taken."""
    config = household.user.config
    aside = folder / "aside"
    config.rename(aside)
    config.mkdir()
    with limits.small_file_system(config, kilobytes=2_000):
        shutil.copytree(aside, config, dirs_exist_ok=True)
        with contextlib.suppress(OSError), (config / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4_096))
        yield {}
        household.end_what_runs()
        # What is there now is what the file system holds when it has room again.
        (config / "filler").unlink(missing_ok=True)
        shutil.rmtree(aside)
        shutil.copytree(config, aside)
    config.rmdir()
    aside.rename(config)


@contextlib.contextmanager
def read_only(household: Household, folder: Path) -> Iterator[How]:
    """Nothing below the configuration directory can be written."""
    config = household.user.config
    paths = [config, *config.rglob("*")]
    for path in reversed(paths):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        yield {"prepare": limits.obey_permissions}
    finally:
        for path in paths:
            path.chmod(0o700 if path.is_dir() else 0o600)


@contextlib.contextmanager
def after_a_look_ahead(household: Household, folder: Path) -> Iterator[How]:
    """The clock was ten years ahead for a while, and is right again."""
    for event in HOOKS:
        household.hook(event, prelude=clock_off_by(3_650))
    household.command("usage", prelude=clock_off_by(3_650))
    yield {}


def locked(name: str) -> Inject:
    """Return the fault of a ledger that another program holds."""

    @contextlib.contextmanager
    def inject(household: Household, folder: Path) -> Iterator[How]:
        with contextlib.closing(sqlite3.connect(household.state / name, isolation_level=None)) as db:
            db.execute("BEGIN EXCLUSIVE")
            db.execute("CREATE TABLE held (x)")
            yield {}
            db.execute("ROLLBACK")

    return inject


def damaged(damage: Callable[[Path], object], *names: str) -> Inject:
    """Return the fault of ledgers with that damage."""

    def change(household: Household, folder: Path) -> None:
        for name in names:
            for part in ("-wal", "-shm"):
                (household.state / (name + part)).unlink(missing_ok=True)
            damage(household.state / name)

    return changed(change)


def rewritten(content: Callable[[bytes], bytes]) -> Inject:
    """Return the fault of files, all but the ledgers, with something else in them."""

    def change(household: Household, folder: Path) -> None:
        for path in sorted(household.user.home.rglob("*")):
            if path.is_file() and not path.name.startswith(LEDGERS):
                path.write_bytes(content(path.read_bytes()))

    return changed(change)


@contextlib.contextmanager
def compiled_files_cut_short(household: Household, folder: Path) -> Iterator[How]:
    """Each of the bundle's compiled files ends in its middle."""
    whole = {path: path.read_bytes() for path in household.bundle.rglob(f"*.{sys.implementation.cache_tag}.pyc")}
    for path, content in whole.items():
        path.write_bytes(content[: max(20, len(content) // 2)])
    try:
        yield {}
    finally:
        for path, content in whole.items():
            path.write_bytes(content)


@contextlib.contextmanager
def linked(household: Household, folder: Path) -> Iterator[How]:
    """State and documents are elsewhere, links to what is not ours lie among them."""
    secret = folder / "secret"
    secret.write_text("mine")
    secret.chmod(0o400)
    shutil.move(household.state, folder / "state elsewhere")
    household.state.symlink_to(folder / "state elsewhere")
    handoffs = household.user.config / "session-handoffs"
    shutil.move(handoffs, folder / "handoffs elsewhere")
    handoffs.symlink_to(folder / "handoffs elsewhere")
    links = [handoffs / f"handoff-{household.transcript.stem}-{number}.md" for number in (2, 3)]
    for link in links:
        link.symlink_to(secret)
    (household.user.config / "calendar").symlink_to(folder / "nowhere")
    (household.user.config / "session-reports").symlink_to(secret)
    yield {}
    assert "mine" == secret.read_text()
    assert all(link.is_symlink() for link in links)


def without_programs(household: Household, folder: Path) -> AbstractContextManager[How]:
    """No git, no claude, no shell is on the path."""
    return started(environ={"PATH": str(folder)})(household, folder)


def clock_off_by(days: float) -> str:
    """Return the statements that put a program's clock ahead, or back."""
    return f"import time; time.time = lambda real=time.time: real() + {days * DAY_S}"


def closed(*descriptors: int) -> Inject:
    """Return the fault of programs that are started without these standard streams."""

    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    return started(prepare=close)


def full(*descriptors: int) -> Inject:
    """Return the fault of standard streams into which nothing can be written."""

    def redirect() -> None:
        device = os.open("/dev/full", os.O_WRONLY)
        for descriptor in descriptors:
            os.dup2(device, descriptor)

    return started(prepare=redirect)


def _overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def _become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _become_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere/x.db")


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "is empty": lambda path: path.write_bytes(b""),
    "is no database": lambda path: path.write_text("This is no database.\n" * 500),
    "ends in its middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "has noise in its middle": lambda path: _overwrite(
        path, path.stat().st_size // 2, random.Random(3).randbytes(9_000)
    ),
    "has noise at its start": lambda path: _overwrite(path, 0, random.Random(4).randbytes(120)),
    "is a folder": _become_a_folder,
    "is a link to nowhere": _become_a_link,
}
_NOISE = random.Random(5)
_OF_LINUX = {
    "output that is full": Fault(full(1)),
    "output and errors that are full": Fault(full(1, 2), is_mute=True, is_more=True),
}

FAULTS: dict[str, Fault] = {
    "full disk: no byte more": Fault(started(prepare=limits.write_at_most(0))),
    "full disk: files of 700 bytes": Fault(started(prepare=limits.write_at_most(700))),
    "full disk: files of 20,000 bytes": Fault(started(prepare=limits.write_at_most(20_000))),
    "full disk: a file system without room": Fault(on_a_disk_without_room),
    "read-only state": Fault(read_only),
    "no home, nor one in the account": Fault(started(without=("HOME", "CLAUDE_CONFIG_DIR"), prelude=NO_ACCOUNT)),
    "a home that is not there": Fault(started(environ={"HOME": "/nonexistent"})),
    "a home that is no folder": Fault(started(environ={"HOME": os.devnull}), is_more=True),
    "a home that is empty": Fault(started(environ={"HOME": ""})),
    "a home that is relative": Fault(started(environ={"HOME": "relative"}), is_more=True),
    "a configuration directory in a file": Fault(started(environ={"CLAUDE_CONFIG_DIR": "/dev/null/x"})),
    "a configuration directory nobody can make": Fault(
        started(environ={"CLAUDE_CONFIG_DIR": "/proc/none"}), is_more=True
    ),
    "no git, nor any other program": Fault(without_programs),
    "no input": Fault(closed(0)),
    "no output": Fault(closed(1)),
    "no output, no errors": Fault(closed(1, 2), is_mute=True, is_more=True),
    "no terminal at all": Fault(closed(0, 1, 2), is_mute=True),
    **(_OF_LINUX if sys.platform == "linux" else {}),
    "locale C": Fault(
        started(environ={"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
    ),
    "encoding cp1252": Fault(started(environ={"PYTHONIOENCODING": "cp1252"})),
    "encoding ASCII": Fault(started(environ={"PYTHONIOENCODING": "ascii"}), is_more=True),
    "a locale that is none": Fault(started(environ={"LC_ALL": "no such locale"}), is_more=True),
    "half an hour's time zone": Fault(started(environ={"TZ": "America/St_Johns"})),
    "the first time zone": Fault(started(environ={"TZ": "Pacific/Kiritimati"})),
    "the last time zone": Fault(started(environ={"TZ": "Pacific/Pago_Pago"}), is_more=True),
    "a time zone of one's own": Fault(started(environ={"TZ": "<+0917>-9:17"}), is_more=True),
    "a time zone that is none": Fault(started(environ={"TZ": ":no/such/zone"})),
    "clock back by a day": Fault(started(prelude=clock_off_by(-1))),
    "clock back by eleven years": Fault(started(prelude=clock_off_by(-4_000))),
    "clock ahead by a month": Fault(started(prelude=clock_off_by(30))),
    "clock back after it was ten years ahead": Fault(after_a_look_ahead),
    **{f"locked {name}": Fault(locked(name)) for name in LEDGERS},
    **{f"each ledger {what}": Fault(damaged(how, *LEDGERS), is_damage=True) for what, how in _DAMAGES.items()},
    **{
        f"{name} {what}": Fault(damaged(how, name), is_damage=True, is_more=True)
        for what, how in _DAMAGES.items()
        for name in LEDGERS
    },
    "files that are empty": Fault(rewritten(lambda _: b""), is_damage=True),
    "files half written": Fault(rewritten(lambda content: content[: len(content) // 2]), is_damage=True),
    "files all but written": Fault(rewritten(lambda content: content[:-3]), is_damage=True, is_more=True),
    "files of noise": Fault(rewritten(lambda content: _NOISE.randbytes(1 + len(content))), is_damage=True),
    "compiled files cut short": Fault(compiled_files_cut_short),
    "links": Fault(linked),
}
"""Fault by its name; what each needs of the system is there on Linux and macOS."""
