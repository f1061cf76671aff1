"""Tests of core/entry.py, core/reply.py, core/detach.py and core/passthrough.py: where a hook meets the world."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from tests.support.watching import SESSION, Hooks
from watchkeeper.core import detach, entry, passthrough, reply, state

FLAGS = ("-I", "-S", "-X", "utf8")
BOOT = "import sys; exec(open(sys.argv[1]).read())"


def hook(name: str) -> tuple[str, ...]:
    return (*FLAGS, "-c", BOOT, os.path.join(ROOT, "hooks", name))


def test_silence_is_no_output() -> None:
    """A hook with nothing to say prints nothing: whatever it prints leaves a trace in the conversation."""
    assert "" == reply.encode(reply.SILENCE, "PostToolUse")


def test_a_reply_is_what_the_client_reads() -> None:
    """User, model and terminal each have their field."""
    told = json.loads(reply.encode(reply.Reply("to you", "to the model", "\\a"), "PostToolUse"))

    assert {
        "systemMessage": "to you",
        "hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": "to the model"},
        "terminalSequence": "\\a",
    } == told


def test_an_answer_takes_the_prompts_place() -> None:
    """An answered command is blocked with the answer as reason, and the prompt is not shown again."""
    told = json.loads(reply.encode(reply.Reply(answer="status"), "UserPromptExpansion"))

    assert ("block", "status") == (told["decision"], told["reason"])
    assert {"hookEventName": "UserPromptExpansion", "suppressOriginalPrompt": True} == told["hookSpecificOutput"]


def test_long_texts_stay_below_the_clients_limit() -> None:
    """The client replaces texts over 10,000 characters by a preview."""
    told = json.loads(reply.encode(reply.Reply("x" * 20_000), "Stop"))

    assert len(told["systemMessage"]) < 10_000


def test_a_bug_leaves_one_line_and_exit_code_0(run_python: PythonRunner, home: User) -> None:
    """When a hook fails inside, it exits 0 in silence and the log names the place; the log does not grow for ever."""
    state = home.config / "watchkeeper"
    state.mkdir()
    (state / "usage.db").mkdir()
    (state / "logs").mkdir()
    (state / "logs" / "hooks.log").write_text("x" * 300_000)

    done = run_python(*hook("post_tool_use.py"), stdin=json.dumps({"session_id": SESSION, "cwd": "/"}))

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    assert " PostToolUse " in (state / "logs" / "hooks.log").read_text()
    assert 300_000 == (state / "logs" / "hooks.log.1").stat().st_size


@pytest.mark.parametrize("name", ["usage.db", "state.db"])
def test_a_ledger_of_a_newer_version_is_left_in_silence(run_python: PythonRunner, home: User, name: str) -> None:
    """Hooks and status line say nothing and write nothing where a newer version has taken the ledger over."""
    Hooks(home).call("PostToolUse", 0.0)
    path = home.config / "watchkeeper" / name
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version=99")
    before = path.read_bytes()

    for script in ("post_tool_use.py", "stop.py", "session_start.py", "pre_compact.py", "status_line.py"):
        done = run_python(*hook(script), stdin=json.dumps({"session_id": SESSION, "cwd": "/", "source": "startup"}))

        assert (script, 0, "", "") == (script, done.returncode, done.stdout, done.stderr)
    assert before == path.read_bytes()
    assert [] == [each.name for each in path.parent.iterdir() if "set-aside" in each.name]


def test_a_folder_that_cannot_be_made_breaks_nothing(run_python: PythonRunner, home: User) -> None:
    """Without a place for the ledger a hook exits 0 in silence."""
    (home.config / "watchkeeper").write_text("a file where the folder should be")

    done = run_python(*hook("post_tool_use.py"), stdin=json.dumps({"session_id": SESSION, "cwd": "/"}))

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_the_hot_path_survives_a_log_that_cannot_be_written(home: User) -> None:
    """Where not even the log can be written, there is silence."""
    (home.config / "watchkeeper").write_text("")

    entry.log_failure("Stop", ValueError("x"), home.environ)


@pytest.mark.parametrize("environ", [{"WATCHKEEPER_OFF": "1"}], ids=["WATCHKEEPER_OFF"])
def test_switched_off_for_one_process_nothing_is_touched(
    run_python: PythonRunner, home: User, environ: dict[str, str]
) -> None:
    """`WATCHKEEPER_OFF=1` lets a hook end before it opens anything."""
    done = run_python(*hook("post_tool_use.py"), stdin=json.dumps({"session_id": SESSION}), environ=environ)

    assert (0, "") == (done.returncode, done.stdout)
    assert not (home.config / "watchkeeper").exists()


def test_jobs_run_apart() -> None:
    """A job's command names the interpreter that runs now, isolated, and the bundle's own entry."""
    command = detach.job_command(["sample", "notify=a; b"], "/b", "/usr/bin/python3")

    assert ["/usr/bin/python3", "-I", "-X", "utf8", os.path.join("/b", "lib", "watchkeeper", "__main__.py")] == command[
        :5
    ]
    assert ["job", "sample", "notify=a; b"] == command[5:]


class TestTheStatusLineThatWasThereBefore:
    """An existing status line runs on beside ours, its input and output unchanged."""

    TOLD = json.dumps({"session_id": SESSION, "model": {"display_name": "Żółć"}})

    def with_passthrough(self, home: User, command: str) -> None:
        state = home.config / "watchkeeper"
        state.mkdir()
        (state / "settings.json").write_text(json.dumps({"status_line": {"passthrough": command}}))

    def is_stored(self, home: User) -> bool:
        with Hooks(home).ledger() as ledger:
            return state.snapshot_of(ledger.state, SESSION) is not None

    def test_it_reads_what_the_client_told_and_prints_first(
        self, run_python: PythonRunner, home: User, tmp_path: Path
    ) -> None:
        """Its lines come first, byte for byte; ours follows."""
        self.with_passthrough(home, f"cat > '{tmp_path}/told'; printf '\\033[35mtheirs\\033[0m\\nsecond'")

        done = run_python(*hook("status_line.py"), stdin=self.TOLD)

        assert ["\x1b[35mtheirs\x1b[0m", "second"] == done.stdout.splitlines()[:2]
        assert "5h unknown" in done.stdout.splitlines()[2]
        assert self.TOLD == (tmp_path / "told").read_text()

    @pytest.mark.parametrize("command", ["exit 3", "no-such-program-here", "true"])
    def test_when_it_fails_ours_is_shown_alone(self, run_python: PythonRunner, home: User, command: str) -> None:
        """A status line that fails or prints nothing leaves no empty line."""
        self.with_passthrough(home, command)

        done = run_python(*hook("status_line.py"), stdin=self.TOLD)

        assert 1 == len(done.stdout.splitlines())

    def test_one_that_runs_ours_is_not_run_again(self, run_python: PythonRunner, home: User) -> None:
        """A status line that runs ours by a detour shows it once and does not go round for ever."""
        ours = shlex.join([sys.executable, *hook("status_line.py")])
        self.with_passthrough(home, f"echo theirs; {ours}")

        done = run_python(*hook("status_line.py"), stdin=self.TOLD, environ={"NO_COLOR": "1"})

        assert ["theirs", "5h unknown"] == done.stdout.splitlines()

    def test_bad_input_still_reaches_it(self, run_python: PythonRunner, home: User) -> None:
        """What we cannot read may still mean something to the other one."""
        self.with_passthrough(home, "cat")

        assert "not json\n" == run_python(*hook("status_line.py"), stdin="not json").stdout

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
    def test_one_that_takes_too_long_is_ended_with_what_it_started(
        self, real_processes: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When its time is up nothing of it goes on running, not what it left in the background either."""
        monkeypatch.setattr(passthrough, "TIMEOUT_S", 0.2)
        held = tmp_path / "held"
        os.mkfifo(held)

        line = passthrough.OtherLine(f"exec 3> '{held}'; sleep 300 & sleep 300", b"{}")
        with held.open("rb") as reading:
            assert b"" == line.output()
            # It ends when the last process that could write to it has.
            assert b"" == reading.read()

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
    def test_it_ends_with_ours(self, real_processes: User, tmp_path: Path) -> None:
        """When the client ends our status line nothing of the other one goes on running."""
        held = tmp_path / "held"
        os.mkfifo(held)
        self.with_passthrough(real_processes, f"exec 3> '{held}'; sleep 300 & sleep 300")
        command = [sys.executable, *hook("status_line.py")]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=real_processes.environ, start_new_session=True
        ) as ours:
            assert ours.stdin is not None
            ours.stdin.write(self.TOLD.encode())
            ours.stdin.close()
            with held.open("rb") as reading:
                # What the client told is stored before the other line is waited for.
                while ours.poll() is None and not self.is_stored(real_processes):
                    time.sleep(0.01)
                os.killpg(ours.pid, signal.SIGTERM)
                assert b"" == reading.read()

    @pytest.mark.parametrize(("system", "shell"), [("posix", "/bin/sh"), ("nt", "bash")])
    def test_it_runs_as_the_client_runs_it(self, system: str, shell: str) -> None:
        """The client hands a status line to sh, on Windows to Git Bash."""
        assert [shell, "-c", "my line"] == passthrough.shell_command("my line", system)


def test_the_status_line_exits_0_whatever_it_is_given(run_python: PythonRunner) -> None:
    """No input makes the status line fail or print an error."""
    for told in ("", "null", "[1]", "{", "\\udcff"):
        done = run_python(*hook("status_line.py"), stdin=told, executable=sys.executable)

        assert (0, "") == (done.returncode, done.stderr)
