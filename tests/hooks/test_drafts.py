"""The draft that hooks keep fresh by themselves: real hook processes, and the background job that each one starts."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.handoff.samples import AUTH, SESSION
from tests.handoff.transcript import Transcript
from tests.support.environment import User
from tests.support.guards import ROOT
from watchkeeper.core import paths, state, usage
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.handoff import markdown, saving
from watchkeeper.handoff.model import Handoff
from watchkeeper.wiring.hook_entries import BOOT, SCRIPTS

WAIT_S = 30.0
pytestmark = pytest.mark.usefixtures("real_clock")


class Work:
    """A session at work in a folder, and the hook processes that its client starts."""

    def __init__(self, user: User, project: Path) -> None:
        project.mkdir()
        self.project = project
        self.handoffs = user.config / "session-handoffs"
        self.memories = user.config / "project-memory"
        self.environ = {**user.environ, "CLAUDE_CODE_SESSION_ATTENDED": "1"}
        self.paths = paths.paths_in(str(user.config), user.environ)
        path = user.config / "projects" / "-p" / f"{SESSION}.jsonl"
        self.transcript = Transcript(path, cwd=str(project)).asked("Add sign-in to the API").wrote(f"{project}/auth.py")
        with self.ledger as ledger, Transaction(ledger.usage) as db:
            known = {"cwd": str(project), "project": str(project), "transcript_path": str(path)}
            usage.save_session(db, SESSION, time.time() - 600, **known)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.paths.state, time.time())

    def report(self, used_pct: float) -> None:
        """The client reports so much of the five-hour window as used."""
        now = time.time()
        with self.ledger as ledger, Transaction(ledger.state) as db:
            told = state.Report("", "five_hour", now + 3_600, used_pct, now - 1, "status_line", False)
            state.save_report(db, told, now)

    def hook(self, event: str, **fields: Any) -> subprocess.CompletedProcess[bytes]:
        """Run the hook of an event as the client does, to its end."""
        told = {
            "session_id": SESSION,
            "cwd": str(self.project),
            "transcript_path": str(self.transcript.path),
            "hook_event_name": event,
            **fields,
        }
        command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, os.path.join(ROOT, "hooks", SCRIPTS[event])]
        return subprocess.run(
            command, input=json.dumps(told).encode(), env=self.environ, capture_output=True, timeout=WAIT_S, check=True
        )

    def draft(self, name: str = f"handoff-{SESSION}") -> Handoff:
        """The handoff of that name, once it is there."""
        path = self.handoffs / f"{name}.md"
        wait_for(path)
        return markdown.parse(path.read_text(encoding="utf-8"))

    def save(self, handoff: Handoff) -> Path:
        """A handoff of this session that was written five minutes ago."""
        written = handoff.model_copy(update={"written_at": int(time.time()) - 300, "project": str(self.project)})
        with self.ledger as ledger:
            return Path(saving.save(written, str(self.handoffs), ledger).path)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


@pytest.fixture
def work(real_processes: User, tmp_path: Path) -> Work:
    return Work(real_processes, Path(os.path.realpath(tmp_path)) / "proj")


OCCASIONS: dict[str, tuple[float, str, dict[str, Any]]] = {
    "danger": (80.0, "PostToolUse", {"tool_name": "Read", "tool_use_id": "toolu_x", "tool_input": {}}),
    "critical": (93.0, "Stop", {}),
    "limit": (10.0, "StopFailure", {"error": "rate_limit"}),
    "end": (10.0, "SessionEnd", {"reason": "other"}),
    "compaction": (10.0, "PreCompact", {"trigger": "auto", "custom_instructions": None}),
}


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_the_draft_is_there_after_each_occasion(work: Work, occasion: str) -> None:
    """Danger, critical, a refusal, an end with open tasks and an automatic compaction each leave a draft."""
    used_pct, event, fields = OCCASIONS[occasion]
    work.transcript.made_task(1, "Refresh tokens").ran("pytest -q", "1 failed, 2 passed", failed=True)
    work.report(used_pct)

    work.hook(event, **fields)

    draft = work.draft()
    assert ("draft", ("auth.py",), ["Refresh tokens"], ["pytest -q"]) == (
        draft.kind,
        draft.files_modified,
        [task.subject for task in draft.tasks],
        [run.command for run in draft.runs],
    )
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE((work.handoffs / f"{draft.id}.md").stat().st_mode)


def test_a_finished_session_leaves_none(work: Work) -> None:
    """At the end of a session without open work the job runs and writes the memory alone."""
    work.transcript.made_task(1, "Refresh tokens", "completed")

    work.hook("SessionEnd", reason="other")

    deadline = time.monotonic() + WAIT_S
    while not list(work.memories.glob("*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not work.handoffs.exists()


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("occasion", OCCASIONS)
def test_the_hook_does_not_wait_for_the_draft(work: Work, occasion: str, tmp_path: Path) -> None:
    """The hook has ended while the job that it started still stands in the middle of its work."""
    (work.project / ".git").mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    git = programs / "git"
    started, go_on = tmp_path / "started", tmp_path / "go-on"
    git.write_text(f'#!/bin/sh\n: >"{started}"\nwhile [ ! -e "{go_on}" ]; do sleep 0.02; done\nexit 1\n')
    git.chmod(0o755)
    work.environ["PATH"] = f"{programs}:{work.environ['PATH']}"
    used_pct, event, fields = OCCASIONS[occasion]
    work.transcript.made_task(1, "Refresh tokens")
    work.report(used_pct)

    work.hook(event, **fields)

    assert not work.handoffs.exists()
    wait_for(started)
    go_on.touch()
    assert "draft" == work.draft().kind


def test_a_composed_handoff_stays(work: Work) -> None:
    """After more work a draft goes beside what was composed, and the newer one is the draft."""
    composed = work.save(AUTH)
    before = composed.read_bytes()
    work.transcript.made_task(1, "Refresh tokens")
    work.hook("PostToolUse", tool_name="Read", tool_use_id="toolu_x", tool_input={})

    work.hook("SessionEnd", reason="other")

    assert "draft" == work.draft(f"handoff-{SESSION}-2").kind
    assert before == composed.read_bytes()


def test_a_draft_that_was_edited_stays(work: Work) -> None:
    """What somebody wrote into a draft is not lost to the next one; that one is renewed in its own place."""
    edited = work.save(AUTH.model_copy(update={"kind": "draft"}))
    text = edited.read_text(encoding="utf-8") + "\nMind the clock.\n"
    edited.write_text(text, encoding="utf-8")
    work.transcript.made_task(1, "Refresh tokens")

    work.hook("StopFailure", error="rate_limit")
    first = work.draft(f"handoff-{SESSION}-2")
    work.transcript.made_task(2, "Write the guide")
    work.hook("SessionEnd", reason="other")

    deadline = time.monotonic() + WAIT_S
    while len(work.draft(first.id).tasks) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert text == edited.read_text(encoding="utf-8")
    assert 2 == len(list(work.handoffs.glob("*.md")))
