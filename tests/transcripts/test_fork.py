"""A pruned copy is a session of its own, gets its name only when it is proven, and leaves the original alone."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.context.transcript import SESSION, Call, Transcript, numbered, reopened, thought
from tests.support.clock import NOON
from watchkeeper.core.records import Response, fact_of
from watchkeeper.errors import UserError
from watchkeeper.transcripts import chain, fork, fork_check
from watchkeeper.transcripts.fork import Fork

NEW = "11111111-2222-4333-8444-555555555555"
STUB = "[Left out: a note.]"


def session() -> tuple[Transcript, list[str]]:
    """A session with two large reads and a small output, and the ids of their calls."""
    told = Transcript()
    told.line({"type": "mode", "mode": "normal", "sessionId": SESSION})
    told.prompt("Read both")
    first = told.read(10_000, "/home/dev/project/a.py", numbered(300))
    second = told.read(14_000, "/home/dev/project/b.py", numbered(200))
    third = told.bash(17_000, "make test", "ok")
    told.respond(17_100, thought("Well."), "Done")
    told.line({"type": "last-prompt", "lastPrompt": "Read both", "leafUuid": told.last, "sessionId": SESSION})
    return told, [first, second, third]


def copied(told: Transcript, folder: Path, *calls: str, keep_recent: int = 1) -> Fork:
    path = str(told.write(folder))
    return fork.write(path, chain.read_graph(path), dict.fromkeys(calls, STUB), NEW, keep_recent)


def contents(path: str | Path) -> dict[str, Any]:
    """What each call returned."""
    found = {}
    for record in reopened(Path(path)):
        content = record.get("message", {}).get("content")
        for block in content if isinstance(content, list) else []:
            if block["type"] == "tool_result":
                found[block["tool_use_id"]] = block["content"]
    return found


def test_results_become_stubs_and_the_rest_stays(tmp_path: Path) -> None:
    """What was to be left out is, and every other result is there in full."""
    told, (first, second, third) = session()

    made = copied(told, tmp_path, first)

    assert {first: STUB, second: numbered(200), third: "ok"} == contents(made.path)
    assert (NEW, 1, str(tmp_path / f"{NEW}.jsonl")) == (made.session_id, made.stubs, made.path)


def test_the_original_is_only_read(tmp_path: Path) -> None:
    """Not a byte of it changes, and nothing else is left in the folder."""
    told, (first, *_) = session()
    path = told.write(tmp_path)
    before, modified_ns = path.read_bytes(), path.stat().st_mtime_ns

    copied(told, tmp_path, first)

    assert before == path.read_bytes()
    assert modified_ns <= path.stat().st_mtime_ns
    assert sorted([f"{SESSION}.jsonl", f"{NEW}.jsonl"]) == sorted(os.listdir(tmp_path))


def test_the_copy_has_ids_of_its_own(tmp_path: Path) -> None:
    """Its session and its records have new ids, which all references follow, and say where they come from."""
    told, (first, *_) = session()

    records = reopened(Path(copied(told, tmp_path, first).path))

    old = {record["uuid"] for record in told.records if "uuid" in record}
    new = {record["uuid"] for record in records if "uuid" in record}
    assert len(old) == len(new)
    assert old.isdisjoint(new)
    assert {NEW} == {record["sessionId"] for record in records if "sessionId" in record}
    assert new.issuperset(record["parentUuid"] for record in records if record.get("parentUuid"))
    assert all(str(UUID(uuid)) == uuid for uuid in new)
    assert {SESSION} == {record["forkedFrom"]["sessionId"] for record in records if "uuid" in record}
    assert old == {record["forkedFrom"]["messageUuid"] for record in records if "uuid" in record}
    assert next(record["leafUuid"] for record in records if record["type"] == "last-prompt") in new


def test_what_was_used_stays_the_originals(tmp_path: Path) -> None:
    """A copied response counts for the session that made it."""
    told, (first, *_) = session()

    facts = [fact_of(record, NEW, in_agent_file=False) for record in reopened(Path(copied(told, tmp_path, first).path))]

    assert {SESSION} == {fact.session_id for fact in facts if isinstance(fact, Response)}


def test_a_copy_of_a_copy_names_the_first(tmp_path: Path) -> None:
    """Where a record comes from is not forgotten when it is copied again."""
    told, (first, second, _) = session()
    once = copied(told, tmp_path, first)
    again = "99999999-2222-4333-8444-555555555555"

    twice = fork.write(once.path, chain.read_graph(once.path), {second: STUB}, again, 1)

    records = reopened(Path(twice.path))
    assert {SESSION} == {record["forkedFrom"]["sessionId"] for record in records if "uuid" in record}
    assert {first: STUB, second: STUB} == {call: text for call, text in contents(twice.path).items() if text == STUB}


def test_costs_and_recordings_stay_behind(tmp_path: Path) -> None:
    """What the original cost, and what was recorded of its requests, is nothing of the copy's."""
    told, (first, *_) = session()
    told.line({"type": "cost-state", "totalCostUSD": 3.5, "sessionId": SESSION})
    told.request_recording(50)

    kinds = {record["type"] for record in reopened(Path(copied(told, tmp_path, first).path))}

    assert {"mode", "user", "assistant", "last-prompt", "custom-title"} == kinds


@pytest.mark.parametrize(
    ("records", "title"),
    [
        pytest.param([], "Read both (pruned)", id="the last prompt"),
        pytest.param([{"type": "ai-title", "aiTitle": "Reading"}], "Reading (pruned)", id="the client's title"),
        pytest.param(
            [{"type": "custom-title", "customTitle": "My work (pruned)"}, {"type": "ai-title", "aiTitle": "Reading"}],
            "My work (pruned)",
            id="the user's own",
        ),
    ],
)
def test_the_copy_is_told_apart_by_its_title(tmp_path: Path, records: list[dict[str, Any]], title: str) -> None:
    """The list of sessions shows the original's title and that it was pruned."""
    told, (first, *_) = session()
    for record in records:
        told.line(record)

    *_, last = reopened(Path(copied(told, tmp_path, first).path))

    assert {"type": "custom-title", "customTitle": title, "sessionId": NEW} == last


def test_a_list_of_blocks_stays_one(tmp_path: Path) -> None:
    """A result that was a list of blocks is one with the stub in it, and other fields of it stay."""
    told = Transcript()
    told.prompt("Go")
    (call,) = told.respond(1_000, Call("Bash", {"command": "ls"}))
    told.result(call, [{"type": "text", "text": "x" * 5_000}, {"type": "image", "source": {}}], is_error=True)
    told.respond(3_000, "Done")

    made = copied(told, tmp_path, call, keep_recent=0)

    assert [{"type": "text", "text": STUB}] == contents(made.path)[call]
    assert '"is_error":true' in Path(made.path).read_text(encoding="utf-8")


def test_a_missing_parent_is_named_anew(tmp_path: Path) -> None:
    """A gap that the client bridges is closed in the copy."""
    told, (_, second, _) = session()
    del told.lines[2]

    made = copied(told, tmp_path, second)

    nodes = chain.read_graph(made.path).chain().nodes
    uuids = {node.uuid for node in nodes}
    assert len(told.records) - 2 == len(nodes)
    assert all(node.parent in uuids for node in nodes if node.parent)


def test_what_a_compaction_preserved_survives(tmp_path: Path) -> None:
    """The boundary names the same records by their new ids, and they are read where they were."""
    told, (first, *_) = session()
    told.compact(150_000, "Summary", [record["uuid"] for record in told.records[-3:-1]])
    told.prompt("Go on")
    told.respond(20_000, "On it")
    path = str(told.write(tmp_path))
    before = chain.read_graph(path).chain()

    after = chain.read_graph(copied(told, tmp_path, first).path).chain()

    assert [(node.kind, node.calls) for node in before.nodes] == [(node.kind, node.calls) for node in after.nodes]
    assert after.boundary is not None
    assert before.boundary is not None
    assert len(before.boundary.preserved) == len(after.boundary.preserved) == 2
    assert set(after.boundary.preserved) < {node.uuid for node in after.nodes}


def test_a_session_that_grows_meanwhile_is_copied_as_it_was(tmp_path: Path) -> None:
    """What is said after the look at it is not half in the copy."""
    told, (first, *_) = session()
    path = told.write(tmp_path)
    graph = chain.read_graph(str(path))
    told.prompt("One more thing")
    told.write(tmp_path)

    made = fork.write(str(path), graph, {first: STUB}, NEW, 1)

    assert "One more thing" not in Path(made.path).read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
def test_the_copy_is_nobody_elses_business(tmp_path: Path) -> None:
    """Only its owner can read it."""
    told, (first, *_) = session()

    assert 0o600 == stat.S_IMODE(os.stat(copied(told, tmp_path, first).path).st_mode)


@pytest.mark.parametrize("has_links", [True, False], ids=["by a link", "without links"])
def test_a_name_that_is_taken_stays_taken(tmp_path: Path, has_links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No session is ever overwritten, and nothing is left behind."""
    told, (first, *_) = session()
    if not has_links:
        monkeypatch.setattr(os, "link", _no_links)
    taken = tmp_path / f"{NEW}.jsonl"
    taken.write_text("mine")

    with pytest.raises(FileExistsError):
        copied(told, tmp_path, first)

    assert "mine" == taken.read_text()
    assert sorted([f"{SESSION}.jsonl", f"{NEW}.jsonl"]) == sorted(os.listdir(tmp_path))


def test_a_disk_without_links_does_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files cannot have two names the copy is moved to its own."""
    monkeypatch.setattr(os, "link", _no_links)
    told, (first, *_) = session()

    made = copied(told, tmp_path, first)

    assert STUB == contents(made.path)[first]
    assert sorted([f"{SESSION}.jsonl", f"{NEW}.jsonl"]) == sorted(os.listdir(tmp_path))


@pytest.mark.parametrize(
    ("left_out", "keep_recent"),
    [pytest.param(["toolu_unknown"], 0, id="nothing to leave out"), pytest.param([2], 1, id="a recent result")],
)
def test_an_unfaithful_copy_is_thrown_away(tmp_path: Path, left_out: list[Any], keep_recent: int) -> None:
    """When the proof fails there is no file, and the error says what to do instead."""
    told, calls = session()
    chosen = [calls[each] if isinstance(each, int) else each for each in left_out]

    with pytest.raises(fork.Unfaithful, match="/compact") as failed:
        copied(told, tmp_path, *chosen, keep_recent=keep_recent)

    assert failed.value.violations
    assert [f"{SESSION}.jsonl"] == os.listdir(tmp_path)


def test_a_record_that_cannot_be_written_stops_it(tmp_path: Path) -> None:
    """A number that JSON does not know leads to a sentence, and to no file."""
    told, (first, *_) = session()
    told.lines.insert(1, json.dumps({"type": "odd", "value": "\ud800", "number": float("inf")}).encode() + b"\n")

    with pytest.raises(UserError, match="cannot be written"):
        copied(told, tmp_path, first)

    assert [f"{SESSION}.jsonl"] == os.listdir(tmp_path)


def test_the_same_copy_twice_is_the_same(tmp_path: Path) -> None:
    """Nothing in a copy is left to chance but the session's id."""
    told, (first, *_) = session()
    path = str(told.write(tmp_path))
    graph = chain.read_graph(path)

    once, twice = (b"".join(fork.lines(path, graph, {first: STUB}, NEW)) for _ in range(2))

    assert once == twice
    (tmp_path / "copy").write_bytes(once)
    assert [] == fork_check.violations(path, graph.size, str(tmp_path / "copy"), NEW, {first: STUB}, 1)


def _no_links(*_: object) -> None:
    raise OSError("this file system has no links")


def test_what_an_interrupted_copy_left_is_swept(tmp_path: Path) -> None:
    """A half-written copy of an hour ago goes; one that is being written, and every other file, stays."""
    old, fresh = tmp_path / f".{uuid4()}.part", tmp_path / f".{uuid4()}.part"
    others = [tmp_path / ".mine.part", tmp_path / f"{uuid4()}.part", tmp_path / f"{uuid4()}.jsonl"]
    for file in (old, fresh, *others):
        file.write_bytes(b"{}")
        os.utime(file, (NOON - 7_200, NOON - 7_200))
    os.utime(fresh, (NOON - 60, NOON - 60))

    fork.sweep(str(tmp_path / "session.jsonl"), NOON)
    fork.sweep(str(tmp_path / "gone" / "session.jsonl"), NOON)

    assert sorted([fresh, *others]) == sorted(tmp_path.iterdir())
