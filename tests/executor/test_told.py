"""What a run says while it works, to a terminal, to a file, and to nobody."""

from __future__ import annotations

import io

import pytest

from tests.support.clock import NOON
from watchkeeper.executor import Task
from watchkeeper.executor.order import DONE, INTERRUPTED, WAITING
from watchkeeper.executor.outcome import Outcome
from watchkeeper.executor.run_record import RunRecord, begun
from watchkeeper.executor.told import Bar, Lines, Listener, outcome_words


@pytest.fixture
def record() -> RunRecord:
    return begun("r", "", [Task(id="a", name="First", command=("true",)), Task(id="b", command=("true",))], NOON)


def tell(listener: Listener, record: RunRecord) -> None:
    listener.started(record.tasks[0], record)
    listener.said("Waiting: [bold]warm[/bold].")
    listener.ended(Outcome("a", DONE, duration_s=90.0, tokens_used=1_234), record)
    listener.close()


def test_lines(record: RunRecord) -> None:
    """Each thing that happens is a line."""
    stream = io.StringIO()
    tell(Lines(stream), record)

    assert stream.getvalue().splitlines() == [
        "1/2  a  First",
        "Waiting: [bold]warm[/bold].",
        "      done, after 1m, 1,234 tokens",
    ]


def test_lines_go_above_the_bar(record: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the bar's line is cleared before anything is printed, and what is printed is no markup."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    tell(Bar(stream), record)
    before, _, after = stream.getvalue().partition("Waiting: [bold]warm[/bold].")

    assert before.endswith("\x1b[2K")
    assert "a: done, after 1m, 1,234 tokens\n" in after


def test_nobody_listens_any_more(record: RunRecord) -> None:
    """A pipe that was closed ends no work."""

    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    tell(Lines(Closed()), record)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome("a", WAITING, "overloaded"), "to be tried again, after 0s: overloaded"),
        (Outcome("a", INTERRUPTED, "x", peak_ram_gb=0.25, peak_temp_c=70.4), "interrupted, after 0s, 256 MB, 70 °C: x"),
    ],
    ids=["again", "peaks"],
)
def test_outcome_words(outcome: Outcome, expected: str) -> None:
    """How a task went is one line: state, time, tokens, peaks, reason, as far as they are known."""
    assert expected == outcome_words(outcome)
