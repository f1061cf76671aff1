"""Guards around every test, and the ways through them, each a fixture that says what it opens."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.support.clock import RefusingClock, SettableClock
from tests.support.environment import User, clean_environ, make_user
from tests.support.guards import NO_HOME, ROOT, Guard, Permit, real_guard
from tests.support.processes import PythonRunner
from watchkeeper.core import clock as clock_door

_CACHE = os.path.abspath(os.environ.get("WATCHKEEPER_TEST_CACHE") or os.path.join(ROOT, ".cache"))
_GUARD = real_guard(os.environ)
sys.addaudithook(_GUARD.audit)
# The user id of `nobody` on Linux; any that is not root and owns nothing would do.
_NOBODY = 65534
_WAYS_THROUGH: dict[str, Permit] = {
    "run_python": "processes",
    "real_processes": "processes",
    "clock": "clock",
    "real_clock": "clock",
}


def pytest_configure() -> None:
    os.environ["WATCHKEEPER_TEST_CACHE"] = _CACHE
    _set_time_zone("UTC")
    set_hypothesis_home_dir(os.path.join(_CACHE, "hypothesis"))
    # Two shared cores: no example is too slow. CI runs the same examples every time.
    calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
    settings.register_profile("here", calm)
    settings.register_profile("ci", calm, derandomize=True)
    settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch the whole test, its fixtures of wider scope included."""
    permits = {_WAYS_THROUGH[name] for name in _WAYS_THROUGH if name in getattr(item, "fixturenames", ())}
    if item.get_closest_marker("realclient"):
        permits |= {"processes", "clock"}
    with _GUARD.watching(permits):
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was fuzzed, and repeat what check.py found before the tests: pytest's summary is printed last."""
    passed = terminalreporter.getreports("passed")
    fuzzed = Counter(value for report in passed for name, value in report.user_properties if name == "fuzzed")
    for inputs, readers in fuzzed.items():
        terminalreporter.line(f"fuzz: {readers} reader{'s' if readers > 1 else ''} × {inputs:,} inputs")
    counted = Counter[str]()
    for report in passed:
        counted.update({name: count for name, count in report.user_properties if name != "fuzzed"})
    for what, count in sorted(counted.items()):
        terminalreporter.line(f"{count:,} {what}")
    failed = os.environ.get("WATCHKEEPER_TEST_FAILED_STEPS")
    if failed:
        terminalreporter.section("check.py")
        terminalreporter.line(f"Failed before the tests: {failed} (see above).", red=True)


@pytest.fixture
def guard() -> Guard:
    """The guard itself, for tests of the guards."""
    return _GUARD


@pytest.fixture(autouse=True)
def _nothing_real(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take away home, session and clock, and report what was refused but swallowed."""
    _use_environ(monkeypatch, clean_environ(os.environ, NO_HOME))
    if not _GUARD.permits("clock"):
        monkeypatch.setattr(clock_door, "time", RefusingClock(_GUARD))
    _GUARD.take_refused()
    yield
    for error in _GUARD.take_refused():
        raise error


@pytest.fixture
def home(_nothing_real: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """A made-up user: their HOME and CLAUDE_CONFIG_DIR exist and are this process's environment too."""
    user = make_user(tmp_path, os.environ)
    _use_environ(monkeypatch, user.environ)
    return user


@pytest.fixture
def run_python(home: User) -> PythonRunner:
    """Starts a real Python as the made-up user and returns what it printed and how it ended."""
    return PythonRunner(home)


@pytest.fixture
def real_processes(home: User) -> User:
    """Lets this test start any program, as the made-up user."""
    return home


@pytest.fixture
def bound_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of a user whom permissions hold back; this process is that user for the test, since root is not."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="watchkeeper-bound-"))
    os.chown(folder, _NOBODY, _NOBODY)
    os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


@pytest.fixture
def clock(_nothing_real: None, monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """The clock of core.clock.now() in this process, standing at noon until the test moves it."""
    settable = SettableClock()
    monkeypatch.setattr(clock_door, "time", settable)
    return settable


@pytest.fixture
def real_clock() -> None:
    """Leaves the machine's own clock in place."""


@pytest.fixture
def time_zone(_nothing_real: None) -> Iterator[Callable[[str], None]]:
    """Sets the local time zone of this process by name for the rest of the test."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change a process's time zone")
    yield _set_time_zone
    _set_time_zone("UTC")


def _set_time_zone(name: str) -> None:
    os.environ["TZ"] = name
    if hasattr(time, "tzset"):
        time.tzset()


def _use_environ(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    # Fixtures ask for CI to fail where they would otherwise skip; no program under test sees it.
    for name in os.environ.keys() - environ.keys() - {"CI"}:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
