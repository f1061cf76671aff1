"""The main chain of a session: which records the model reads, in which order, from the last compaction on."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.records import epoch_of

from . import record_lines, siblings
from .siblings import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .record_lines import Placed

MAIN_LANE = ""
BOUNDARY = "compact_boundary"
_SPOKEN = ("user", "assistant")


class Boundary(NamedTuple):
    """A compaction: what was before it is no longer read, but for what it names as preserved."""

    uuid: str
    before: str
    """The uuid of the record before it."""
    trigger: str
    at: float
    pre_tokens: int
    anchor: str
    """The record that what is preserved comes after; empty when nothing is."""
    preserved: tuple[str, ...]
    head_and_tail: tuple[str, str]
    """The first and the last of what is preserved, for clients that name no others."""


class Chain(NamedTuple):
    """What the model reads of a transcript, oldest first. All is empty when nothing was said yet."""

    nodes: tuple[Node, ...]
    leaf: str
    """The uuid of the user's or the model's record that the conversation ends with."""
    root: str
    boundary: Boundary | None
    """The compaction that it begins with."""
    is_cut: bool
    """Its root follows a record that is not in the file: the model may have read more than this."""
    preserved: frozenset[str]
    """The uuids of what was said before that compaction and is still read."""


class Graph:
    """Every record of a transcript that can be a link of a chain."""

    def __init__(self, size: int) -> None:
        self.size = size
        """How many bytes of the file were looked at."""
        self.nodes: dict[str, Node] = {}
        """By uuid, in the file's order; of two with the same uuid the last one stands, at the first one's place."""
        self.boundaries: list[Boundary] = []
        self.records = self.unreadable = 0
        self._relinked: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._last_of_lane: dict[str, str] = {}

    def add(self, placed: Placed) -> None:
        """Take in a record."""
        self.records += 1
        if placed.record is None:
            self.unreadable += 1
            return
        node = _node(placed.record, placed)
        if node is None:
            return
        node = node._replace(parent=self._known(node.parent), uuid=self._known(node.uuid))
        self._before[node.uuid] = self._last_of_lane.get(node.lane, "")
        self._last_of_lane[node.lane] = node.uuid
        self.nodes[node.uuid] = node
        if node.kind == BOUNDARY:
            self.boundaries.append(_boundary(placed.record, node.uuid))

    def relink(self) -> None:
        """Put what each compaction preserved after its anchor, where the client reads it; to be called at the end."""
        for boundary in self.boundaries:
            kept = self.preserved(boundary)
            if not kept or boundary.anchor not in self.nodes:
                continue
            links = dict(zip(kept, [boundary.anchor, *kept[:-1]], strict=True))
            for node in self.nodes.values():
                if self.named_parent_of(node) == boundary.anchor and node.uuid not in links:
                    links[node.uuid] = kept[-1]
            self._relinked.update(links)

    def preserved(self, boundary: Boundary) -> list[str]:
        """Return the uuids of the records that a compaction preserved, oldest first; those that are there."""
        if boundary.preserved:
            return [uuid for uuid in boundary.preserved if uuid in self.nodes]
        head, uuid = boundary.head_and_tail
        found: list[str] = []
        while uuid in self.nodes and uuid not in found:
            found.append(uuid)
            if uuid == head:
                return found[::-1]
            uuid = self.nodes[uuid].parent
        return []

    def parent_of(self, node: Node) -> str:
        """Return the uuid of the record that a chain goes on with, empty at its root."""
        return self._relinked.get(node.uuid) or self.named_parent_of(node)

    def named_parent_of(self, node: Node) -> str:
        """Return the uuid of the record that a record names as its parent, empty where it names none.

        One that names a record which is not there follows the one before it in the file, as the client has it.
        """
        if not node.parent or node.parent in self.nodes:
            return node.parent
        return self._before.get(node.uuid, "")

    def chain(self) -> Chain:
        """Return the chain that the session would go on from."""
        end = self._end()
        if end is None:
            return Chain((), "", "", None, is_cut=False, preserved=frozenset())
        path = self._path_to(end.uuid, set())
        boundary = next((each for each in self.boundaries if each.uuid == path[0].uuid), None)
        leaf = next((node.uuid for node in reversed(path) if node.kind in _SPOKEN), "")
        is_cut = bool(path[0].parent) and path[0].parent not in self.nodes
        nodes = tuple(siblings.put_back(path, siblings.Parts(self.nodes.values()), self.parent_of))
        preserved = frozenset(node.uuid for node in nodes if boundary and node.offset < path[0].offset)
        return Chain(nodes, leaf, path[0].uuid, boundary, is_cut, preserved)

    def history(self, chain: Chain) -> tuple[Node, ...]:
        """Return what was said before the compaction that `chain` begins with, through all earlier ones."""
        seen = {node.uuid for node in chain.nodes}
        parts = siblings.Parts(self.nodes.values())
        found: list[list[Node]] = []
        boundary = chain.boundary
        while boundary is not None:
            path = self._path_to(self._before_preserved(boundary, seen), seen)
            if not path:
                break
            found.append(siblings.put_back(path, parts, self.parent_of, seen))
            seen.update(node.uuid for node in found[-1])
            boundary = next((each for each in self.boundaries if each.uuid == path[0].uuid), None)
        return tuple(node for part in reversed(found) for node in part)

    def _before_preserved(self, boundary: Boundary, seen: set[str]) -> str:
        # What was preserved is a part of the chain already, and comes after what was not.
        uuid, passed = boundary.before, set[str]()
        if uuid not in self.nodes:
            uuid = self._before.get(boundary.uuid, "")
        while uuid in seen and uuid in self.nodes and uuid not in passed:
            passed.add(uuid)
            uuid = self.nodes[uuid].parent
        return uuid

    def _known(self, uuid: str) -> str:
        # One text for a record's own uuid and for those that name it.
        known = self.nodes.get(uuid)
        return known.uuid if known is not None else uuid

    def _end(self) -> Node | None:
        """Return the record at the end of the chain whose last word stands furthest down in the file."""
        # A sub-agent that goes on from a record does not go on with its conversation.
        named = {parent for node in self.nodes.values() if self._lane_of(parent := self.parent_of(node)) == node.lane}
        order = {uuid: place for place, uuid in enumerate(self.nodes)}
        found: dict[bool, tuple[int, Node]] = {}
        for node in self.nodes.values():
            if node.uuid in named:
                continue
            word = self._last_word(node)
            if word is not None:
                is_main = word.lane == MAIN_LANE and not word.is_aside
                if is_main not in found or found[is_main][0] <= order[word.uuid]:
                    found[is_main] = (order[word.uuid], node)
        best = found.get(True) or found.get(False)
        return best[1] if best else None

    def _lane_of(self, uuid: str) -> str | None:
        node = self.nodes.get(uuid)
        return None if node is None else node.lane

    def _last_word(self, node: Node) -> Node | None:
        seen: set[str] = set()
        current: Node | None = node
        while current is not None and current.uuid not in seen:
            if current.kind in _SPOKEN:
                return current
            seen.add(current.uuid)
            current = self.nodes.get(self.parent_of(current))
        return None

    def _path_to(self, uuid: str, seen: set[str]) -> list[Node]:
        """Return the records from a root to `uuid`; what is in `seen` counts as beyond the root, and is added to."""
        path = []
        current = self.nodes.get(uuid)
        while current is not None and current.uuid not in seen:
            seen.add(current.uuid)
            path.append(current)
            current = self.nodes.get(self.parent_of(current))
        return path[::-1]


def read_graph(path: str, most_bytes: int | None = None) -> Graph:
    """Return the records of the transcript `path`, or of its first `most_bytes`, as links.

    Raises OSError when it cannot be read.
    """
    size = os.stat(path).st_size if most_bytes is None else most_bytes
    graph = Graph(size)
    for placed in record_lines.read(path, size, linked_only=True):
        graph.add(placed)
    graph.relink()
    return graph


def records(path: str, nodes: tuple[Node, ...]) -> Iterator[dict[str, Any]]:
    """Yield the records of the transcript `path` that `nodes` stand for. Raises OSError when it cannot be read."""
    return record_lines.read_at(path, ((node.offset, node.length) for node in nodes))


def session_file(projects: str, session_id: str) -> str | None:
    """Return the transcript of a session below the folder `projects`, the one that was changed last, or None."""
    name = f"{session_id}.jsonl"
    if not session_id or os.path.basename(name) != name:
        return None
    found: list[tuple[float, str]] = []
    try:
        with os.scandir(projects) as folders:
            for folder in folders:
                path = os.path.join(folder.path, name)
                if os.path.isfile(path):
                    found.append((os.stat(path).st_mtime, path))
    except OSError:
        return max(found)[1] if found else None
    return max(found)[1] if found else None


def _node(record: dict[str, Any], placed: Placed) -> Node | None:
    uuid = record.get("uuid")
    if not isinstance(uuid, str) or not uuid:
        return None
    kind = _text(record.get("type"))
    if kind == "system":
        kind = _text(record.get("subtype")) or kind
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    calls, answers = [], []
    for block in content if isinstance(content, list) and kind in _SPOKEN else ():
        if isinstance(block, dict):
            if block.get("type") == "tool_use":
                calls.append(_text(block.get("id")))
            elif block.get("type") == "tool_result":
                answers.append(_text(block.get("tool_use_id")))
    return Node(
        uuid,
        _text(record.get("parentUuid")),
        sys.intern(kind),
        sys.intern(_lane(record)),
        _text(message.get("id")) if kind == "assistant" and isinstance(message, dict) else "",
        tuple(calls),
        tuple(answers),
        record.get("isMeta") is True or bool(record.get("teamName")),
        placed.offset,
        placed.length,
    )


def _lane(record: dict[str, Any]) -> str:
    if record.get("isSidechain") is True:
        return _text(record.get("agentId")) or "sidechain"
    return MAIN_LANE


def _boundary(record: dict[str, Any], uuid: str) -> Boundary:
    metadata = record.get("compactMetadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    messages, segment = metadata.get("preservedMessages"), metadata.get("preservedSegment")
    messages = messages if isinstance(messages, dict) else {}
    segment = segment if isinstance(segment, dict) else {}
    kept = messages.get("uuids")
    return Boundary(
        uuid,
        _text(record.get("logicalParentUuid")),
        _text(metadata.get("trigger")),
        epoch_of(record.get("timestamp")),
        _count(metadata.get("preTokens")),
        _text(messages.get("anchorUuid")) or _text(segment.get("anchorUuid")),
        tuple(each for each in kept if isinstance(each, str)) if isinstance(kept, list) else (),
        (_text(segment.get("headUuid")), _text(segment.get("tailUuid"))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 10**12 else 0
