"""The composition's parts add up to what was measured, with counts, files and tools."""

from __future__ import annotations

from tests.context.transcript import Call, Transcript, numbered, thought
from watchkeeper.context import composition, items, measure, opportunities
from watchkeeper.context.composition import Composition, Named


def composed(told: Transcript) -> Composition:
    reading = items.take_apart(told.records)
    return composition.compose(reading, measure.measure(reading), opportunities.spare_items(reading))


def worked() -> Transcript:
    told = Transcript()
    told.attachment("instructions", "Always be kind.")
    told.prompt("Read it")
    told.read(20_000, "/home/dev/project/a.py", numbered(200))
    told.read(23_000, "/home/dev/project/a.py", numbered(201))
    told.bash(26_000, "make test", numbered(100))
    told.bash(28_000, "make test", numbered(100))
    (call,) = told.respond(30_000, thought("Hm."), Call("Write", {"file_path": "/b.py", "content": numbered(50)}))
    told.result(call, "The file was created.")
    told.prompt("Good")
    told.respond(31_000, "Thanks")
    return told


def test_parts_add_up_to_the_token() -> None:
    """Whole numbers that make exactly what the last response read."""
    found = composed(worked())

    assert 31_000 == found.total_tokens == sum(part.tokens for part in found.parts)
    assert "measured" == found.source
    assert all(part.tokens >= 0 for part in found.parts)


def test_counts_are_what_a_person_counts() -> None:
    """Reads, results, exchanges, thoughts and calls that write."""
    counts = {part.part: part.number for part in composed(worked()).parts}

    expected = {
        "system": 1,
        "memory": 1,
        "file_reads": 2,
        "tool_results": 3,
        "conversation": 2,
        "thinking": 1,
        "code": 1,
    }
    assert expected == counts


def test_files_and_tools_say_what_is_outdated() -> None:
    """A file read twice has a superseded half, a tool that said the same twice a double one."""
    found = composed(worked())

    (file,) = found.files
    assert ("/home/dev/project/a.py", 2) == (file.name, file.number)
    assert 0.4 * file.tokens < file.spare_tokens < 0.6 * file.tokens
    bash, write = found.tools
    assert [("Bash", 2), ("Write", 1)] == [(tool.name, tool.number) for tool in (bash, write)]
    assert 0.4 * bash.tokens < bash.spare_tokens < 0.6 * bash.tokens
    assert 0 == write.spare_tokens


def test_without_a_response_the_sum_is_an_estimate() -> None:
    """Then the parts make up the total, and nothing is pending."""
    told = Transcript()
    told.compact(150_000, "What was said.")
    told.attachment("file", numbered(50), filename="/a.py")

    found = composed(told)

    assert ("estimated", 0) == (found.source, found.pending_tokens)
    assert found.total_tokens == sum(part.tokens for part in found.parts) > 0
    assert (Named("/a.py", found.files[0].tokens, 1, 0),) == found.files


def test_nothing_is_nothing() -> None:
    """An empty chain has no parts but the system's."""
    found = composed(Transcript())

    assert (0, ["system"]) == (found.total_tokens, [part.part for part in found.parts])
