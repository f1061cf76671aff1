"""What the real processes do, seen by an audit hook: no network, no credential, no shell; and how files are left."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_table import READING, WRITING
from tests.support.environment import User, make_user
from tests.support.household import HOOKS, SESSION, Household
from watchkeeper.wiring.hook_entries import BOOT

if sys.platform == "win32":
    pytest.skip("file modes and these processes are those of Linux and macOS", allow_module_level=True)

WATCHER = """if True:
    import os, sys
    def note(event, arguments):
        # The pair that asyncio wakes itself with reaches nobody; a connection made with one would be noted.
        if event == "socket.__new__" and arguments[1:3] == (1, 1):
            return
        if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")) and event != "socket.gethostname":
            tell(event, arguments)
        elif event == "open" and isinstance(arguments[0], (str, bytes)):
            path = os.fsdecode(arguments[0])
            if any(word in path.lower() for word in (".credentials", "keychain", ".key", "id_rsa", ".netrc")):
                tell(event, path)
        elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            tell(event, [str(each) for each in (arguments[1] if len(arguments) > 1 else arguments)])
    def tell(event, what):
        descriptor = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, (event + " " + repr(what) + "\\n").encode("utf-8", "replace"))
        os.close(descriptor)
    sys.addaudithook(note)
"""
HOSTILE = "$(touch pwned); `touch pwned` && touch pwned"


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """A household with what nobody may open in it."""
    made = Household(make_user(tmp_path_factory.mktemp("watched"), os.environ)).fill()
    (made.user.config / ".credentials.json").write_text('{"claudeAiOauth": {"accessToken": "secret"}}')
    sessions = made.user.config / "sessions"
    sessions.mkdir()
    (sessions / "1.key").write_text("secret")
    (sessions / "1.json").write_text(json.dumps({"sessionId": SESSION, "cwd": str(made.project), "startedAt": 1}))
    yield made
    made.end_what_runs()


@pytest.fixture
def watched(lived_in: Household, real_processes: User, real_clock: None) -> Household:
    """The household, for tests that start its processes."""
    return lived_in


def told_by(household: Household, tmp_path: Path) -> list[str]:
    """Run every hook, the status line and every command under the watcher, and return what it noted."""
    log = tmp_path / "audit.log"
    watcher = WATCHER.replace("LOG", repr(str(log)))
    main = str(household.bundle / "lib" / "watchkeeper" / "__main__.py")
    for event in (*HOOKS, "StatusLine"):
        told = json.dumps(household.payload(event, rate_limits={}))
        household.python("-I", "-S", "-c", watcher + BOOT, household.script(event), stdin=told)
    hostile = (("queue", "add", "--name", HOSTILE, "--objective", HOSTILE, "--tokens", "9k", "--hours", "1"),)
    for words in (*READING, *WRITING, *hostile):
        run = f"import runpy; sys.argv[:] = {[main, *words]!r}; runpy.run_path({main!r}, run_name='__main__')"
        done = household.python("-c", watcher + run)
        assert "is a bug" not in done.stderr, done.stderr
    return log.read_text().splitlines() if log.exists() else []


def test_no_network_no_credential_no_shell(watched: Household, tmp_path: Path) -> None:
    """No process opens a socket or a file of credentials; what is started is started without a shell."""
    noted = told_by(watched, tmp_path)

    assert [] == [line for line in noted if not line.startswith(("subprocess.", "os."))]
    started = [line for line in noted if line.startswith(("subprocess.", "os."))]
    assert started
    assert [] == [line for line in started if "pwned" in line or ("'-c'" in line and "sh'" in line)]
    assert [] == list(watched.user.home.rglob("pwned"))


def test_what_is_written_is_its_owners(watched: Household) -> None:
    """Every folder and file that was made below the configuration directory is closed to everybody else."""
    before = {"settings.json", ".credentials.json"}
    for words in WRITING:
        watched.command(*words)
    for event in HOOKS:
        watched.hook(event)
    made = [
        path
        for name in ("watchkeeper", "session-handoffs", "calendar", "session-reports", "session-tracking",
                     "project-memory", "ml-model")
        for path in [watched.user.config / name, *(watched.user.config / name).rglob("*")]
        if path.exists() and path.name not in before
    ]  # fmt: skip

    assert len(made) > 10
    open_to_others = {
        str(path.relative_to(watched.user.config)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in made
        # A database's log has the database's own mode, which SQLite gives it; a link has none.
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    }
    assert {} == open_to_others
