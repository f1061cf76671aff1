"""What launchd starts, executed by the shell that it names, with a launchctl that writes down what it is told."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.scheduler.systems import LaunchdSystem
from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.hostile import FOLDER, HOSTILE
from tests.support.started import Recorder
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler import launchd
from watchkeeper.adapters.scheduler.launchd import Launchd
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sh")
OWNER = Owner("0a1b2c3d")
LONG_AGO, FAR_AWAY = 1_000_000_000.0, 4_000_000_000.0


class Agent:
    """A job's agent in a folder of its own, and what comes of it."""

    def __init__(self, folder: Path, at: float) -> None:
        (folder / FOLDER).mkdir()
        self.recorder = Recorder(folder / FOLDER, "note")
        self.path = folder / "agent.plist"
        self.name = OWNER.name("next", at)
        self.told = folder / "told"
        launchctl = folder / "launchctl"
        launchctl.write_text(f'#!/bin/sh\necho "$@" >>"{self.told}"\n', encoding="ascii")
        launchctl.chmod(0o700)
        job = Job("next", at, self.recorder.argv(HOSTILE), str(folder / FOLDER))
        self.path.write_bytes(launchd.agent(job, self.name, at, str(self.path)))

    def start(self, user: User) -> int:
        """Do what launchd does when the job is due, with the file as it stands on the disk."""
        path = f"{self.path.parent}{os.pathsep}{user.environ['PATH']}"
        arguments = plistlib.loads(self.path.read_bytes())["ProgramArguments"]
        return subprocess.run(arguments, env={**user.environ, "PATH": path}, check=False).returncode


def test_due_job_is_started_once(real_processes: User, tmp_path: Path) -> None:
    """When its time has come the file goes, the program runs with its own words, and the agent is unloaded."""
    agent = Agent(tmp_path, LONG_AGO)

    assert 0 == agent.start(real_processes)

    (start,) = agent.recorder.starts()
    assert list(HOSTILE) == start.words
    assert os.path.realpath(tmp_path / FOLDER) == start.folder
    assert not agent.path.exists()
    assert f"bootout gui/{os.getuid()}/{agent.name}\n" == agent.told.read_text(encoding="ascii")


def test_early_wake_does_nothing(real_processes: User, tmp_path: Path) -> None:
    """When launchd looks in before the time, nothing happens and everything stays."""
    agent = Agent(tmp_path, FAR_AWAY)

    assert 0 == agent.start(real_processes)

    assert [] == agent.recorder.starts()
    assert agent.path.exists()
    assert not agent.told.exists()


def test_unloaded_also_where_the_folder_is_gone(real_processes: User, tmp_path: Path) -> None:
    """A job whose folder is gone by its time starts nothing and is not left behind."""
    agent = Agent(tmp_path, LONG_AGO)
    (tmp_path / FOLDER).rename(tmp_path / "moved")

    agent.start(real_processes)

    assert not agent.path.exists()
    assert agent.told.exists()


def scheduler(system: LaunchdSystem) -> Launchd:
    return Launchd(OWNER, system.host("darwin"), lambda _: None)


def test_running_job_can_book_itself_again(tmp_path: Path) -> None:
    """A job that books itself again while it runs is not unloaded, which would end it."""
    system = LaunchdSystem(tmp_path)
    launch = scheduler(system)
    job = Job("next", NOON + 60, ("/bin/true",), "/")
    launch.schedule(job, NOON)
    running = OWNER.name("next", NOON + 60)
    (tmp_path / "Library" / "LaunchAgents" / f"{running}.plist").unlink()

    launch.schedule(job._replace(at=NOON + 1860), NOON + 61)

    assert {running, OWNER.name("next", NOON + 1860)} == system.loaded
    assert [NOON + 1860] == [held.at for held in launch.booked()]


def test_refused_agent_leaves_no_file(tmp_path: Path) -> None:
    """An agent that launchd does not take is not found and loaded at the next login."""
    system = LaunchdSystem(tmp_path)
    name = OWNER.name("next", NOON + 3600)
    system.loaded.add(name)

    with pytest.raises(ProgramFailed, match="code 5"):
        scheduler(system).schedule(Job("next", NOON + 3600, ("/bin/true",), "/"), NOON)

    assert [] == list((tmp_path / "Library" / "LaunchAgents").iterdir())
