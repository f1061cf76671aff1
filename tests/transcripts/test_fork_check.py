"""The proof finds every way in which a pruned copy could be unfaithful."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.context.transcript import SESSION, Call, Transcript, numbered, thought
from watchkeeper.transcripts import chain, fork, fork_check

NEW = "11111111-2222-4333-8444-555555555555"
STUB = "[Left out: a note.]"
Records = list[dict[str, Any]]


def session() -> tuple[Transcript, dict[str, str]]:
    """A session with a compaction, parallel calls and thinking, and what is to be left out of it."""
    told = Transcript()
    told.prompt("Read")
    told.read(10_000, "/home/dev/project/a.py", numbered(30))
    told.respond(14_000, "Read it")
    told.compact(150_000, "Summary", [str(told.last)])
    told.line({"type": "last-prompt", "lastPrompt": "Read", "leafUuid": told.last, "sessionId": SESSION})
    told.prompt("Look")
    first, second = told.respond(
        20_000, thought("Both."), Call("Bash", {"command": "a"}), Call("Bash", {"command": "b"})
    )
    told.result(second, numbered(40))
    told.result(first, numbered(50), response={"stdout": "as it was"})
    told.bash(24_000, "make test", "ok")
    told.respond(25_000, thought("Good."), "Done")
    return told, {first: STUB}


def _of(records: Records, kind: str, place: int = 0) -> dict[str, Any]:
    return [record for record in records if record["type"] == kind][place]


def _stubbed(records: Records) -> dict[str, Any]:
    for record in records:
        content = record.get("message", {}).get("content")
        for block in content if isinstance(content, list) else []:
            if block.get("content") == STUB:
                return {"record": record, "block": block}
    raise LookupError(STUB)


def drop_a_record(records: Records) -> None:
    del records[4]


def drop_the_last(records: Records) -> None:
    del records[-2]


def swap_two(records: Records) -> None:
    records[2], records[3] = records[3], records[2]


def repeat_one(records: Records) -> None:
    records.insert(3, copy.deepcopy(records[2]))


def add_a_record(records: Records) -> None:
    records.append({"type": "user", "uuid": "x", "sessionId": NEW, "message": {"role": "user", "content": "Hi"}})


def change_a_word(records: Records) -> None:
    _of(records, "user")["message"]["content"] = "Write"


def change_a_thought(records: Records) -> None:
    for record in records:
        content = record.get("message", {}).get("content")
        if isinstance(content, list) and content[0]["type"] == "thinking":
            content[0]["signature"] += "x"


def change_a_call(records: Records) -> None:
    for record in records:
        content = record.get("message", {}).get("content")
        if isinstance(content, list) and content[0]["type"] == "tool_use":
            content[0]["id"] += "x"


def empty_a_message(records: Records) -> None:
    _of(records, "assistant")["message"]["content"] = []


def empty_the_stub(records: Records) -> None:
    _stubbed(records)["block"]["content"] = ""


def keep_the_result(records: Records) -> None:
    _stubbed(records)["block"]["content"] = numbered(50)


def lose_the_result_block(records: Records) -> None:
    _stubbed(records)["record"]["message"]["content"] = []


def change_the_structured_result(records: Records) -> None:
    _stubbed(records)["record"]["toolUseResult"] = None


def keep_an_old_id(records: Records) -> None:
    record = _of(records, "user", 1)
    record["uuid"] = record["forkedFrom"]["messageUuid"]


def share_an_id(records: Records) -> None:
    _of(records, "user", 1)["uuid"] = _of(records, "user")["uuid"]


def keep_an_old_parent(records: Records) -> None:
    _of(records, "user", 1)["parentUuid"] = _of(records, "assistant")["forkedFrom"]["messageUuid"]


def hang_it_elsewhere(records: Records) -> None:
    records[-3]["parentUuid"] = records[0]["uuid"]


def cut_the_chain(records: Records) -> None:
    records[-3]["parentUuid"] = None


def keep_an_old_leaf(records: Records) -> None:
    _of(records, "last-prompt")["leafUuid"] = "00000000-0000-4000-8000-000000000001"


def keep_the_old_session(records: Records) -> None:
    _of(records, "assistant")["sessionId"] = SESSION


def forget_the_preserved(records: Records) -> None:
    _of(records, "system")["compactMetadata"]["preservedMessages"]["uuids"] = []


def keep_the_old_preserved(records: Records) -> None:
    system = _of(records, "system")
    system["compactMetadata"]["preservedMessages"]["uuids"] = ["00000000-0000-4000-8000-000000000004"]


def move_the_anchor(records: Records) -> None:
    _of(records, "system")["compactMetadata"]["preservedMessages"]["anchorUuid"] = records[0]["uuid"]


def forget_the_boundary(records: Records) -> None:
    _of(records, "system")["subtype"] = "informational"


def lose_a_field(records: Records) -> None:
    del _of(records, "user")["cwd"]


def add_a_field(records: Records) -> None:
    _of(records, "user")["extra"] = 1


def title_with_a_uuid(records: Records) -> None:
    records[-1]["uuid"] = "x"


FAULTS = (
    drop_a_record,
    drop_the_last,
    swap_two,
    repeat_one,
    add_a_record,
    change_a_word,
    change_a_thought,
    change_a_call,
    empty_a_message,
    empty_the_stub,
    keep_the_result,
    lose_the_result_block,
    change_the_structured_result,
    keep_an_old_id,
    share_an_id,
    keep_an_old_parent,
    hang_it_elsewhere,
    cut_the_chain,
    keep_an_old_leaf,
    keep_the_old_session,
    forget_the_preserved,
    keep_the_old_preserved,
    move_the_anchor,
    forget_the_boundary,
    lose_a_field,
    add_a_field,
    title_with_a_uuid,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_found(tmp_path: Path, fault: Callable[[Records], None]) -> None:
    """One thing wrong anywhere, and the copy does not pass."""
    assert [] != judged(tmp_path, fault)


def test_a_faithful_copy_passes(tmp_path: Path) -> None:
    """Without a fault nothing is found."""
    assert [] == judged(tmp_path, lambda _: None)


@pytest.mark.parametrize(
    "text", ["", " ", "two\nlines", "a \x1b[31mcolour"], ids=["empty", "blank", "lines", "control"]
)
def test_a_stub_is_one_printable_line(tmp_path: Path, text: str) -> None:
    """What takes a result's place can never be empty or steer a terminal."""
    told, stubs = session()
    path = str(told.write(tmp_path))
    graph = chain.read_graph(path)
    made = tmp_path / "copy"
    texts = dict.fromkeys(stubs, text)
    made.write_bytes(b"".join(fork.lines(path, graph, texts, NEW)))

    assert ["a stub is not one line of text"] == fork_check.violations(path, graph.size, str(made), NEW, texts, 0)


def test_a_file_of_garbage_does_not_pass(tmp_path: Path) -> None:
    """Whatever is in the copy, the proof ends and says so, and not too much of it."""
    told, stubs = session()
    path = str(told.write(tmp_path))
    made = tmp_path / "copy"
    made.write_bytes(b"\xff\x00garbage\n" * 50)

    found = fork_check.violations(path, Path(path).stat().st_size, str(made), NEW, stubs, 0)

    assert 0 < len(found) <= fork_check.MOST_VIOLATIONS


def judged(folder: Path, fault: Callable[[Records], None]) -> list[str]:
    told, stubs = session()
    path = str(told.write(folder))
    graph = chain.read_graph(path)
    records = [json.loads(line) for line in fork.lines(path, graph, stubs, NEW)]
    fault(records)
    made = folder / "copy"
    made.write_text("".join(json.dumps(record) + "\n" for record in records))
    return fork_check.violations(path, graph.size, str(made), NEW, stubs, 1)
