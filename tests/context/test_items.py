"""A chain is taken apart into what the model reads."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.context.transcript import BEGAN_AT, Call, Transcript, numbered, thought
from watchkeeper.context import items
from watchkeeper.context.items import Reading


def parts(reading: Reading) -> list[tuple[str, str]]:
    return [(item.part, item.name) for item in reading.items]


def test_every_kind_of_record_has_its_part() -> None:
    """Prompts, answers, thoughts, calls, results and attachments go where a person looks for them."""
    told = Transcript()
    told.attachment("instructions", "Always be kind.")
    told.attachment("hook_additional_context", "Quota is low.")
    told.attachment("prompt_snapshot", systemPrompt="x" * 9_000)
    told.attachment("file", "line 1", filename="/home/dev/project/note.md")
    told.prompt("This is how it is.", isMeta=True)
    told.prompt("Hello")
    told.read(10_000, "/home/dev/project/a.py", numbered(3))
    told.bash(11_000, "make test", "ok")
    written, missing = told.respond(
        12_000, thought("Hm."), "Writing", Call("Write", {"file_path": "/b.py", "content": "new"}), Call("Read", {})
    )
    told.result(written, "The file was created.")
    told.result(missing, "No such file.", is_error=True)

    reading = items.take_apart(told.records)

    assert [
        ("memory", "instructions"),
        ("hooks", "hook_additional_context"),
        ("file_reads", "/home/dev/project/note.md"),
        ("memory", ""),
        ("conversation", ""),
        ("file_reads", "/home/dev/project/a.py"),
        ("file_reads", "/home/dev/project/a.py"),
        ("tool_results", "Bash"),
        ("tool_results", "Bash"),
        ("thinking", ""),
        ("conversation", ""),
        ("code", "Write"),
        ("file_reads", ""),
        ("tool_results", "Write"),
        ("tool_results", "Read"),
    ] == parts(reading)
    assert (4,) == reading.prompts
    assert (5, 7, 11, 12) == reading.calls


def test_responses_are_measured_once() -> None:
    """The records of one response make one, with the context that it could read; errors of the API are none."""
    told = Transcript()
    told.prompt("Hello")
    told.respond(10_000, thought("Hm."), "Hello", usage={"cache_creation": {"ephemeral_1h_input_tokens": 5}})
    told.respond(0, "API Error: overloaded", isApiErrorMessage=True)
    told.prompt("Go on")
    told.respond(12_000, "Done")

    reading = items.take_apart(told.records)

    assert [(1, 10_000, 3_600.0), (4, 12_000, 300.0)] == [
        (each.item, each.context_tokens, each.cache_s) for each in reading.responses
    ]
    assert BEGAN_AT + 2 == reading.responses[0].at


def test_what_a_person_typed() -> None:
    """Commands, their outputs, interruptions and summaries were not typed; what was queued was."""
    told = Transcript()
    told.compact(150_000, "What was said.")
    for text in (
        "<command-name>/compact</command-name>",
        "<local-command-stdout>Compacted</local-command-stdout>",
        "[Request interrupted by user]",
        "Now the tests",
    ):
        told.prompt(text)
    told.attachment("queued_command", "And lint", commandMode="prompt")
    told.attachment("queued_command", "<task-notification>done</task-notification>", commandMode="task-notification")

    reading = items.take_apart(told.records)

    assert (4, 5) == reading.prompts
    assert [("summary", ""), *[("conversation", "")] * 5, ("tool_results", "Agent")] == parts(reading)


@pytest.mark.parametrize(
    ("asked", "file", "expected"),
    [
        pytest.param({}, {"startLine": 1, "numLines": 30, "totalLines": 30}, (1, math.inf), id="the whole file"),
        pytest.param({}, {"startLine": 11, "numLines": 5, "totalLines": 30}, (11, 15), id="some lines"),
        pytest.param({}, {"startLine": 26, "numLines": 5, "totalLines": 30}, (26, math.inf), id="its end"),
        pytest.param({"offset": 11, "limit": 5}, None, (11, 15), id="as asked for"),
        pytest.param({"offset": 11}, None, (11, math.inf), id="from there on"),
        pytest.param({"offset": "11", "limit": -5}, {"startLine": None}, (1, math.inf), id="nonsense"),
    ],
)
def test_lines_of_a_read(asked: dict[str, Any], file: dict[str, Any] | None, expected: tuple[int, float]) -> None:
    """Which lines were read is what the client says, else what was asked for."""
    told = Transcript()
    (call,) = told.respond(10_000, Call("Read", {"file_path": "/a.py", **asked}))
    told.result(call, "text", response={"type": "text", "file": file} if file else "text")

    (result,) = items.take_apart(told.records).results

    assert expected == (result.first_line, result.last_line)


def test_results_tell_what_they_are() -> None:
    """Tool, target, size and sameness of a result are known; one that brings tools along cannot be replaced."""
    told = Transcript()
    told.bash(10_000, "make   test\nmake lint", numbered(3))
    told.bash(10_500, "make test", numbered(3))
    (found,) = told.respond(11_000, Call("ToolSearch", {"query": "select:Monitor"}))
    told.result(found, [{"type": "tool_reference", "tool_name": "Monitor"}])
    (seen,) = told.respond(11_500, Call("Read", {"file_path": "/a.png"}))
    told.result(seen, [{"type": "image", "source": {}}])

    first, second, third, fourth = items.take_apart(told.records).results

    assert ("Bash", "make test make lint", 3, len(numbered(3))) == (
        first.tool,
        first.target,
        first.lines,
        first.characters,
    )
    assert first.digest == second.digest != 0
    assert (True, False, True) == (first.is_replaceable, third.is_replaceable, fourth.is_replaceable)
    assert 0 == fourth.digest


def test_what_the_client_cleared_is_noted() -> None:
    """A micro-compaction names the calls whose results it has emptied."""
    told = Transcript()
    call = told.bash(10_000, "ls", "a.py")
    told.add("system", subtype="microcompact_boundary", microcompactMetadata={"compactedToolIds": [call, 7]})

    (clearing,) = items.take_apart(told.records).clearings

    assert (2, frozenset({call})) == (clearing.item, clearing.call_ids)


@pytest.mark.parametrize(
    "record",
    [
        {"type": "user", "message": None},
        {"type": "user", "message": {"content": [None, 3, {"type": "tool_result"}, {"type": "text", "text": None}]}},
        {
            "type": "assistant",
            "message": {"content": [{"type": "tool_use"}, {"type": "odd"}], "usage": {"input_tokens": None}},
        },
        {"type": "assistant", "message": {"content": "plain", "usage": "none"}},
        {"type": "attachment", "attachment": "none"},
        {"type": "attachment", "attachment": {"type": 3, "deep": [[["x"]]]}, "rendered": 5},
        {"type": "system", "microcompactMetadata": {"compactedToolIds": "all"}},
        {"type": ["user"], "message": {}},
        {},
    ],
    ids=str,
)
def test_odd_records_do_no_harm(record: dict[str, Any]) -> None:
    """Whatever a record holds, taking it apart ends well."""
    items.take_apart([record])
