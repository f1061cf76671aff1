"""What is common to every scheduler: full minutes, names, and which of them is used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.adapters.host import Host
from watchkeeper.adapters.scheduler import choose, daemons
from watchkeeper.adapters.scheduler.at import At
from watchkeeper.adapters.scheduler.cron import Cron
from watchkeeper.adapters.scheduler.failing import FailingScheduler
from watchkeeper.adapters.scheduler.launchd import Launchd
from watchkeeper.adapters.scheduler.naming import Owner, owner_of
from watchkeeper.adapters.scheduler.none import NoScheduler
from watchkeeper.adapters.scheduler.port import Scheduler, full_minute
from watchkeeper.adapters.scheduler.recording import RecordingScheduler
from watchkeeper.adapters.scheduler.systemd import Systemd
from watchkeeper.adapters.scheduler.task_scheduler import TaskScheduler

AMONG = (FailingScheduler("nothing runs here"), RecordingScheduler(), NoScheduler())
OWNER = Owner("0a1b2c3d")


@given(st.floats(0, 2**33), st.floats(0, 2**33), st.floats(0, 30))
def test_full_minute_is_never_early(at: float, now: float, margin_s: float) -> None:
    """A job starts at a full minute, not before its time, with enough time left, and as soon as that allows."""
    due = full_minute(at, now, margin_s)

    assert due % 60 == 0
    assert due >= at
    assert due >= now + margin_s
    assert due <= max(at, now + margin_s) + 60


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", fullmatch=True), st.floats(0, 2**33))
def test_names_tell_id_and_time(job_id: str, at: float) -> None:
    """A name is read back to its id and the full second that is not before its time, by its owner alone."""
    name = OWNER.name(job_id, at)
    found = OWNER.read(name)

    assert found is not None
    assert job_id == found[0]
    assert 0 <= found[1] - at <= 1
    assert Owner("ffffffff").read(name) is None
    assert name.startswith(OWNER.prefix())


@given(st.text())
def test_other_names_are_nobodys(name: str) -> None:
    """What is called otherwise is none of ours."""
    assert OWNER.read(name) is None
    assert OWNER.read(f"watchkeeper-0a1b2c3d-{name}.") is None


def test_owners_differ_by_directory() -> None:
    """Each configuration directory has its own jobs, however it is spelled."""
    here = os.path.abspath("a")

    assert owner_of(here) == owner_of("a")
    assert owner_of(here) != owner_of("b")


@pytest.mark.parametrize(
    ("name", "used"),
    [("auto", "recording"), ("none", "none"), ("failing", "failing"), ("cronie", "failing")],
)
def test_choice(name: str, used: str) -> None:
    """Without a choice the first one that works is used; a choice is kept, and a wrong one says what there is."""
    assert used == choose.choose(name, AMONG).name


def test_unknown_name_says_what_there_is() -> None:
    """A name that no scheduler has is told with those there are."""
    reason = choose.choose("cronie", AMONG).unavailable()

    assert "there is no scheduler called cronie; there are failing, recording, none" == reason


def test_the_last_candidate_always_works() -> None:
    """There is always one to fall back on, which starts nothing."""
    assert NoScheduler.name == choose.candidates({}, "config")[-1].name
    assert NoScheduler.name == choose.choose("auto", AMONG[:1]).name


def found(program: str, search_path: str | None) -> str:
    return program


def missing(program: str, search_path: str | None) -> None:
    return None


def stopped(*_: object) -> bool:
    return False


@pytest.mark.parametrize(
    ("scheduler", "reason"),
    [
        (At(OWNER, Host({}, "linux", find=missing)), "at is not installed (on Debian in the package at)"),
        (
            At(OWNER, Host({}, "linux", find=found), stopped),
            "atd does not run, so nothing would be started",
        ),
        (At(OWNER, Host({}, "darwin")), "macOS leaves its daemon switched off"),
        (At(OWNER, Host({}, "win32")), "this system has no at"),
        (Cron(OWNER, Host({}, "linux", find=missing)), "crontab is not installed (on Debian in the package cron)"),
        (
            Cron(OWNER, Host({}, "linux", find=found), stopped),
            "its daemon does not run, so nothing would be started",
        ),
        (Cron(OWNER, Host({}, "darwin")), "macOS keeps it from most folders; launchd does the same"),
        (Cron(OWNER, Host({}, "win32")), "this system has no cron"),
        (Systemd(OWNER, Host({}, "linux", find=missing)), "systemd is not installed"),
        (Systemd(OWNER, Host({}, "darwin")), "this is not Linux"),
        (Launchd(OWNER, Host({}, "linux")), "this is not macOS"),
        (Launchd(OWNER, Host({}, "darwin", find=missing)), "launchctl is not on the search path"),
        (TaskScheduler(OWNER, Host({}, "linux")), "this is not Windows"),
        (TaskScheduler(OWNER, Host({}, "win32", find=missing)), "schtasks.exe is not on the search path"),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_each_says_what_it_lacks(scheduler: Scheduler, reason: str) -> None:
    """A scheduler whose system, program or daemon is not there says so: at takes jobs that no daemon will start."""
    assert reason == scheduler.unavailable()


def test_daemons_are_seen(tmp_path: Path) -> None:
    """A daemon is told by its name, or by its file where other users' processes cannot be seen."""
    import psutil

    here = os.path.join(tmp_path, "here.pid")
    gone = os.path.join(tmp_path, "gone.pid")
    for path, text in ((here, f"{os.getpid()}\n"), (gone, "nonsense")):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    assert daemons.is_running((psutil.Process().name(),), ())
    assert daemons.is_running((), (gone, here))
    assert not daemons.is_running(("no such daemon",), (gone, os.path.join(tmp_path, "none.pid")))
