"""Real daemons for tests: atd and cron, started where they do not run, and ended by the last test that uses them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

_STARTED_WITHIN_S = 10.0
# Kept, because a child that nobody waits for is complained of when it is forgotten.
_children: list[subprocess.Popen[bytes]] = []


class Daemon(NamedTuple):
    """A daemon of the system, and the program that speaks to it."""

    name: str
    arguments: tuple[str, ...]
    client: str


AT = Daemon("atd", ("-f",), "at")
CRON = Daemon("cron", ("-f",), "crontab")


@contextmanager
def running(daemon: Daemon) -> Iterator[None]:
    """Have `daemon` run for as long as this is open; skip the test, or fail in CI, where it cannot be had."""
    lacking = _lacking(daemon)
    if lacking:
        if os.environ.get("CI"):
            pytest.fail(lacking)
        pytest.skip(lacking)
    if sys.platform == "win32":
        raise AssertionError(daemon)
    import fcntl

    folder = Path(tempfile.gettempdir(), f"watchkeeper-test-daemons-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    note = folder / f"{daemon.name}.json"
    # Several processes run tests at once, and only one atd can run: whoever uses it shares one lock.
    with (folder / f"{daemon.name}.users").open("w") as users, (folder / f"{daemon.name}.starting").open("w") as start:
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(start, fcntl.LOCK_EX)
        if not _processes(daemon):
            _start(daemon, note)
        fcntl.flock(start, fcntl.LOCK_UN)
        try:
            yield
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                _end(note)


def _lacking(daemon: Daemon) -> str | None:
    missing = [each for each in (daemon.name, daemon.client) if shutil.which(each, path=_search_path()) is None]
    if missing:
        return f"{' and '.join(missing)} is not installed"
    if not _processes(daemon) and os.getuid() != 0:
        return f"{daemon.name} does not run, and only root can start it"
    return None


def _processes(daemon: Daemon) -> list[psutil.Process]:
    found = psutil.process_iter(["name", "status"])
    return [each for each in found if each.info["name"] == daemon.name and each.info["status"] != psutil.STATUS_ZOMBIE]


def _start(daemon: Daemon, note: Path) -> None:
    program = shutil.which(daemon.name, path=_search_path())
    assert program is not None
    plain = {"PATH": _search_path(), "TZ": "UTC"}
    process = subprocess.Popen(
        [program, *daemon.arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=plain,
        cwd="/",
        start_new_session=True,
    )
    _children.append(process)
    started_at = psutil.Process(process.pid).create_time()
    note.write_text(json.dumps([process.pid, started_at]), encoding="utf-8")
    # at tells atd by its file of the process id.
    deadline = time.monotonic() + _STARTED_WITHIN_S
    while not any(Path("/run", f"{each}.pid").exists() for each in ("atd", "crond")) and time.monotonic() < deadline:
        time.sleep(0.02)


def _end(note: Path) -> None:
    """End what was started here, and nothing else: the number and the moment of its start have to be the same."""
    try:
        pid, started_at = json.loads(note.read_text(encoding="utf-8"))
        process = psutil.Process(pid)
        if process.create_time() == started_at:
            process.terminate()
            process.wait(_STARTED_WITHIN_S)
    except (OSError, ValueError, psutil.Error):
        pass
    note.unlink(missing_ok=True)


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
