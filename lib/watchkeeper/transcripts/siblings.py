"""The parts of a response that lie beside the path through the records, put back where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable


class Node(NamedTuple):
    """A record as a link of chains. `parent` is the uuid it names, empty for none."""

    uuid: str
    parent: str
    kind: str
    """Its type; of a system record its subtype."""
    lane: str
    """Whose conversation it is a part of: MAIN_LANE, or a sub-agent's."""
    message_id: str
    """Which response it is a part of."""
    calls: tuple[str, ...]
    """The tool calls it holds, by id."""
    answers: tuple[str, ...]
    """The tool calls that it holds the results of, by id."""
    is_aside: bool
    """It was put in by the client or sent by a team mate, so no conversation ends with it."""
    offset: int
    length: int


def put_back(
    path: list[Node], parts: Parts, parent_of: Callable[[Node], str], elsewhere: Collection[str] = ()
) -> list[Node]:
    """Return a path with what parallel tool calls leave beside it, but for the uuids that are read elsewhere.

    Each block of a response is a record, and each result follows its own call: so calls made at once fork the tree,
    and the path goes through one of them.
    """
    whole = _Path(path)
    beside = parts.beside(path)
    added = bool(beside)
    while added:
        added = False
        # A record's parent stands before it as a rule, so that few rounds find them all.
        for node in sorted(beside, key=lambda each: each.offset):
            is_free = node.uuid not in whole.uuids and node.uuid not in elsewhere and node.lane in whole.lanes
            if is_free and whole.take(node, parent_of(node)):
                beside += parts.beside([node])
                added = True
    return whole.nodes()


class Parts:
    """Which records are parts of the same response, and which answer its calls."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._of_response: dict[str, list[Node]] = {}
        self._of_call: dict[str, list[Node]] = {}
        for node in nodes:
            if node.message_id:
                self._of_response.setdefault(node.message_id, []).append(node)
            for call in node.answers:
                self._of_call.setdefault(call, []).append(node)

    def beside(self, path: list[Node]) -> list[Node]:
        """Return what may belong to the responses on a path and is not on it."""
        uuids = {node.uuid for node in path}
        messages = {node.message_id for node in path if node.message_id}
        calls = {call for node in path for call in node.calls}
        found = [node for message in messages for node in self._of_response.get(message, ())]
        found += [node for call in calls for node in self._of_call.get(call, ())]
        return [node for node in found if node.uuid not in uuids]


class _Path:
    """A path through the graph, and what belongs to its responses without being on it."""

    def __init__(self, path: list[Node]) -> None:
        self._path = path
        self.uuids = {node.uuid for node in path}
        self.lanes = {node.lane for node in path}
        self._last_of = {node.message_id: node.uuid for node in path if node.message_id}
        self._response_of = {call: node.message_id for node in path for call in node.calls}
        self._answered = {call for node in path for call in node.answers}
        self._missing: dict[str, list[Node]] = {}

    def take(self, node: Node, parent: str) -> bool:
        """Take in a record if it is a missing part of a response, or a missing answer; a copy of either is not."""
        if node.message_id:
            is_part = node.message_id in self._last_of and not self._response_of.keys() & node.calls
            if not is_part or parent not in self.uuids:
                return False
            self._response_of.update(dict.fromkeys(node.calls, node.message_id))
            response = node.message_id
        else:
            asked = {self._response_of.get(call, "") for call in node.answers if call not in self._answered}
            if len(asked) != 1 or "" in asked:
                return False
            self._answered.update(node.answers)
            response = asked.pop()
        self.uuids.add(node.uuid)
        self._missing.setdefault(response, []).append(node)
        return True

    def nodes(self) -> list[Node]:
        """Return the whole: what was missing follows the last record of its response."""
        found = []
        for node in self._path:
            found.append(node)
            if node.message_id and self._last_of[node.message_id] == node.uuid:
                found += sorted(self._missing.get(node.message_id, []), key=lambda each: each.offset)
        return found
