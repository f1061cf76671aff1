"""Hooks as real processes: many at once, killed at random points, given anything at all."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import User
from tests.support.guards import ROOT
from watchkeeper.wiring.hook_entries import BOOT

HOOK = os.path.join(ROOT, "hooks", "post_tool_use.py")
SHARED = Path(ROOT).parent / "shared"
SESSIONS = [f"session-{number}" for number in range(8)]
AT_ONCE = 64
NEVER_SHORT = {
    **dict.fromkeys(("ram_warning_gb", "ram_critical_gb", "ram_warning_pct", "ram_critical_pct"), 0),
    **dict.fromkeys(("battery_warning_pct", "battery_critical_pct", "disk_warning_gb", "disk_critical_gb"), 0),
    "temp_warm_c": 128,
    "temp_critical_c": 129,
    "temp_emergency_c": 130,
    "load_warning_pct": 10_000,
}
ODD_SESSIONS: list[Any] = [None, 1, [], {}, "../x", "a/b", "\ud800", "x" * 999]
ODD_PATHS: list[Any] = ["/etc/passwd", "/dev/zero", 3, "../../x.jsonl", "\0"]


class Crowd:
    """Many hook processes of one user, a bounded number of them at once."""

    def __init__(self, user: User) -> None:
        self._environ = {**user.environ, "CLAUDE_CODE_SESSION_ATTENDED": "1"}
        self.projects = user.config / "projects" / "-p"
        self.projects.mkdir(parents=True)
        self.state = user.config / "watchkeeper"
        self.state.mkdir()
        # So many processes are a load that is worth a word, which is not what is asked for here.
        (self.state / "settings.json").write_text(json.dumps({"resources": NEVER_SHORT}))
        self.printed: list[str] = []
        self.codes: list[int] = []

    def transcript(self, session: str) -> Path:
        return self.projects / f"{session}.jsonl"

    def start(self, payload: bytes, hook: str = HOOK) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, hook]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self._environ
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(payload)
            process.stdin.close()
        process.stdin = None
        return process

    def run(self, payloads: Iterator[bytes], kill_chance: float = 0.0, seed: int = 7) -> int:
        """Run a hook on each payload, `AT_ONCE` at a time; return how many were killed on the way."""
        chance = random.Random(seed)
        running: list[subprocess.Popen[bytes]] = []
        killed = 0
        for payload in payloads:
            process = self.start(payload)
            running.append(process)
            if chance.random() < kill_chance:
                # Somewhere between the interpreter's start and the end of the work.
                self._let_run(process, chance.uniform(0.0, 0.12))
                if process.poll() is None:
                    process.kill()
                    killed += 1
            while len(running) >= AT_ONCE:
                self._finish(running.pop(0))
        for process in running:
            self._finish(process)
        return killed

    def _let_run(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        out, err = process.communicate(timeout=60)
        assert b"" == err
        self.codes.append(process.returncode)
        if out:
            self.printed.append(out.decode())

    def sum(self, statement: str) -> Any:
        with contextlib.closing(sqlite3.connect(self.state / "usage.db")) as db:
            return db.execute(statement).fetchone()[0]

    def integrity(self) -> list[str]:
        found = []
        for name in ("usage.db", "state.db"):
            with contextlib.closing(sqlite3.connect(self.state / name)) as db:
                found.append(db.execute("PRAGMA integrity_check").fetchone()[0])
        return found

    def failures(self) -> str:
        log = self.state / "logs" / "hooks.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return "\n".join(line for line in lines if " job " not in line)


def line(message_id: str, session: str, tokens: int) -> str:
    usage = {"input_tokens": 1, "output_tokens": tokens, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 3}
    record = {
        "type": "assistant",
        "sessionId": session,
        "timestamp": "2026-11-20T11:00:00.000Z",
        "message": {"id": message_id, "model": "m", "usage": usage, "content": []},
    }
    return json.dumps(record) + "\n"


def tool_call(crowd: Crowd, number: int) -> bytes:
    session = SESSIONS[number % len(SESSIONS)]
    payload = {
        "session_id": session,
        "transcript_path": str(crowd.transcript(session)),
        "cwd": "/home/dev/proj",
        "tool_name": "Bash",
        "tool_use_id": f"toolu_{number}",
        "tool_input": {"command": "ls"},
        "tool_response": {"stdout": "x", "stderr": ""},
    }
    return json.dumps(payload).encode()


def calls(crowd: Crowd, count: int) -> Iterator[bytes]:
    """Payloads of tool calls, while the sessions' transcripts grow: two records of a response a call."""
    for number in range(count):
        session = SESSIONS[number % len(SESSIONS)]
        with crowd.transcript(session).open("a") as file:
            file.write(line(f"m{number}", session, 1) + line(f"m{number}", session, 10))
        yield tool_call(crowd, number)


def report_limit(crowd: Crowd, used_pct: float) -> None:
    now = time.time()
    told = {
        "session_id": SESSIONS[0],
        "cwd": "/home/dev/proj",
        "rate_limits": {"five_hour": {"used_percentage": used_pct, "resets_at": now + 3600}},
    }
    process = crowd.start(json.dumps(told).encode(), os.path.join(ROOT, "hooks", "status_line.py"))
    process.communicate(timeout=60)


@pytest.mark.parametrize(
    "count", [pytest.param(320, id="320 calls"), pytest.param(2000, id="2,000 calls", marks=pytest.mark.slow)]
)
def test_hooks_at_once_count_every_call_once(real_processes: User, count: int) -> None:
    """64 hooks at once over 8 sessions count every call and response once, tell each alert once and never fail."""
    crowd = Crowd(real_processes)
    report_limit(crowd, 85.0)

    crowd.run(calls(crowd, count))
    # The last records may have come after the last hook of their session had read.
    crowd.run(tool_call(crowd, count + number) for number in range(len(SESSIONS)))

    assert count + len(SESSIONS) == crowd.sum("SELECT count(*) FROM tool_calls")
    assert (count, 10 * count) == (
        crowd.sum("SELECT count(*) FROM responses"),
        crowd.sum("SELECT sum(output_tokens) FROM responses"),
    )
    assert {0} == set(crowd.codes)
    assert 1 == sum("systemMessage" in printed for printed in crowd.printed)
    assert len(SESSIONS) == sum("additionalContext" in printed for printed in crowd.printed)
    assert "" == crowd.failures()


@pytest.mark.parametrize(
    "count", [pytest.param(120, id="120 calls"), pytest.param(1000, id="1,000 calls", marks=pytest.mark.slow)]
)
def test_killed_hooks_damage_nothing(real_processes: User, count: int) -> None:
    """Hooks killed at random points leave both files whole, and the next hooks make the totals exact."""
    crowd = Crowd(real_processes)

    killed = crowd.run(calls(crowd, count), kill_chance=0.25)
    crowd.run(tool_call(crowd, number) for number in range(len(SESSIONS)))

    assert killed >= count // 10
    assert ["ok", "ok"] == crowd.integrity()
    assert (count, 10 * count) == (
        crowd.sum("SELECT count(*) FROM responses"),
        crowd.sum("SELECT sum(output_tokens) FROM responses"),
    )


def garbage(chance: random.Random, crowd: Crowd) -> bytes:
    """A payload that no client sends."""
    whole = tool_call(crowd, chance.randrange(100))
    kinds = [
        lambda: chance.randbytes(chance.randrange(200)),
        lambda: whole[: chance.randrange(len(whole))],
        lambda: whole.replace(b'"session-', chance.choice([b'"../../', b'"/etc/', b'"\\u0000', b'"' + b"a" * 5000])),
        lambda: json.dumps({"session_id": chance.choice(ODD_SESSIONS)}).encode(),
        lambda: json.dumps({"session_id": "s", "transcript_path": chance.choice(ODD_PATHS)}).encode(),
        lambda: b'{"session_id": "s", "tool_input": ' + b"[" * 100_000,
        lambda: b'{"session_id": "s", "tool_use_id": "t", "tool_response": "' + b"x" * 2_000_000 + b'"}',
        lambda: b'{"session_id": "s", "duration_ms": ' + b"9" * 5000 + b"}",
    ]  # fmt: skip
    return chance.choice(kinds)()


@pytest.mark.parametrize(
    "count", [pytest.param(150, id="150 payloads"), pytest.param(10_000, id="10,000 payloads", marks=pytest.mark.slow)]
)
def test_malformed_payloads_end_in_silence(real_processes: User, count: int) -> None:
    """Whatever a hook is given, it exits 0, prints nothing and writes nothing outside the state folder."""
    crowd = Crowd(real_processes)
    before = _files(real_processes.home, crowd.state)
    chance = random.Random(11)

    crowd.run(garbage(chance, crowd) for _ in range(count))

    assert ({0}, []) == (set(crowd.codes), crowd.printed)
    assert before == _files(real_processes.home, crowd.state)


def _files(folder: Path, but: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*") if not path.is_relative_to(but))


def test_a_missing_bundle_ends_in_silence(real_processes: User) -> None:
    """The wired command exits 0 and prints nothing when the bundle was moved away under it."""
    crowd = Crowd(real_processes)
    process = crowd.start(b"{}", str(real_processes.home / "gone" / "hooks" / "post_tool_use.py"))

    out, err = process.communicate(timeout=60)

    assert (0, b"", b"") == (process.returncode, out, err)


@pytest.mark.skipif(not (SHARED / "captures").exists(), reason="../shared/captures is not there")
def test_the_clients_own_payloads_are_taken_in(real_processes: User) -> None:
    """Every payload recorded from the client ends in exit 0; the tool calls are counted, quietly."""
    crowd = Crowd(real_processes)
    for capture in sorted((SHARED / "captures").glob("Post*.json")):
        crowd.run(iter([capture.read_bytes()]))

    assert ({0}, []) == (set(crowd.codes), crowd.printed)
    assert 5 == crowd.sum("SELECT count(*) FROM tool_calls")
