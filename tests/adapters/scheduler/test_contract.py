"""What every scheduler keeps to, the fakes too."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from tests.adapters.scheduler.systems import (
    AtSystem,
    CronSystem,
    LaunchdSystem,
    System,
    SystemdSystem,
    WindowsSystem,
)
from tests.support.clock import NOON
from tests.support.hostile import HOSTILE, NOT_UTF8
from watchkeeper.adapters.program import UnfitProgram
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler.at import At
from watchkeeper.adapters.scheduler.cron import Cron
from watchkeeper.adapters.scheduler.failing import FailingScheduler
from watchkeeper.adapters.scheduler.launchd import Launchd
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.none import NoScheduler
from watchkeeper.adapters.scheduler.port import Job, Scheduler
from watchkeeper.adapters.scheduler.recording import RecordingScheduler
from watchkeeper.adapters.scheduler.systemd import Systemd
from watchkeeper.adapters.scheduler.task_scheduler import TaskScheduler

ROOT = os.path.abspath(os.sep)
PROGRAM = os.path.join(ROOT, "opt", "python")
OURS, THEIRS = Owner("0a1b2c3d"), Owner("ffffffff")


def job(job_id: str = "next", at: float = NOON + 3600, **changed: object) -> Job:
    return Job(job_id, at, (PROGRAM, "-I", "main.py"), ROOT)._replace(**changed)  # type: ignore[arg-type]


class SchedulerContract:
    """Subclass it and say how the scheduler is made."""

    holds = True
    """Whether a job that was scheduled is held."""
    by_program = False

    def system(self, folder: Path) -> System:
        return System(folder)

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        raise NotImplementedError

    @pytest.fixture
    def machine(self, tmp_path: Path) -> System:
        return self.system(tmp_path)

    @pytest.fixture
    def scheduler(self, machine: System) -> Scheduler:
        return self.make(machine)

    def test_has_a_name(self, scheduler: Scheduler) -> None:
        """It has a name that can stand in settings."""
        assert scheduler.name
        assert scheduler.name == scheduler.name.strip().lower()

    def test_reason_is_none_or_words(self, machine: System) -> None:
        """It is available, or there is a reason that ends as part of a sentence."""
        reasons = [self.make(machine, installed=installed).unavailable() for installed in (True, False)]
        machine.broken = True
        reasons.append(self.make(machine).unavailable())

        for reason in reasons:
            assert reason is None or (reason.strip() and "\n" not in reason and not reason.endswith("."))
        if self.by_program:
            assert reasons[0] is None
            assert reasons[1] is not None

    def test_holds_what_it_was_given(self, scheduler: Scheduler) -> None:
        """A job is held under its id, at its time or as soon after it as the scheduler can."""
        held = scheduler.schedule(job(at=NOON + 3600.5), NOON)

        assert ([] if held is None else [held]) == scheduler.booked()
        assert self.holds == (held is not None)
        if held is not None:
            assert held.id == "next"
            assert NOON + 3600.5 <= held.at <= NOON + 3660

    def test_far_future(self, scheduler: Scheduler) -> None:
        """A time in a thousand years is a time, on a machine whose clock is wrong as well."""
        for now in (0.0, NOON, NOON + 40e9):
            held = scheduler.schedule(job(at=NOON + 40e9), now)

            assert held is None or NOON + 40e9 <= held.at <= NOON + 40e9 + 120

    def test_same_id_replaces(self, scheduler: Scheduler) -> None:
        """Of two jobs of one id the second is held, whether it is due earlier, later or at the same time."""
        for at in (NOON + 3600, NOON + 7200, NOON + 600, NOON + 600):
            scheduler.schedule(job(at=at), NOON)

            assert ([("next", at)] if self.holds else []) == [(held.id, held.at) for held in scheduler.booked()]

    def test_ids_are_apart(self, scheduler: Scheduler) -> None:
        """Jobs of other ids stay, also those whose id begins alike; the soonest is named first."""
        for at, job_id in ((NOON + 7200, "next"), (NOON + 3600, "next-2"), (NOON + 9000, "nex")):
            scheduler.schedule(job(job_id, at), NOON)
        scheduler.cancel("next")

        assert (["next-2", "nex"] if self.holds else []) == [held.id for held in scheduler.booked()]

    def test_cancel_takes_it_out_once(self, scheduler: Scheduler) -> None:
        """A job that was cancelled is gone, and cancelling it again, or one that never was, says that there is none."""
        scheduler.schedule(job(), NOON)

        assert [self.holds, False, False] == [scheduler.cancel(each) for each in ("next", "next", "another")]
        assert [] == scheduler.booked()

    def test_time_that_has_passed(self, scheduler: Scheduler) -> None:
        """A job whose time is past, or this very moment, is held for within the next two minutes."""
        for at in (0.0, NOON - 86_400, NOON - 0.1, NOON):
            held = scheduler.schedule(job(at=at), NOON)

            assert held is None or NOON <= held.at <= NOON + 120

    def test_any_text_can_be_given(self, scheduler: Scheduler) -> None:
        """Whatever the arguments, folder and label are, the job is held, or the scheduler says why it cannot."""
        for text in (*HOSTILE, NOT_UTF8, "x" * 5000):
            changed = job(argv=(PROGRAM, text), folder=os.path.join(ROOT, text), label=text)
            try:
                held = scheduler.schedule(changed, NOON)
            except UnfitProgram:
                continue

            assert ([] if held is None else ["next"]) == [each.id for each in scheduler.booked()]

    @pytest.mark.parametrize(
        "changed",
        [
            {"id": "../x"},
            {"id": ""},
            {"id": "a.b"},
            {"id": "a\n"},
            {"id": "x" * 65},
            {"argv": ()},
            {"argv": ("python",)},
            {"folder": "here"},
            {"argv": (PROGRAM, "\0")},
            {"at": 1e18},
            {"at": math.inf},
            {"at": math.nan},
            {"environment": {"A B": ""}},
            {"environment": {"A": "\0"}},
        ],
        ids=str,
    )
    def test_refuses_what_is_no_job(self, scheduler: Scheduler, changed: dict[str, object]) -> None:
        """A job that nobody may give is a bug of the caller's."""
        if self.holds:
            with pytest.raises(ValueError, match=r"."):
                scheduler.schedule(job(**changed), NOON)  # type: ignore[arg-type]

            assert [] == scheduler.booked()


class ProgramContract(SchedulerContract):
    """What the schedulers keep to besides that speak to a program, which can fail or be missing."""

    by_program = True

    def test_other_configurations_are_untouched(self, machine: System) -> None:
        """Two configuration directories with jobs of the same id know nothing of each other."""
        ours, theirs = self.make(machine), self.make(machine, THEIRS)
        ours.schedule(job(), NOON)
        theirs.schedule(job(at=NOON + 7200), NOON)

        assert [NOON + 3600] == [held.at for held in ours.booked()]
        assert ours.cancel("next")
        assert [NOON + 7200] == [held.at for held in theirs.booked()]

    def test_failure_is_raised_and_leaves_nothing(self, machine: System) -> None:
        """Where the system refuses, everyone is told, and what was held before is held still."""
        scheduler = self.make(machine)
        scheduler.schedule(job("first"), NOON)
        machine.broken = True
        for use in (lambda: scheduler.schedule(job(), NOON), lambda: scheduler.cancel("first"), scheduler.booked):
            with pytest.raises(ProgramFailed):
                use()
        machine.broken = False

        assert ["first"] == [held.id for held in scheduler.booked()]


class TestAt(ProgramContract):
    def system(self, folder: Path) -> System:
        return AtSystem(folder)

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return At(owner, system.host("linux", installed), lambda *_: True)


class TestCron(ProgramContract):
    def system(self, folder: Path) -> System:
        return CronSystem(folder)

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return Cron(owner, system.host("linux", installed), lambda *_: True)


class TestSystemd(ProgramContract):
    def system(self, folder: Path) -> System:
        return SystemdSystem(folder)

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return Systemd(owner, system.host("linux", installed))


class TestLaunchd(ProgramContract):
    def system(self, folder: Path) -> System:
        return LaunchdSystem(folder)

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return Launchd(owner, system.host("darwin", installed), lambda _: None)


class TestTaskScheduler(ProgramContract):
    def system(self, folder: Path) -> System:
        return WindowsSystem(folder)

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return TaskScheduler(owner, system.host("win32", installed))


class TestNone(SchedulerContract):
    holds = False

    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return NoScheduler()


class TestRecording(SchedulerContract):
    def make(self, system: System, owner: Owner = OURS, installed: bool = True) -> Scheduler:
        return RecordingScheduler()


@pytest.mark.parametrize("says_so", [True, False], ids=["from the start", "when used"])
def test_failing_one_fails(says_so: bool) -> None:
    """The scheduler that never works says why, from the start or whenever it is used."""
    scheduler = FailingScheduler("it is out of order", says_so)

    assert ("it is out of order" if says_so else None) == scheduler.unavailable()
    for use in (lambda: scheduler.schedule(job(), NOON), lambda: scheduler.cancel("next"), scheduler.booked):
        with pytest.raises(ProgramFailed, match="out of order"):
            use()


def test_recording_one_starts_what_is_due() -> None:
    """The fake hands out the jobs whose time has come, soonest first, and holds them no longer."""
    scheduler = RecordingScheduler()
    for at, job_id in ((NOON + 20, "second"), (NOON + 10, "first"), (NOON + 30, "third")):
        scheduler.schedule(job(job_id, at), NOON)

    assert ["first", "second"] == [each.id for each in scheduler.due(NOON + 20)]
    assert ["third"] == [held.id for held in scheduler.booked()]
