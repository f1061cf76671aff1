"""systemd with a real manager of a user's own, where the machine lets one run; unit files before its own eyes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.environment import User
from tests.support.hostile import FOLDER, HOSTILE
from tests.support.started import Recorder
from tests.support.user_manager import UserManager
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.scheduler import unit_text
from watchkeeper.adapters.scheduler.naming import owner_of
from watchkeeper.adapters.scheduler.port import Job
from watchkeeper.adapters.scheduler.systemd import Systemd

pytestmark = [
    pytest.mark.usefixtures("real_processes", "real_clock"),
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's"),
]

VALUE = "a % b\n'c' \"$d\" \\"
WORDS = [*HOSTILE, "%h %%", "\x01\x7f"]
LATE_S = 30.0


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UserManager]:
    manager = UserManager(tmp_path_factory.mktemp("home"))
    manager.start()
    yield manager
    manager.stop()


@pytest.fixture
def scheduler(manager: UserManager, tmp_path: Path) -> Systemd:
    return Systemd(owner_of(str(tmp_path)), Host(manager.environ, run=manager.run))


def job(folder: Path, name: str) -> tuple[Recorder, Job]:
    folder.mkdir(exist_ok=True)
    recorder = Recorder(folder, name)
    return recorder, Job(name, 0.0, recorder.argv(WORDS), str(folder), FOLDER, {"VALUE": VALUE})


def left(manager: UserManager) -> list[str]:
    """The files of ours below the user's home."""
    return [path.name for path in Path(manager.environ["HOME"]).rglob("*watchkeeper-*")]


def test_started_once_on_time_and_gone(scheduler: Systemd, manager: UserManager, tmp_path: Path) -> None:
    """A job is started at its second with every byte of it, and neither a timer nor a file of it is left."""
    assert scheduler.unavailable() is None
    recorder, booked = job(tmp_path / FOLDER, "next")
    now = time.time()
    scheduler.schedule(booked._replace(at=now + 3600), now)
    held = scheduler.schedule(booked._replace(at=now + 6), now)

    assert [held] == scheduler.booked()
    assert held is not None
    (start,) = recorder.wait(held.at - now + LATE_S)

    assert held.at <= start.at < held.at + LATE_S
    assert WORDS == start.words
    assert str(tmp_path / FOLDER) == start.folder
    assert start.variables["VALUE"] == VALUE
    assert [] == scheduler.booked()
    assert [] == left(manager)


def test_cancelled_is_gone(scheduler: Systemd, manager: UserManager, tmp_path: Path) -> None:
    """A job that was cancelled leaves nothing, and an unknown one changes nothing."""
    _, booked = job(tmp_path / FOLDER, "next")
    now = time.time()
    scheduler.schedule(booked._replace(at=now + 3600), now)

    assert [True, False, False] == [scheduler.cancel(each) for each in ("next", "next", "another")]
    assert ([], []) == (scheduler.booked(), left(manager))


def test_what_it_started_outlives_it(scheduler: Systemd, manager: UserManager, tmp_path: Path) -> None:
    """A terminal's server, or whatever else a job has started, is not ended with the job."""
    note = tmp_path / "pid"
    script = 'sleep 600 >/dev/null 2>&1 & echo $! >"$1.new"; mv "$1.new" "$1"'
    now = time.time()
    scheduler.schedule(Job("next", now, ("/bin/sh", "-c", script, "sh", str(note)), "/"), now)
    deadline = time.monotonic() + LATE_S
    while not (note.exists() and is_over(manager)) and time.monotonic() < deadline:
        time.sleep(0.1)

    child = psutil.Process(int(note.read_text(encoding="ascii")))
    try:
        assert is_over(manager)
        assert child.status() != psutil.STATUS_ZOMBIE
        assert "sleep" == child.name()
    finally:
        child.kill()


def is_over(manager: UserManager) -> bool:
    """Whether no service of ours runs."""
    command = ["systemctl", "--user", "list-units", "--all", "--plain", "--no-legend", "watchkeeper-*.service"]
    return all(line.split()[2] == "inactive" for line in manager.run(command, timeout_s=LATE_S).stdout.splitlines())


def test_caught_up_after_a_restart(scheduler: Systemd, manager: UserManager, tmp_path: Path) -> None:
    """A job that was due while nothing ran is started when the manager runs again."""
    recorder, booked = job(tmp_path / FOLDER, "next")
    now = time.time()
    held = scheduler.schedule(booked._replace(at=now), now)
    manager.stop()
    assert held is not None
    while time.time() < held.at + 1:
        time.sleep(0.1)
    assert [] == recorder.starts()

    manager.start()

    assert 1 == len(recorder.wait(LATE_S))
    assert ([], []) == (scheduler.booked(), left(manager))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_units_are_valid(real_processes: User, tmp_path: Path) -> None:
    """systemd itself has nothing to say against the files, whatever the words in them are."""
    booked = Job("next", 1_795_198_200.0, ("/bin/sh", *WORDS), str(tmp_path), FOLDER, {"VALUE": VALUE})
    timer, service = tmp_path / "watchkeeper-x.timer", tmp_path / "watchkeeper-x.service"
    timer.write_text(unit_text.timer(booked, booked.at), encoding="utf-8")
    service.write_text(unit_text.service(booked, [str(timer), str(service), "/a", "/b"]), encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", timer, service],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)
