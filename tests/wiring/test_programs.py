from __future__ import annotations

import sys

import pytest

from tests.support.environment import User
from watchkeeper.wiring import programs


def test_a_program_runs_to_its_end(real_processes: User) -> None:
    """Exit code and both streams come back, in the environment and the folder that were given."""
    script = (
        "import os, sys; print(os.environ['WORD'], os.getcwd(), flush=True); sys.stderr.write('oops\\n'); sys.exit(3)"
    )

    done = programs.run(
        [sys.executable, "-c", script],
        environ={**real_processes.environ, "WORD": "wörd $(x)"},
        folder=str(real_processes.config),
    )

    assert programs.Completed(3, f"wörd $(x) {real_processes.config}\noops\n") == done
    assert "oops" == done.reason


def test_each_line_is_heard(real_processes: User) -> None:
    """Whoever listens hears every line as it comes, and the whole output is there at the end."""
    heard: list[str] = []

    done = programs.run([sys.executable, "-c", "print('one'); print('two')"], on_line=heard.append)

    assert (["one", "two"], "one\ntwo\n") == (heard, done.output)


def test_a_missing_program_is_no_exception(real_processes: User) -> None:
    """A program that cannot be started has an exit code and a reason."""
    done = programs.run([str(real_processes.home / "no-such-program")])

    assert programs.NOT_STARTED == done.returncode
    assert "No such file" in done.reason


def test_a_program_that_hangs_is_ended(real_processes: User) -> None:
    """After its time a program is ended, and the result says so."""
    done = programs.run([sys.executable, "-c", "import time; time.sleep(600)"], timeout_s=0.1)

    assert (programs.TIMED_OUT, "timed out after 0.1 s") == (done.returncode, done.reason)


def test_a_program_gets_no_input(real_processes: User) -> None:
    """A program that asks gets nothing to read, instead of the user's terminal."""
    done = programs.run([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"])

    assert "''\n" == done.output


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("working\noops\n\n", "oops"),
        ("error: no such package\nhint: look elsewhere\n", "error: no such package"),
        ("ERROR: first\nERROR: second\n[notice] newer pip\n", "ERROR: second"),
        (" \n", "exit code 9"),
    ],
)
def test_the_reason_of_a_failure(output: str, reason: str) -> None:
    """A failure is named by what calls itself an error, else by the last words, else by the exit code."""
    assert reason == programs.Completed(9, output).reason
