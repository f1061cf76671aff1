"""at while jobs come and go, and where it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.adapters.scheduler.systems import AtSystem
from tests.support.clock import NOON
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.scheduler.at import At
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Job

JOB = Job("x", NOON + 60, (os.path.abspath("true"),), os.path.abspath(os.sep))
OWNER = Owner("0a1b2c3d")


@pytest.fixture
def system(tmp_path: Path) -> AtSystem:
    return AtSystem(tmp_path)


@pytest.fixture
def scheduler(system: AtSystem) -> At:
    return At(OWNER, system.host("linux"), lambda *_: True)


def test_job_that_runs_is_held_no_longer(system: AtSystem, scheduler: At) -> None:
    """A job that was started is neither held nor taken out: it may be the one that books itself again."""
    scheduler.schedule(JOB, NOON)
    system.started.add("1")

    assert [] == scheduler.booked()
    scheduler.schedule(JOB._replace(at=NOON + 1860), NOON + 61)
    assert ["1", "2"] == list(system.jobs)
    assert [NOON + 1860] == [held.at for held in scheduler.booked()]


def test_job_that_starts_meanwhile(system: AtSystem, scheduler: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is gone between the list and its own text is simply not held."""
    scheduler.schedule(JOB, NOON)
    monkeypatch.setattr(scheduler, "_queue", lambda: ["1", "2"])
    answer = system.answer
    monkeypatch.setattr(
        system,
        "answer",
        lambda argv, *rest: Finished(1, "", "Cannot find jobid 2") if argv[-1] == "2" else answer(argv, *rest),
    )

    assert ["x"] == [held.id for held in scheduler.booked()]


def test_jobs_of_others_are_left_alone(system: AtSystem, scheduler: At) -> None:
    """Jobs of the user's own, also one that only mentions a name of ours, are not taken for ours."""
    name = OWNER.name("x", NOON + 60)
    system.jobs = {"7": "backup\n", "8": f"echo '# {name}'\n", "9": f"# {name} is late\n"}

    assert [] == scheduler.booked()
    assert not scheduler.cancel("x")
    assert {"7", "8", "9"} == system.jobs.keys()


def test_silent_at_is_a_failure(system: AtSystem, scheduler: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """An at that does not say which job it made is not believed, and the earlier job stays."""
    scheduler.schedule(JOB, NOON)
    answer = system.answer
    monkeypatch.setattr(
        system, "answer", lambda argv, *rest: Finished(0, "", "") if argv[1:2] == ["-t"] else answer(argv, *rest)
    )

    with pytest.raises(ProgramFailed, match="which job"):
        scheduler.schedule(JOB._replace(at=NOON + 600), NOON)

    assert [NOON + 60] == [held.at for held in scheduler.booked()]
