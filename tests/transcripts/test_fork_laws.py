"""Whatever a session did, a pruned copy of it passes the proof, and an independent reader finds the same in both."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.context.stories import stories
from tests.context.transcript import Transcript
from watchkeeper.transcripts import chain, fork, fork_check
from watchkeeper.transcripts.chain import Graph

NEW = "11111111-2222-4333-8444-555555555555"
STUB = "[Left out: a note.]"


@given(told=stories(), data=st.data())
def test_any_results_can_be_left_out(told: Transcript, data: st.DataObject) -> None:
    """Any choice of results makes a copy that passes."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(told.write(Path(folder)))
        graph = chain.read_graph(path)
        answered = _answered(graph)
        chosen = data.draw(st.lists(st.sampled_from(answered), unique=True)) if answered else []
        stubs = dict.fromkeys(chosen, STUB)
        copy = Path(folder) / "copy"
        copy.write_bytes(b"".join(fork.lines(path, graph, stubs, NEW)))

        found = fork_check.violations(path, graph.size, str(copy), NEW, stubs, 0)

        assert found == ([] if graph.chain().leaf else ["the chain begins or ends elsewhere"])
        said = spoken(path, stubs)
        assert said is None or said == spoken(str(copy), {})


@given(told=stories(), data=st.data())
def test_a_damaged_copy_never_passes_unless_it_says_the_same(told: Transcript, data: st.DataObject) -> None:
    """A copy with a line lost, doubled or moved is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(told.write(Path(folder)))
        graph = chain.read_graph(path)
        lines = list(fork.lines(path, graph, {}, NEW))
        if len(lines) < 2:
            return
        place = data.draw(st.integers(0, len(lines) - 2))
        how = data.draw(st.sampled_from(("lost", "doubled", "moved")))
        if how == "lost":
            del lines[place]
        elif how == "doubled":
            lines.insert(place, lines[place])
        else:
            lines.append(lines.pop(place))
        copy = Path(folder) / "copy"
        copy.write_bytes(b"".join(lines))

        assert [] != fork_check.violations(path, graph.size, str(copy), NEW, {}, 0)


@given(told=stories())
def test_chains_hold_no_record_twice(told: Transcript) -> None:
    """Chain and history are made of different records; a conversation of the main thread holds no other's."""
    with tempfile.TemporaryDirectory() as folder:
        graph = chain.read_graph(str(told.write(Path(folder))))

        found = graph.chain()
        nodes = [*graph.history(found), *found.nodes]

        assert len(nodes) == len({node.uuid for node in nodes})
        lanes = {node.lane for node in found.nodes}
        assert "" not in lanes or {""} == lanes or graph.nodes[found.leaf].lane
        assert bool(found.nodes) == bool(found.leaf)


def spoken(path: str, stubs: dict[str, str]) -> list[tuple[str, str]] | None:
    """What is said along the parents from the last word of the main thread, read in the plainest way there is.

    Results in `stubs` count as left out already. None where a line or a parent is missing: a copy closes such gaps.
    """
    records: dict[str, dict[str, Any]] = {}
    for line in Path(path).read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            return None
        if isinstance(record, dict) and isinstance(record.get("uuid"), str) and record["type"] != "api-request-blob":
            records[record["uuid"]] = record
    main = [record for record in records.values() if "message" in record and not record.get("isSidechain")]
    said = []
    seen = set()
    current = main[-1] if main else None
    while current is not None and current["uuid"] not in seen:
        seen.add(current["uuid"])
        content = current.get("message", {}).get("content", current["type"])
        blocks = content if isinstance(content, list) else [content]
        said += [(current["type"], json.dumps(_stubbed(block, stubs))) for block in reversed(blocks)]
        parent = current.get("parentUuid")
        if parent and parent not in records:
            return None
        current = records.get(parent) if parent else None
    return said


def _answered(graph: Graph) -> list[str]:
    """The calls on the chain that are followed by their results."""
    asked: set[str] = set()
    answered: set[str] = set()
    strays: set[str] = set()
    for node in graph.chain().nodes:
        asked.update(node.calls)
        answered.update(node.answers)
        strays.update(set(node.answers) - asked)
    return sorted(answered - strays)


def _stubbed(block: Any, stubs: dict[str, str]) -> Any:
    if not isinstance(block, dict) or block.get("tool_use_id") not in stubs:
        return block
    text = stubs[block["tool_use_id"]]
    return {**block, "content": [{"type": "text", "text": text}] if isinstance(block["content"], list) else text}
