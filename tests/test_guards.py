"""The guards guard: what a test did not ask for cannot be reached, and what it asked for can."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON, SettableClock
from tests.support.environment import User, clean_environ
from tests.support.guards import (
    NO_HOME,
    ROOT,
    Guard,
    OffLimits,
    RealProcessesAreOffLimits,
    TheNetworkIsOffLimits,
    TheRealClockIsOffLimits,
    TheRealHomeIsOffLimits,
    real_guard,
)
from tests.support.processes import PythonRunner
from watchkeeper.core import clock as clock_door
from watchkeeper.core.clock import now
from watchkeeper.core.paths import config_dir, environment

FOREIGN_ADDRESS = "192.0.2.1"  # reserved for documentation: nobody's


@contextmanager
def refused(guard: Guard, kind: type[OffLimits]) -> Iterator[None]:
    with pytest.raises(kind):
        yield

    assert [kind] == [type(error) for error in guard.take_refused()]


REAL_HOME_USES: dict[str, Callable[[str], object]] = {
    "open": lambda path: open(path, encoding="utf-8").close(),
    "Path.write_text": lambda path: Path(path).write_text("{}", encoding="utf-8"),
    "os.mkdir": os.mkdir,
    "os.listdir": os.listdir,
    "os.rename": lambda path: os.rename(os.devnull, path),
    "sqlite3.connect": sqlite3.connect,
    "sqlite3.connect with a URI": lambda path: sqlite3.connect(f"file:{path}?mode=ro", uri=True),
}


@pytest.mark.parametrize("use", REAL_HOME_USES.values(), ids=REAL_HOME_USES)
def test_home_is_refused(guard: Guard, use: Callable[[str], object]) -> None:
    """Without the home fixture, every way to the files below HOME is refused."""
    with refused(guard, TheRealHomeIsOffLimits):
        use(os.path.expanduser("~/.claude/settings.json"))


@pytest.mark.parametrize("variable", ["HOME", "CLAUDE_CONFIG_DIR"])
def test_the_users_own_folders_are_refused(tmp_path: Path, variable: str) -> None:
    """What the developer's environment names is refused by its real path, also from a symbolic link to it."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    guard = real_guard({variable: str(tmp_path / "link")})

    with guard.watching():
        guard.audit("os.listdir", (tmp_path,))
        for folder in ("theirs", "link"):
            with refused(guard, TheRealHomeIsOffLimits):
                guard.audit("os.listdir", (tmp_path / folder,))


def test_checkout_inside_the_home_is_allowed() -> None:
    """A home that holds the checkout is off limits, the checkout is not; its .claude is, wherever it lies."""
    above = os.path.dirname(ROOT)
    guard = Guard(forbidden=[above, os.path.join(ROOT, ".claude")], allowed=[ROOT])

    with guard.watching():
        guard.audit("os.listdir", (ROOT,))
        for folder in (above, os.path.join(ROOT, ".claude", "projects")):
            with refused(guard, TheRealHomeIsOffLimits):
                guard.audit("os.listdir", (folder,))


def test_home_fixture_gives_a_home(home: User) -> None:
    """With the home fixture, HOME and the configuration directory are folders of this test."""
    (home.config / "settings.json").write_text("{}", encoding="utf-8")

    assert str(home.home) == os.path.expanduser("~")
    assert str(home.config) == config_dir(environment()) == config_dir(home.environ)


def test_no_test_sees_the_developers_session() -> None:
    """Nothing of the session that runs the tests is in their environment."""
    left = [name for name in os.environ if name.startswith(("CLAUDE", "ANTHROPIC", "XDG_"))]

    assert [] == left
    assert NO_HOME == os.environ["HOME"]


@given(st.dictionaries(st.sampled_from(["ANTHROPIC_API_KEY", "CI", "CLAUDECODE", "PATH", "PIP_CERT"]), st.just("x")))
def test_clean_environ_keeps_what_programs_need(environ: dict[str, str]) -> None:
    """A clean environment has the search path and package managers' settings, and nothing of Claude's or CI's."""
    kept = {name: value for name, value in environ.items() if name in {"PATH", "PIP_CERT"}}

    clean = clean_environ(environ, "somewhere")

    assert kept == {name: value for name, value in clean.items() if name in environ}


PROCESS_STARTS: dict[str, Callable[[], object]] = {
    "subprocess.run": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "os.system": lambda: os.system("exit"),
    "os.popen": lambda: os.popen("exit"),
    **({"os.fork": os.fork} if sys.platform != "win32" else {}),
}


@pytest.mark.parametrize("start", PROCESS_STARTS.values(), ids=PROCESS_STARTS)
def test_processes_are_refused(guard: Guard, start: Callable[[], object]) -> None:
    """A test that did not ask for it starts no program."""
    with refused(guard, RealProcessesAreOffLimits):
        start()


def test_swallowed_refusal_is_remembered(guard: Guard) -> None:
    """Code that catches everything does not hide what it tried."""
    try:
        subprocess.run([sys.executable, "-c", ""], check=True)
    except Exception:  # noqa: BLE001 - as a hook does
        pass

    assert [RealProcessesAreOffLimits] == [type(error) for error in guard.take_refused()]


def test_run_python_starts_a_clean_process(run_python: PythonRunner, home: User) -> None:
    """The child has the made-up user's environment, reads what it is given, and reports its end."""
    script = "import os, sys; print(os.environ['HOME'], sys.stdin.read()); sys.exit(3)"

    done = run_python("-I", "-c", script, stdin="given")

    assert (3, f"{home.home} given", "") == (done.returncode, done.stdout.strip(), done.stderr)


def test_real_processes_are_a_way_through(real_processes: User) -> None:
    """A test that asks for real processes starts any, as the made-up user."""
    script = "import os; print(os.environ['CLAUDE_CONFIG_DIR'])"

    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout

    assert str(real_processes.config) == printed.strip()


@pytest.fixture(scope="module")
def printed_once() -> str:
    return subprocess.run([sys.executable, "-c", "print(1)"], check=True, capture_output=True, text=True).stdout


def test_wider_fixtures_go_the_same_way(printed_once: str, run_python: PythonRunner) -> None:
    """A fixture of wider scope may start processes when the first test that needs it may."""
    assert printed_once == run_python("-c", "print(1)").stdout


@pytest.mark.realclient
def test_realclient_mark_is_a_way_through() -> None:
    """Tests in the real client start processes and have the real clock."""
    subprocess.run([sys.executable, "-c", ""], check=True)

    assert now() > NOON - 400 * 86_400


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminal")
def test_pseudo_terminals_work(real_processes: User) -> None:
    """pexpect starts its child behind the guards."""
    import pexpect

    child = pexpect.spawn(sys.executable, ["-c", "print(input())"], timeout=30, encoding="utf-8")
    child.sendline("heard")
    child.expect(pexpect.EOF)

    assert "heard" in str(child.before)
    child.close()


def test_network_is_refused(guard: Guard) -> None:
    """Neither a connection nor a name look-up nor a listening port leaves this machine."""
    with socket.socket() as plain:
        for reach in (
            lambda: plain.connect((FOREIGN_ADDRESS, 9)),
            lambda: plain.bind(("0.0.0.0", 0)),
            lambda: socket.getaddrinfo("example.invalid", 80),
        ):
            with refused(guard, TheNetworkIsOffLimits):
                reach()


def test_loopback_is_allowed() -> None:
    """A server and its client may talk on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.sendall(b"heard")
        connection, _ = server.accept()
        with connection:
            assert b"heard" == connection.recv(5)


def test_clock_is_refused(guard: Guard) -> None:
    """The clock cannot be read by accident, however `now` was imported."""
    for read in (now, clock_door.now):
        with refused(guard, TheRealClockIsOffLimits):
            read()


def test_clock_fixture_stands_still_until_moved(clock: SettableClock) -> None:
    """With the clock fixture the time is the test's own."""
    before = now()
    clock.advance(90)

    assert (NOON, NOON + 90) == (before, now())


def test_real_clock_is_a_way_through(real_clock: None) -> None:
    """A test that asks for the real clock has it."""
    assert now() > NOON - 400 * 86_400


def test_time_zone_is_utc_until_set(time_zone: Callable[[str], None]) -> None:
    """Local time is UTC in every test that sets no other zone."""
    import time

    before = time.localtime(NOON).tm_hour
    time_zone("Asia/Kathmandu")

    assert (12, (17, 45)) == (before, time.localtime(NOON)[3:5])
