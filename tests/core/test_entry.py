"""Tests of core/entry.py, core/reply.py, core/detach.py and core/passthrough.py: where a hook meets the world."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from tests.support.watching import SESSION
from watchkeeper.core import detach, entry, passthrough, reply

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

    @pytest.mark.parametrize(("system", "shell"), [("posix", "/bin/sh"), ("nt", "bash")])
    def test_it_runs_as_the_client_runs_it(self, system: str, shell: str) -> None:
        """The client hands a status line to sh, on Windows to Git Bash."""
        assert [shell, "-c", "my line"] == passthrough.shell_command("my line", system)


def test_the_status_line_exits_0_whatever_it_is_given(run_python: PythonRunner) -> None:
    """No input makes the status line fail or print an error."""
    for told in ("", "null", "[1]", "{", "\\udcff"):
        done = run_python(*hook("status_line.py"), stdin=told, executable=sys.executable)

        assert (0, "") == (done.returncode, done.stderr)
