"""cron in trouble: a lock that was left, a crontab that cannot be read, and what the user has around our line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.adapters.scheduler.systems import CronSystem
from tests.support.clock import NOON
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler import cron, cron_line
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Job

JOB = Job("x", NOON + 3600, (os.path.abspath("true"),), os.path.abspath(os.sep))
FOREIGN = "SHELL=/bin/fish\r\n# m h dom\n0 5 * * 1 tar -zcf x.tgz \\% \udcff\n\n"


@pytest.fixture
def system(tmp_path: Path) -> CronSystem:
    return CronSystem(tmp_path)


@pytest.fixture
def scheduler(system: CronSystem) -> cron.Cron:
    return cron.Cron(Owner("0a1b2c3d"), system.host("linux"), lambda *_: True)


def test_line_stands_above_the_users_settings(system: CronSystem, scheduler: cron.Cron) -> None:
    """No shell and no time zone that the user has set for their own lines applies to ours."""
    system.crontab = FOREIGN

    scheduler.schedule(JOB, NOON)

    assert system.crontab is not None
    line, rest = system.crontab.split("\n", 1)
    assert FOREIGN == rest
    assert ["watchkeeper-0a1b2c3d-x.1795179600"] == list(cron_line.names(line))


def test_no_crontab_is_left_where_there_was_none(system: CronSystem, scheduler: cron.Cron) -> None:
    """The advice that an editor is given for a first crontab is not taken for one."""
    scheduler.schedule(JOB, NOON)
    assert system.crontab is not None
    assert 1 == system.crontab.count("\n")

    assert scheduler.cancel("x")
    assert system.crontab is None


def test_nothing_is_written_without_need(system: CronSystem, scheduler: cron.Cron) -> None:
    """Cancelling what is not there does not touch the crontab, not even one that cron would not take."""
    system.crontab = "0 5 * * 1 no line end"

    assert not scheduler.cancel("x")
    assert {"-e"} == {run[1] for run in system.runs}


def test_crontab_without_a_last_line_end(system: CronSystem, scheduler: cron.Cron) -> None:
    """A crontab that cron itself would refuse is completed when our line comes."""
    system.crontab = "0 5 * * 1 no line end"

    scheduler.schedule(JOB, NOON)
    scheduler.cancel("x")

    assert system.crontab == "0 5 * * 1 no line end\n"


def test_unreadable_crontab_is_left_alone(system: CronSystem, scheduler: cron.Cron) -> None:
    """A crontab that cannot be read is never replaced by one that lacks it."""
    system.broken = True

    with pytest.raises(ProgramFailed):
        scheduler.schedule(JOB, NOON)

    assert [["crontab", "-e"]] == system.runs
    assert "crontab does not work: not allowed here" == scheduler.unavailable()


def test_endless_crontab_is_left_alone(
    system: CronSystem, scheduler: cron.Cron, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a crontab that was not read to its end nothing is written back."""
    monkeypatch.setattr(cron, "_LONGEST_CRONTAB_BYTES", 10)
    system.crontab = "0 5 * * 1 backup\n"

    with pytest.raises(ProgramFailed, match="too long"):
        scheduler.schedule(JOB, NOON)

    assert system.crontab == "0 5 * * 1 backup\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no cron")
def test_lock_of_the_dead_is_waited_for_once(
    system: CronSystem, scheduler: cron.Cron, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that somebody died with holds up one change, and is gone after it."""
    lock = tmp_path / "lock"
    monkeypatch.setattr(cron_line, "LOCK", str(lock))
    monkeypatch.setattr(cron, "_LOCK_TIMEOUT_S", 0.1)
    lock.mkdir()

    scheduler.schedule(JOB, NOON)

    assert ["x"] == [held.id for held in scheduler.booked()]
    assert not lock.exists()
