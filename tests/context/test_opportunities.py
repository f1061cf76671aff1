"""What could be left out is what is missed least, and never what is recent, dear or relied on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.context.transcript import Call, Transcript, numbered
from watchkeeper.context import items, measure, opportunities
from watchkeeper.context.opportunities import Candidate

LONG = numbered(300)
A, B = "/home/dev/project/a.py", "/home/dev/project/b.py"


def found_in(told: Transcript, keep_recent: int = 0) -> list[Candidate]:
    reading = items.take_apart(told.records)
    return opportunities.candidates(reading, measure.measure(reading), keep_recent)


def kinds(told: Transcript, keep_recent: int = 0) -> list[tuple[str, str]]:
    return [(each.kind, each.result.call_id) for each in found_in(told, keep_recent)]


@pytest.mark.parametrize(
    ("first", "second", "is_superseded"),
    [
        pytest.param((1, True), (1, True), True, id="the whole file again"),
        pytest.param((50, False), (1, True), True, id="lines, then the whole file"),
        pytest.param((50, False), (50, False), True, id="the same lines again"),
        pytest.param((1, True), (50, False), False, id="the whole file, then lines"),
        pytest.param((50, False), (900, False), False, id="other lines"),
    ],
)
def test_superseded_reads(first: tuple[int, bool], second: tuple[int, bool], is_superseded: bool) -> None:
    """A read is outdated when all its lines were read again later."""
    told = Transcript()
    told.prompt("Read")
    early = told.read(10_000, A, LONG, *first)
    late = told.read(14_000, A, numbered(300, "row"), *second)
    told.respond(18_000, "Done")

    expected = [("superseded_reads" if is_superseded else "old_reads", early), ("old_reads", late)]
    assert sorted(expected) == sorted(kinds(told))


def test_writing_a_file_anew_outdates_its_reads() -> None:
    """After a Write the model knows all of the file; after an Edit it does not."""
    told = Transcript()
    told.prompt("Write")
    early = told.read(10_000, A, LONG)
    other = told.read(14_000, B, numbered(300, "row"))
    write, edit = told.respond(18_000, Call("Write", {"file_path": A}), Call("Edit", {"file_path": B}))
    told.result(write, "ok")
    told.result(edit, "ok")
    told.respond(18_100, "Done")

    assert [("superseded_reads", early), ("old_reads", other)] == kinds(told)


def test_duplicates_and_large_outputs() -> None:
    """What a tool said again later is double; what is large goes after that; what is small stays."""
    told = Transcript()
    told.prompt("Run")
    double = told.bash(10_000, "make test", numbered(40))
    large = told.bash(11_000, "make all", LONG)
    told.bash(15_000, "make test", numbered(40))
    told.bash(16_000, "ls", "a.py")
    told.respond(16_100, "Done")

    assert [("duplicate_results", double), ("large_outputs", large)] == kinds(told)


def test_recent_results_stay() -> None:
    """The latest results are kept whatever they are."""
    told = Transcript()
    told.prompt("Run")
    calls = [told.bash(10_000 + 4_000 * number, f"make {number}", numbered(300, f"w{number}")) for number in range(5)]
    told.respond(30_000, "Done")

    assert [("large_outputs", call) for call in calls[:3]] == kinds(told, keep_recent=2)
    assert [] == kinds(told, keep_recent=5)
    assert [] == kinds(told, keep_recent=50)


def test_recent_reads_stay_by_when_the_file_was_touched() -> None:
    """A file that was edited a moment ago is current work, however long ago it was read."""
    told = Transcript()
    told.prompt("Read")
    worked_on = told.read(10_000, A, LONG)
    forgotten = told.read(14_000, B, numbered(300, "row"))
    (edit,) = told.respond(18_000, Call("Edit", {"file_path": A}))
    told.result(edit, "ok")
    told.respond(18_100, "Done")

    assert [("old_reads", forgotten)] == kinds(told, keep_recent=1)
    assert worked_on not in [call for _, call in kinds(told, keep_recent=1)]


@pytest.mark.parametrize("tool", ["Agent", "AskUserQuestion", "ExitPlanMode", "Skill", "ToolSearch"])
def test_what_is_dear_stays(tool: str) -> None:
    """What another model worked out or a person decided is not left out."""
    told = Transcript()
    told.prompt("Ask")
    (call,) = told.respond(10_000, Call(tool, {"prompt": "Look"}))
    told.result(call, LONG)
    told.respond(14_000, "Done")

    assert [] == kinds(told)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param([{"type": "tool_reference", "tool_name": "X"}, {"type": "text", "text": LONG}], id="tools"),
        pytest.param([{"type": "odd", "text": LONG}], id="an unknown block"),
        pytest.param([], id="nothing"),
    ],
)
def test_what_cannot_be_replaced_stays(content: list[dict[str, Any]]) -> None:
    """A result that is more than text and pictures is left as it is."""
    told = Transcript()
    told.prompt("Run")
    (call,) = told.respond(10_000, Call("Bash", {"command": "x"}))
    told.result(call, content)
    told.respond(14_000, "Done")

    assert [] == kinds(told)


def test_what_a_later_result_refers_to_stays() -> None:
    """Where the client says that a file is unchanged, the earlier read is all there is."""
    told = Transcript()
    told.prompt("Read")
    told.read(10_000, A, LONG)
    told.read(14_000, A, "File unchanged since it was read: see there.")
    told.respond(14_100, "Done")

    assert [] == kinds(told)


def test_a_failed_read_is_no_read() -> None:
    """An error of Read outdates nothing."""
    told = Transcript()
    told.prompt("Read")
    early = told.read(10_000, A, LONG)
    (call,) = told.respond(14_000, Call("Read", {"file_path": A}))
    told.result(call, "It is gone.", is_error=True)
    told.respond(14_100, "Done")

    assert [("old_reads", early)] == kinds(told)


def test_sums_by_kind_and_old_exchanges() -> None:
    """Each kind tells what it would free; exchanges long past are a compaction's to free."""
    told = Transcript()
    for number in range(4):
        told.prompt(f"Question {number} " + "why " * 100)
        told.bash(10_000 + 4_000 * number, f"make {number}", numbered(300, f"w{number}"))
    told.respond(30_000, "Done")
    reading = items.take_apart(told.records)
    measured = measure.measure(reading)
    found = opportunities.candidates(reading, measured, 1)

    large, exchanges = opportunities.opportunities(reading, measured, found, 1)

    assert ("large_outputs", 3) == (large.kind, large.number)
    assert large.tokens == round(sum(each.saved_tokens for each in found))
    assert ("old_exchanges", 3) == (exchanges.kind, exchanges.number)
    assert 300 < exchanges.tokens < 1_000
