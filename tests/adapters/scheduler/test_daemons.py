"""at and cron with their real daemons: what is booked for the next minute is started then, once, exactly as booked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import daemons
from tests.support.hostile import FOLDER, HOSTILE, NOT_UTF8
from tests.support.started import Recorder, Start
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.scheduler import cron
from watchkeeper.adapters.scheduler.at import At
from watchkeeper.adapters.scheduler.cron import Cron
from watchkeeper.adapters.scheduler.naming import owner_of
from watchkeeper.adapters.scheduler.port import Booked, Job, Scheduler

pytestmark = [
    pytest.mark.usefixtures("real_processes", "real_clock"),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have neither, or leave them alone"),
]

# A line of a crontab has not room for all of them at once.
WORDS = [[*HOSTILE, NOT_UTF8][start : start + 9] for start in range(0, len(HOSTILE) + 1, 9)]
VALUE = "a % b\n'c' \"$d\" \\"
LATE_S = 45.0
# What a crontab of the user's own may hold: settings that would break a line below them, carriage returns, bytes that
# are no text, a `%`, a line that looks like ours and is somebody's note, and blank lines at the end.
FOREIGN = (
    b'# my jobs\r\nSHELL=/bin/false\nMAILTO=""\nCRON_TZ=Asia/Kolkata\n\n'
    b"0 0 30 2 *\techo 100\\% \xff\n# 1 2 3 4 * x # Watchkeeper watchkeeper-0a1b2c3d-x.1\n\n\n"
)


class Trial(NamedTuple):
    """What was booked with one scheduler, and what came of it."""

    place: str
    due: list[Booked | None]
    recorders: list[Recorder]
    starts: list[list[Start]]
    left: list[Booked]
    cancelled: list[bool]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Trial]]:
    """Both schedulers' trials: they wait for the same minute."""
    base = tmp_path_factory.mktemp("real")
    owner = owner_of(str(base))
    with ExitStack() as stack:
        stack.enter_context(daemons.running(daemons.AT))
        stack.enter_context(daemons.running(daemons.CRON))
        # Other tests may have lines of their own there meanwhile, above all others.
        change_crontab(lambda before: before + FOREIGN)
        stack.callback(change_crontab, lambda after: after.removesuffix(FOREIGN))
        environ = {"PATH": os.environ["PATH"], "HOME": str(base)}
        schedulers: list[Scheduler] = [At(owner, Host(environ)), Cron(owner, Host(environ))]
        booked = {each.name: book(each, base / each.name) for each in schedulers}
        done = {}
        for each in schedulers:
            due, recorders = booked[each.name]
            deadline = max(held.at for held in due if held) + LATE_S
            starts = [recorder.wait(deadline - time.time()) for recorder in recorders]
            left = each.booked()
            cancelled = [each.cancel(job_id) for job_id in ("later", "later", "words-0")]
            done[each.name] = Trial(str(base), due, recorders, starts, left, cancelled)
        yield done


def book(scheduler: Scheduler, base: Path) -> tuple[list[Booked | None], list[Recorder]]:
    """Book jobs for the next minute: one for each bundle of words, each of them twice."""
    folder = base / FOLDER
    folder.mkdir(parents=True)
    now = time.time()
    recorders = [Recorder(folder, f"{number}") for number in range(len(WORDS))]
    jobs = [
        Job(f"words-{number}", now, each.argv(words), str(folder), FOLDER, {"VALUE": VALUE})
        for number, (each, words) in enumerate(zip(recorders, WORDS, strict=True))
    ]
    for job in jobs:
        scheduler.schedule(job._replace(at=now + 86_400), now)
    due = [scheduler.schedule(job, time.time()) for job in jobs]
    scheduler.schedule(jobs[0]._replace(id="later", at=now + 86_400), now)
    scheduler.schedule(jobs[0]._replace(id="cancelled"), now)
    assert scheduler.cancel("cancelled")
    return due, recorders


@pytest.mark.parametrize("name", ["at", "cron"])
def test_started_once_and_on_time(trials: dict[str, Trial], name: str) -> None:
    """Each job is started once, at the minute it was booked for; the one it replaced and the cancelled one are not."""
    trial = trials[name]
    started = [recorder.starts() for recorder in trial.recorders]

    assert [1] * len(WORDS) == list(map(len, started))
    for held, (start,) in zip(trial.due, started, strict=True):
        assert held is not None
        assert held.at <= start.at < held.at + LATE_S


@pytest.mark.parametrize("name", ["at", "cron"])
def test_text_stays_data(trials: dict[str, Trial], name: str) -> None:
    """Words, folder and variables arrive byte by byte, and nothing in them was run."""
    trial = trials[name]
    for words, (start, *_) in zip(WORDS, trial.starts, strict=True):
        assert words == start.words
        assert Path(start.folder).name == FOLDER
        assert start.variables["VALUE"] == VALUE
        assert [] == [path for path in Path(start.folder).iterdir() if path.name == "pwned"]


@pytest.mark.parametrize("name", ["at", "cron"])
def test_gone_afterwards(trials: dict[str, Trial], name: str) -> None:
    """What was started is no longer held; what is due tomorrow is, until it is cancelled, once."""
    assert ["later"] == [held.id for held in trials[name].left]
    assert [True, False, False] == trials[name].cancelled


def test_crontab_is_the_users_again(trials: dict[str, Trial]) -> None:
    """Every byte of the user's own crontab is as it was."""
    assert crontab().endswith(FOREIGN)
    assert b"watchkeeper-" + owner_of(trials["cron"].place).mark.encode() not in crontab()


def test_job_of_at_has_no_secret(trials: dict[str, Trial]) -> None:
    """A job of at's has the folder for its own, its program's path and home, and no more of who booked it."""
    names = trials["at"].starts[0][0].variables.keys()

    assert names <= {"PATH", "HOME", "VALUE", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}


def test_changes_at_once_lose_nothing(trials: dict[str, Trial], tmp_path: Path) -> None:
    """Of several bookings in one crontab at the same moment each is held, and each is cancelled."""
    scheduler = Cron(owner_of(str(tmp_path)), Host(os.environ))
    now = time.time()
    jobs = [Job(f"x-{number}", now + 86_400, ("/bin/true",), "/") for number in range(6)]

    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(lambda job: scheduler.schedule(job, now), jobs))
        held = {each.id for each in scheduler.booked()}
        cancelled = list(pool.map(scheduler.cancel, [job.id for job in jobs]))

    assert {job.id for job in jobs} == held
    assert [True] * len(jobs) == cancelled
    assert crontab().endswith(FOREIGN)


def test_hour_that_comes_twice(trials: dict[str, Trial], tmp_path: Path) -> None:
    """Two jobs of the same local time, an hour apart as clocks go back, are two times for at."""
    environ = {"PATH": os.environ["PATH"], "TZ": "Europe/Berlin"}
    at = At(owner_of(str(tmp_path)), Host(environ))
    # 2027-10-31, 02:30 in summer time and 02:30 in winter time.
    due = [1_824_942_600.0, 1_824_946_200.0]
    for number, each in enumerate(due):
        at.schedule(Job(f"x-{number}", each, ("/bin/true",), "/"), time.time())
    # The queue's own times, told in UTC.
    queue = subprocess.run(["atq"], env={**environ, "TZ": "UTC"}, capture_output=True, text=True, check=True).stdout

    assert due == [held.at for held in at.booked()]
    assert all(at.cancel(f"x-{number}") for number in range(2))
    assert ("Sun Oct 31 00:30:00 2027" in queue, "Sun Oct 31 01:30:00 2027" in queue) == (True, True)


def crontab() -> bytes:
    """The user's crontab, none where there is none; `crontab -l` would change carriage returns."""
    done = subprocess.run(
        ["crontab", "-e"], env={**os.environ, "VISUAL": "cat", "LC_ALL": "C"}, capture_output=True, check=True
    )
    return b"" if b"no crontab for" in done.stderr else done.stdout


def change_crontab(change: Callable[[bytes], bytes]) -> None:
    with cron.locked():
        after = change(crontab())
        subprocess.run(["crontab", "-" if after else "-r"], input=after, capture_output=True, check=bool(after))
