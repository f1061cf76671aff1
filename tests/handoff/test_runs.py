from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.handoff.transcript import Transcript
from watchkeeper.handoff.model import CommandRun
from watchkeeper.handoff.runs import Runs, last_check


def told(transcript: Transcript) -> tuple[CommandRun, ...]:
    runs = Runs()
    for line in transcript.path.read_text(encoding="utf-8").splitlines():
        runs.take(json.loads(line))
    return runs.told()


@pytest.fixture
def transcript(tmp_path: Path) -> Transcript:
    return Transcript(tmp_path / "session.jsonl")


@pytest.mark.parametrize(
    ("command", "output", "failed", "outcome", "detail"),
    [
        ("pytest -q", "..F\n==== 1 failed, 2 passed in 0.1s ====", True, "failed", "1 failed, 2 passed in 0.1s"),
        ("pytest -q | tail", "1 failed, 2 passed", False, "failed", "1 failed, 2 passed"),
        ("npm test", "Tests:  15 passed, 15 total", False, "passed", "Tests: 15 passed, 15 total"),
        ("python -m unittest", "Ran 1 test\n\nFAILED (errors=1)", True, "failed", "FAILED (errors=1)"),
        ("cargo test", "\x1b[31merror[E0425]\x1b[0m: not found", True, "failed", "error[E0425]: not found"),
        ("go build ./...", "", False, "passed", ""),
    ],
    ids=["pytest", "behind a pipe", "npm", "unittest", "colours", "silent"],
)
def test_checks(transcript: Transcript, command: str, output: str, failed: bool, outcome: str, detail: str) -> None:
    """How a check ended is read from its result and, where a pipe hides that, from its words."""
    transcript.ran(command, f"Exit code 1\n{output}" if failed else output, failed)

    run = told(transcript)[0]

    assert (command, outcome) == (run.command, run.outcome)
    assert detail in run.detail


def test_the_last_run_counts(transcript: Transcript) -> None:
    """A command that failed and then passed has passed."""
    transcript.ran("pytest", "1 failed", failed=True).ran("ls", "a").ran("pytest", "1 passed")

    assert (CommandRun(command="pytest", outcome="passed", detail="1 passed"),) == told(transcript)


def test_failures_that_matter(transcript: Transcript) -> None:
    """Other failing commands are told after the checks; searches that found nothing are not."""
    transcript.ran("grep x y", "Exit code 1", failed=True)
    transcript.ran("cd src && rg nothing", "Exit code 1", failed=True)
    transcript.ran("docker compose up -d", "Exit code 1\nCannot connect to the daemon", failed=True)
    transcript.ran("make lint", "3 errors", failed=True)

    assert ["make lint", "docker compose up -d"] == [run.command for run in told(transcript)]


@pytest.mark.parametrize(
    "refusal", ["The user doesn't want to proceed with this tool use.", "<tool_use_error>Blocked</tool_use_error>"]
)
def test_refused_commands_never_ran(transcript: Transcript, refusal: str) -> None:
    """A call that the user or the client refused is no failure."""
    transcript.ran("npm test", refusal, failed=True)

    assert () == told(transcript)


def test_tests_in_a_line() -> None:
    """The latest check says how the tests stand."""
    runs = [
        CommandRun(command="docker up", outcome="failed", detail="no"),
        CommandRun(command="pytest", outcome="failed", detail="1 failed, 2 passed"),
    ]

    assert "failed: 1 failed, 2 passed" == last_check(runs)
    assert "" == last_check(runs[:1])
