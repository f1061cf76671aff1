"""Items take what responses have measured, and everything together is exactly what the last one read."""

from __future__ import annotations

import pytest

from tests.context.transcript import Call, Transcript, numbered, thought
from watchkeeper.context import items, measure
from watchkeeper.context.measure import Measured


def measured(told: Transcript) -> tuple[items.Reading, Measured]:
    reading = items.take_apart(told.records)
    return reading, measure.measure(reading)


def tokens_of(told: Transcript, name: str) -> list[float]:
    reading, found = measured(told)
    return [found.tokens[place] for place, item in enumerate(reading.items) if item.name == name]


def test_a_step_is_shared_out_by_length() -> None:
    """What the context grew by goes to what was said between two responses, in the ratio of expectations."""
    told = Transcript()
    told.prompt("Look")
    first, second = told.respond(10_000, Call("Bash", {"command": "a"}), Call("Grep", {"pattern": "b"}))
    told.result(first, numbered(300))
    told.result(second, numbered(100))
    told.respond(18_000, "Done")

    _, found = measured(told)

    assert 8_000 == pytest.approx(sum(found.tokens[1:5]))
    assert 3.0 == pytest.approx(found.tokens[3] / found.tokens[4], rel=0.05)
    assert (18_000, 0.0) == (found.total_tokens, found.rest_tokens)
    assert 18_000 == pytest.approx(found.system_tokens + sum(found.tokens[: found.items_read]))


def test_what_was_there_at_first_is_system_and_tools() -> None:
    """The first response's context less what was said before it."""
    told = Transcript()
    told.prompt("Look")
    told.respond(20_000, "Yes")

    _, found = measured(told)

    assert 20_000 == pytest.approx(found.system_tokens + found.tokens[0])
    assert 0 < found.tokens[0] < 20


def test_what_cannot_have_been_said_is_the_rest() -> None:
    """Growth far beyond what stands in the transcript is shown as such."""
    told = Transcript()
    told.prompt("Look")
    told.bash(10_000, "ls", "a.py")
    told.respond(30_000, "Done")

    _, found = measured(told)

    assert 19_000 < found.rest_tokens < 20_000


def test_tools_that_were_found_belong_to_the_tools() -> None:
    """What ToolSearch makes available is described to the model from then on."""
    told = Transcript()
    told.prompt("Look")
    (call,) = told.respond(10_000, Call("ToolSearch", {"query": "select:Monitor"}))
    told.result(call, [{"type": "tool_reference", "tool_name": "Monitor"}])
    told.respond(16_000, "Done")

    _, found = measured(told)

    assert 15_000 < found.system_tokens < 16_000
    assert 0.0 == found.rest_tokens


def test_thoughts_that_were_dropped_weigh_nothing() -> None:
    """Some models forget what they thought when the user speaks again: that is taken from the thoughts alone."""
    told = Transcript()
    told.prompt("Look")
    told.respond(10_000, thought("I wonder. " * 400), "Seen")
    told.prompt("Go on")
    told.respond(10_030, thought("I wonder. " * 400), "Done")
    told.prompt("And now?")
    told.respond(10_060, "Done")

    reading, found = measured(told)

    thoughts = [found.tokens[place] for place, item in enumerate(reading.items) if item.part == "thinking"]
    assert [0.0, 0.0] == pytest.approx(thoughts, abs=40)
    assert 9_900 < found.system_tokens < 10_000


def test_results_that_were_cleared_weigh_next_to_nothing() -> None:
    """After a micro-compaction the emptied results free what they took, and others do not."""
    told = Transcript()
    told.prompt("Look")
    cleared = told.bash(10_000, "one", numbered(300))
    told.bash(14_000, "two", numbered(300))
    told.respond(18_000, "Seen")
    told.add("system", subtype="microcompact_boundary", microcompactMetadata={"compactedToolIds": [cleared]})
    told.prompt("Go on")
    told.respond(14_100, "Done")

    reading, found = measured(told)

    first, second = (found.tokens[result.item] for result in reading.results)
    assert first <= 20
    assert 3_500 < second < 4_100


def test_what_went_without_a_word_is_taken_from_results() -> None:
    """A drop that nothing explains shrinks results and reads, so that the sum stays right."""
    told = Transcript()
    told.prompt("Look")
    told.bash(10_000, "one", numbered(600))
    told.respond(20_000, "Seen")
    told.bash(15_000, "two", "ok")
    told.respond(15_100, "Done")

    _, found = measured(told)

    assert tokens_of(told, "Bash")[1] == pytest.approx(4_900, rel=0.1)
    assert 15_100 == pytest.approx(found.system_tokens + sum(found.tokens[: found.items_read]))
    assert 0.0 == found.rest_tokens


def test_what_came_after_the_last_response_is_pending() -> None:
    """Its own words and what they led to are not measured yet."""
    told = Transcript()
    told.prompt("Look")
    told.bash(10_000, "one", numbered(100))

    _, found = measured(told)

    assert 1 == found.items_read
    assert 1_000 < found.pending_tokens < 2_000


def test_without_a_response_all_is_an_estimate() -> None:
    """Right after a compaction nothing is measured."""
    told = Transcript()
    told.compact(150_000, "What was said.")

    _, found = measured(told)

    assert (None, 0.0, 0) == (found.total_tokens, found.system_tokens, found.items_read)
    assert found.tokens[0] > 0


def test_what_was_measured_before_a_compaction_says_nothing_after_it() -> None:
    """A response that the compaction preserved read the context before it."""
    told = Transcript()
    told.prompt("Look")
    told.respond(150_000, "Seen")
    kept = str(told.last)
    told.compact(150_000, "What was said.", [kept])
    records = [*told.records[2:], told.records[1]]

    reading = items.take_apart(records, {kept})

    assert () == reading.responses
    assert 30_000.0 == measure.measure(reading, 30_000.0).system_tokens


def test_less_than_was_said_before_it() -> None:
    """A first response that read less than its prompt's length lets expect leaves nothing for the system."""
    told = Transcript()
    told.prompt("x" * 100_000)
    told.respond(9_000, "Long")

    _, found = measured(told)

    assert 0.0 == found.system_tokens
    assert 9_000 == pytest.approx(found.tokens[0])
