"""Reading from transcripts what calls grew the context by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.quota.records import assistant, results
from watchkeeper.quota import growth_steps
from watchkeeper.quota.growth_steps import Call, Step, steps_in

USER = {"type": "user", "message": {"role": "user", "content": "and now this"}}
BASH = ("t1", "Bash", {"command": "ls"})
READ = ("t2", "Read", {"file_path": "/a"})
CUT = {"type": "system", "subtype": "compact_boundary"}


def test_a_step_is_what_lies_between_two_responses() -> None:
    """A response's calls, over several records, their results and the next response's context make a step."""
    records = [
        assistant("a", 1000, BASH),
        {"type": "attachment"},
        assistant("a", 1010, READ),
        results(t1="hello"),
        results(t2=[{"type": "text", "text": "1\tx"}]),
        assistant("b", 1500),
    ]

    calls = (Call("Bash", 15, 5, 0), Call("Read", 17, 3, 0))
    assert [Step("a", calls, 490)] == list(steps_in(records))


@pytest.mark.parametrize(
    "records",
    [
        [assistant("a", 1000, BASH), assistant("b", 1500)],
        [assistant("a", 1000, BASH, READ), results(t1="x"), assistant("b", 1500)],
        [assistant("a", 1000, BASH), results(t1="x"), USER, assistant("b", 1500)],
        [assistant("a", 1000, BASH), results(t1="x"), CUT, assistant("b", 1500)],
        [assistant("a", 1000, BASH), results(t9="x"), assistant("b", 1500)],
        [assistant("a", 1000, BASH), results(t1="x"), assistant("b", 1500, isApiErrorMessage=True)],
        [assistant("a", 1000, BASH), results(t1="x")],
        [assistant("a", 1000, BASH, isSidechain=True), results(t1="x"), assistant("b", 1500)],
        [assistant("a", 1000), USER, assistant("b", 1500)],
        [None, 5, [], {"type": "assistant"}, {"type": "user", "message": {"content": [None]}}],
    ],
    ids=[
        "no result",
        "one of two results",
        "the user wrote",
        "compacted",
        "a foreign result",
        "an error",
        "no response yet",
        "a sub-agent",
        "no call",
        "no records",
    ],
)
def test_other_spans_are_no_steps(records: list[Any]) -> None:
    """Where something else grew the context, or the measure is missing, nothing is learned."""
    assert [] == list(steps_in(records))


def test_a_long_transcript_is_read_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long file the last part is read, from its first whole line on."""
    monkeypatch.setattr(growth_steps, "MOST_FILE_BYTES", 24)
    (tmp_path / "long.jsonl").write_text('{"a": 1}\n{"b": 22222222}\n{"c": 3}\n', encoding="utf-8")

    assert [{"c": 3}] == list(growth_steps.read_records(str(tmp_path / "long.jsonl")))
