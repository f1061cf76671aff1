"""What every service keeps to, the fakes too; and the texts that real systems are given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.adapters.scheduler.systems import DONE, System
from tests.support.golden import assert_golden_text
from tests.support.hostile import HOSTILE
from tests.support.user_manager import UserManager
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.service import choose
from watchkeeper.adapters.service.failing import FailingService
from watchkeeper.adapters.service.launchd import LaunchdService, agent
from watchkeeper.adapters.service.port import Program, Service, name_of
from watchkeeper.adapters.service.recording import RecordingService
from watchkeeper.adapters.service.systemd import SystemdService, unit

NAME = "watchkeeper-monitor-0a1b2c3d"
PROGRAM = Program(
    (os.path.join(os.path.abspath(os.sep), "opt", "python"), "-I", "main.py"), "Watchkeeper", {"PATH": "/usr/bin"}
)
SHOWN = Program(("/opt/python", "-I", "a $b %c"), "Watchkeeper: the session monitor", {"PATH": "/usr/bin"})


class Machine(System):
    """systemctl and launchctl, as far as services go."""

    def answer(self, argv: list[str], stdin: str, environment: object) -> Finished:
        return Finished(0, "running\n", "") if "is-system-running" in argv else DONE


def systemd(machine: Machine) -> Service:
    return SystemdService(NAME, machine.host("linux"))


def launchd(machine: Machine) -> Service:
    return LaunchdService(NAME, machine.host("darwin"), lambda _: None)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(params=[systemd, launchd, lambda _: RecordingService()], ids=["systemd", "launchd", "recording"])
def service(request: pytest.FixtureRequest, machine: Machine) -> Service:
    made: Service = request.param(machine)
    return made


def test_installed_and_removed(service: Service) -> None:
    """It is there after an installation, also a second one, and gone after a removal."""
    assert service.unavailable() is None
    assert not service.is_installed()
    service.install(PROGRAM)
    service.install(PROGRAM)
    assert service.is_installed()

    assert service.remove()
    assert not service.is_installed()
    assert not service.remove()


@pytest.mark.parametrize(
    "program",
    [
        Program(("python",)),
        Program(()),
        PROGRAM._replace(argv=(*PROGRAM.argv, "a\0b")),
        PROGRAM._replace(environment={"A B": "x"}),
        PROGRAM._replace(environment={"A": "\0"}),
    ],
    ids=["no path", "nothing", "NUL", "name", "value"],
)
def test_what_no_system_may_be_given(service: Service, program: Program) -> None:
    """A program without its path, a NUL, a variable without a name."""
    with pytest.raises(ValueError, match=r"service|variables"):
        service.install(program)

    assert not service.is_installed()


@pytest.mark.parametrize("make", [systemd, launchd])
def test_what_the_system_refuses_leaves_nothing(machine: Machine, make: type) -> None:
    """A service that could not be started is not there at the next login."""
    service: Service = make(machine)
    answer = machine.answer
    refused = ("restart", "bootstrap")
    machine.answer = lambda argv, *rest: (  # type: ignore[method-assign]
        Finished(1, "", "no") if set(refused) & set(argv) else answer(argv, *rest)
    )

    with pytest.raises(ProgramFailed):
        service.install(PROGRAM)

    assert not service.is_installed()
    assert [] == list(machine.home.rglob("*watchkeeper*"))


@pytest.mark.parametrize("make", [systemd, launchd])
def test_where_it_does_not_work(machine: Machine, make: type) -> None:
    """The reason is told."""
    machine.broken = True

    assert make(machine).unavailable()
    assert SystemdService(NAME, machine.host("linux", installed=False)).unavailable()
    assert LaunchdService(NAME, machine.host("darwin", installed=False)).unavailable()
    assert SystemdService(NAME, machine.host("win32")).unavailable()
    assert LaunchdService(NAME, machine.host("win32")).unavailable()


def test_unit_text() -> None:
    """The unit as systemd reads it."""
    assert_golden_text("service-systemd.service", unit(SHOWN))


def test_agent_text() -> None:
    """The agent as launchd reads it."""
    assert_golden_text("service-launchd.plist", agent(SHOWN, NAME).decode())


def test_each_directory_has_its_own() -> None:
    """Two configuration directories do not share a service."""
    assert name_of("/a/.claude") != name_of("/b/.claude")


def test_choice() -> None:
    """The first that works, else the reasons of all."""
    works = RecordingService()
    fails = FailingService("it is switched off")

    assert works is choose.choose([fails, works])
    assert "none: it is switched off" == choose.choose([fails]).unavailable()
    with pytest.raises(ProgramFailed):
        FailingService("no", says_so=False).install(PROGRAM)
    assert not fails.remove()


def test_a_real_manager_runs_it(real_processes: object, tmp_path: Path) -> None:
    """A user's own systemd starts the program with exactly its words, and ends it when it is removed."""
    manager = UserManager(tmp_path)
    manager.start()
    try:
        note = tmp_path / "note"
        script = 'printf "%s\\n" "$@" > "$0.new"; env > "$0.env"; mv "$0.new" "$0"; exec sleep 600'
        words = [word for word in HOSTILE if "\n" not in word]
        program = Program(("/bin/sh", "-c", script, str(note), *words), "x", {"WORD": "a $b %c"})
        service = SystemdService(NAME, Host(manager.environ, run=manager.run))
        service.install(program)
        _wait(note.exists)
        is_active = ["systemctl", "--user", "is-active", f"{NAME}.service"]

        assert "\n".join(words) + "\n" == note.read_text(encoding="utf-8")
        assert "WORD=a $b %c" in Path(f"{note}.env").read_text(encoding="utf-8").splitlines()
        assert "active" == manager.run(is_active, timeout_s=10, accepted_codes=range(256)).stdout.strip()
        assert service.remove()
        assert "active" != manager.run(is_active, timeout_s=10, accepted_codes=range(256)).stdout.strip()
    finally:
        manager.stop()


def _wait(condition: object) -> None:
    import time

    deadline = time.monotonic() + 15
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
