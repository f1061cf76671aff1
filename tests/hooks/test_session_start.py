"""The hook at a session's start as a real process: several at once, and with a slow git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.handoff.samples import AUTH
from tests.support.environment import User
from tests.support.guards import ROOT
from watchkeeper.core import paths
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.handoff import pending, saving
from watchkeeper.wiring.hook_entries import BOOT, SCRIPTS

MARK = "notes from an earlier session"
AT_ONCE = 8
WAIT_S = 60.0
pytestmark = pytest.mark.usefixtures("real_clock")


class Starts:
    """Sessions that start in a folder where a handoff waits."""

    def __init__(self, user: User, project: Path) -> None:
        project.mkdir()
        self.project = project
        self.environ = {**user.environ, "CLAUDE_CODE_SESSION_ATTENDED": "1"}
        where = paths.paths_in(str(user.config), user.environ)
        self.ledger = Ledger(where.state, time.time())
        fields = {"project": str(project), "written_at": int(time.time()) - 60}
        saved = saving.save(AUTH.model_copy(update=fields), str(user.config / "session-handoffs"), self.ledger)
        with Transaction(self.ledger.state) as db:
            pending.mark(db, saved.handoff.id, str(project), "s", saved.path, "manual", None, time.time())

    def start(self, session_id: str) -> subprocess.Popen[bytes]:
        told = {"session_id": session_id, "cwd": str(self.project), "transcript_path": "", "source": "startup"}
        script = os.path.join(ROOT, "hooks", SCRIPTS["SessionStart"])
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.environ,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(told).encode())
        process.stdin.close()
        process.stdin = None
        return process

    def given(self, process: subprocess.Popen[bytes]) -> int:
        """How often the hook gave its session the handoff."""
        out, _ = process.communicate(timeout=WAIT_S)
        reply: dict[str, Any] = json.loads(out) if out else {}
        return str(reply.get("hookSpecificOutput", {}).get("additionalContext", "")).count(MARK)


@pytest.fixture
def starts(real_processes: User, tmp_path: Path) -> Iterator[Starts]:
    made = Starts(real_processes, Path(os.path.realpath(tmp_path)) / "proj")
    with made.ledger:
        yield made


def test_of_several_that_start_at_once_one_is_given_it(starts: Starts) -> None:
    """Eight terminals that open together: one of their sessions is given the handoff, once."""
    processes = [starts.start(f"session-{number}") for number in range(AT_ONCE)]

    assert 1 == sum(starts.given(process) for process in processes)
    claimed = starts.ledger.state.execute("SELECT state FROM handoffs").fetchall()
    assert [(pending.CLAIMED,)] == claimed


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_git_that_hangs_does_not_cost_the_handoff(starts: Starts, tmp_path: Path) -> None:
    """The handoff is given, and it is said that git could not be asked; the hook does not wait for it for long."""
    (starts.project / ".git").mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    git = programs / "git"
    git.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    git.chmod(0o755)
    starts.environ["PATH"] = f"{programs}:{starts.environ['PATH']}"

    out, _ = starts.start("session-1").communicate(timeout=WAIT_S)

    reply = json.loads(out)
    assert "Git cannot tell the state of the project." in reply["systemMessage"]
    assert MARK in reply["hookSpecificOutput"]["additionalContext"]


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_hook_that_is_killed_has_claimed_nothing(starts: Starts, tmp_path: Path) -> None:
    """While git is still asked the handoff waits on: whoever kills the hook then loses nothing."""
    (starts.project / ".git").mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    git, asked = programs / "git", tmp_path / "asked"
    git.write_text(f'#!/bin/sh\n: >"{asked}"\nexec sleep 10\n', encoding="utf-8")
    git.chmod(0o755)
    starts.environ["PATH"] = f"{programs}:{starts.environ['PATH']}"

    process = starts.start("session-1")
    deadline = time.monotonic() + WAIT_S
    while not asked.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=WAIT_S)

    assert [(pending.PENDING,)] == starts.ledger.state.execute("SELECT state FROM handoffs").fetchall()
    git.unlink()
    (starts.project / ".git").rmdir()
    assert 1 == starts.given(starts.start("session-2"))
