"""The main chain is what the model reads: found through forks, compactions, gaps and whatever else a file holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.context.transcript import SESSION, Call, Transcript
from tests.transcripts.samples import SHARED, needs_shared
from watchkeeper.transcripts import chain, record_lines
from watchkeeper.transcripts.chain import Chain, Graph


def graph_of(told: Transcript, folder: Path) -> Graph:
    return chain.read_graph(str(told.write(folder)))


def said(told: Transcript, found: Chain) -> list[str]:
    """What the records of a chain say, as short words."""
    words = []
    by_uuid = {record["uuid"]: record for record in told.records if "uuid" in record}
    for node in found.nodes:
        content = by_uuid[node.uuid].get("message", {}).get("content", node.kind)
        block = content if isinstance(content, str) else content[0]
        words.append(
            block if isinstance(block, str) else str(block.get("text") or block.get("content") or block["name"])
        )
    return words


def test_a_plain_conversation(tmp_path: Path) -> None:
    """Prompts, answers, calls and results in their order; what stands outside the chain is not on it."""
    told = Transcript()
    told.line({"type": "mode", "mode": "normal", "sessionId": SESSION})
    told.prompt("Hello")
    told.bash(1_000, "ls", "a.py")
    told.request_recording(100)
    told.respond(1_100, "Done")

    graph = graph_of(told, tmp_path)

    assert ["Hello", "Bash", "a.py", "Done"] == said(told, graph.chain())
    assert (5, 0) == (graph.records + 1, graph.unreadable)


def test_parallel_calls_are_put_back(tmp_path: Path) -> None:
    """Calls made at once and their results stay together, whichever result the conversation went on from."""
    told = Transcript()
    told.prompt("Look")
    first, second, third = told.respond(1_000, "Three", *[Call("Bash", {"command": word}) for word in "abc"])
    told.result(third, "result c")
    told.result(first, "result a")
    went_on = told.last
    told.result(second, "result b")
    told.last = went_on
    told.respond(1_200, "Seen")

    words = said(told, graph_of(told, tmp_path).chain())

    assert ["Look", "Three", "Bash"] == words[:3]
    assert sorted(["Bash", "Bash", "result a", "result b", "result c"]) == sorted(words[3:-1])
    assert "Seen" == words[-1]


def test_calls_and_results_that_alternate(tmp_path: Path) -> None:
    """A quick call's result may be written before the next call of the same response."""
    told = Transcript()
    told.prompt("Look")
    (first,) = told.respond(1_000, Call("Bash", {"command": "a"}))
    told.result(first, "result a")
    message = told.records[-2]["message"]
    block = {"type": "tool_use", "id": "toolu_b", "name": "Grep", "input": {}}
    parent = told.add("assistant", message={**message, "content": [block]})
    told.add(
        "user",
        parent=parent,
        message={"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_b", "content": "result b"}]},
    )

    assert ["Look", "Bash", "result a", "Grep", "result b"] == said(told, graph_of(told, tmp_path).chain())


def test_a_copy_of_a_response_is_no_part_of_it(tmp_path: Path) -> None:
    """What a resumed session has copied further up is read once."""
    told = Transcript()
    told.prompt("Old")
    told.bash(1_000, "ls", "a.py")
    copies = told.records[1:]
    told.last = None
    told.prompt("New")
    for copy in copies:
        told.add(copy["type"], message=copy["message"])
    told.respond(1_200, "Done")

    assert ["New", "Bash", "a.py", "Done"] == said(told, graph_of(told, tmp_path).chain())


def test_a_rewound_branch_is_left(tmp_path: Path) -> None:
    """The conversation is the branch that was spoken in last."""
    told = Transcript()
    root = told.prompt("Start")
    told.respond(1_000, "Wrong way")
    told.last = root
    told.respond(1_000, "Right way")

    assert ["Start", "Right way"] == said(told, graph_of(told, tmp_path).chain())


def test_sub_agents_and_team_mates_are_beside_it(tmp_path: Path) -> None:
    """Their records never end the main chain, also when they are the last in the file."""
    told = Transcript()
    told.prompt("Go")
    told.respond(1_000, "Gone")
    told.add("assistant", isSidechain=True, agentId="a1", message={"role": "assistant", "content": []})
    told.add("user", parent=None, teamName="reds", message={"role": "user", "content": "Psst"})

    assert ["Go", "Gone"] == said(told, graph_of(told, tmp_path).chain())


def test_a_sub_agents_own_file_is_its_chain(tmp_path: Path) -> None:
    """Where all is a sub-agent's, its conversation is the chain."""
    told = Transcript()
    first = told.add("user", isSidechain=True, agentId="a1", message={"role": "user", "content": "Look around"})
    told.add(
        "assistant", parent=first, isSidechain=True, agentId="a1", message={"role": "assistant", "content": "Seen"}
    )

    assert ["Look around", "Seen"] == said(told, graph_of(told, tmp_path).chain())


def test_a_compaction_cuts(tmp_path: Path) -> None:
    """Only what came after the last compaction is read, and what was before is its history."""
    told = Transcript()
    told.prompt("One")
    told.respond(1_000, "First answer")
    told.compact(150_000, "Summary one")
    told.prompt("Two")
    told.compact(160_000, "Summary two")
    told.prompt("Three")

    graph = graph_of(told, tmp_path)
    found = graph.chain()

    assert ["compact_boundary", "Summary two", "Three"] == said(told, found)
    assert ("auto", 160_000) == (found.boundary.trigger, found.boundary.pre_tokens) if found.boundary else False
    history = Chain(graph.history(found), "", "", None, is_cut=False, preserved=frozenset())
    assert ["One", "First answer", "compact_boundary", "Summary one", "Two"] == said(told, history)


@pytest.mark.parametrize("names_messages", [True, False], ids=["by name", "by its ends"])
def test_what_a_compaction_preserves_follows_the_summary(tmp_path: Path, names_messages: bool) -> None:
    """Records from before are read between the summary and what came after it."""
    told = Transcript()
    told.prompt("One")
    told.respond(1_000, "Last words")
    kept = [str(told.last), told.prompt("Asked while it was compacted")]
    told.compact(150_000, "Summary", kept)
    told.prompt("Two")
    if not names_messages:
        told.lines = [line.replace(b'"preservedMessages"', b'"unknownMessages"') for line in told.lines]

    graph = graph_of(told, tmp_path)
    found = graph.chain()

    expected = ["compact_boundary", "Summary", "Last words", "Asked while it was compacted", "Two"]
    assert expected == said(told, found)
    assert ["One"] == said(told, Chain(graph.history(found), "", "", None, is_cut=False, preserved=frozenset()))


def test_a_missing_parent_is_the_record_before(tmp_path: Path) -> None:
    """A gap does not cut the conversation: today's client bridges it the same way."""
    told = Transcript()
    told.prompt("One")
    told.respond(1_000, "Lost")
    told.prompt("Two")
    del told.lines[1]

    found = graph_of(told, tmp_path).chain()

    assert ["One", "Two"] == said(told, found)
    assert not found.is_cut


def test_a_transcript_that_begins_in_the_middle_says_so(tmp_path: Path) -> None:
    """Where the root names a parent that is not there, more was read than the file holds."""
    told = Transcript()
    told.prompt("One")
    told.respond(1_000, "Two")
    del told.lines[0]

    assert graph_of(told, tmp_path).chain().is_cut


def test_circles_end(tmp_path: Path) -> None:
    """Records that name each other as parents hang nothing up."""
    told = Transcript()
    told.add("user", parent="00000000-0000-4000-8000-000000000002", message={"role": "user", "content": "One"})
    told.add("user", parent="00000000-0000-4000-8000-000000000001", message={"role": "user", "content": "Two"})
    told.add("user", parent="00000000-0000-4000-8000-000000000001", message={"role": "user", "content": "Three"})

    assert ["Two", "One", "Three"] == said(told, graph_of(told, tmp_path).chain())


def test_nothing_said_is_no_chain(tmp_path: Path) -> None:
    """A file without anything said has an empty chain, history and leaf."""
    told = Transcript()
    told.line({"type": "mode", "mode": "normal"})

    graph = graph_of(told, tmp_path)

    assert ((), "", None) == (graph.chain().nodes, graph.chain().leaf, graph.chain().boundary)
    assert () == graph.history(graph.chain())


def test_two_records_on_one_line_are_both_links(tmp_path: Path) -> None:
    """A newline that was lost loses no record."""
    told = Transcript()
    told.prompt("One")
    told.respond(1_000, "Two")
    told.prompt("Three")
    told.lines[1] = told.lines[1].rstrip(b"\n")

    graph = graph_of(told, tmp_path)
    records = list(chain.records(str(tmp_path / f"{SESSION}.jsonl"), graph.chain().nodes))

    assert ["One", "Two", "Three"] == said(told, graph.chain())
    assert [record["uuid"] for record in records] == [node.uuid for node in graph.chain().nodes]


def test_the_transcript_of_a_session_is_found(tmp_path: Path) -> None:
    """In whichever project it is; of two the one that was changed last; names that are paths find nothing."""
    told = Transcript()
    told.prompt("Hello")
    older, newer = told.write(tmp_path / "a"), told.write(tmp_path / "b")
    os.utime(older, (1_000, 1_000))

    assert str(newer) == chain.session_file(str(tmp_path), SESSION)
    for wrong in ("", "unknown", f"../a/{SESSION}", f"b/{SESSION}"):
        assert chain.session_file(str(tmp_path), wrong) is None
    assert chain.session_file(str(tmp_path / "missing"), SESSION) is None


@needs_shared
def test_real_transcripts_have_whole_chains() -> None:
    """On every published transcript each record is on the chain at most once, after its call if it answers one."""
    for path in sorted((SHARED / "transcripts").rglob("*.jsonl")):
        graph = chain.read_graph(str(path))
        found = graph.chain()
        asked: set[str] = set()
        strays = []
        for node in found.nodes:
            asked.update(node.calls)
            strays += [call for call in node.answers if call not in asked and not found.is_cut]
        links = [placed for placed in record_lines.read(str(path)) if placed.record and placed.record.get("uuid")]

        assert len(found.nodes) == len({node.uuid for node in found.nodes}), path.name
        assert len({placed.record["uuid"] for placed in links if placed.record}) == len(graph.nodes), path.name
        # Some of the files are fragments that begin with an answer.
        assert [] == strays or found.nodes[0].kind != "user" or len(found.nodes) == 1, path.name
