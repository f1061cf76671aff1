"""The proof that a pruned copy is faithful, read from the two files alone, whatever way one came from the other."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from . import chain, record_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .chain import Graph

MOST_VIOLATIONS = 20
_LEFT_OUT_TYPES = ("cost-state",)
_SAID = ("message", "toolUseResult")
_TITLE = "custom-title"


def violations(
    source: str, size: int, copy: str, session_id: str, stubs: Mapping[str, str], keep_recent: int
) -> list[str]:
    """Return what is wrong with `copy`, which is to be the first `size` bytes of `source`, pruned; nothing if it is.

    It is, when there is for every record of the original exactly one in the copy, in the same order and the same but
    for its ids, the session it belongs to and the results named in `stubs`; when each id maps to one new one wherever
    it stands; when both have the same chain, root, leaf and compaction; and when calls and results pair as they did.
    """
    proof = _Proof(session_id, stubs)
    for number, (before, after) in enumerate(_pairs(source, size, copy), 1):
        proof.note(number, before, after)
    for number, (before, after) in enumerate(_pairs(source, size, copy), 1):
        if before is not None and after is not None:
            proof.compare(number, before, after)
    if not proof.found:
        original, copied = chain.read_graph(source, size), chain.read_graph(copy)
        proof.compare_chains(original, copied)
        proof.check_stubs(original, keep_recent)
    return proof.found[:MOST_VIOLATIONS]


class _Proof:
    def __init__(self, session_id: str, stubs: Mapping[str, str]) -> None:
        self.found: list[str] = []
        self._session_id = session_id
        self._stubs = stubs
        self._ids: dict[str, str] = {}
        self._new_ids: dict[str, str] = {}
        self._stubbed: set[str] = set()

    def note(self, number: int, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        """Note which id has become which, and what is missing on either side."""
        if after is None:
            self._complain(number, "it has no copy" if before is not None else "it cannot be read")
        elif before is None:
            if after.get("type") != _TITLE or set(after) != {"type", "customTitle", "sessionId"}:
                self._complain(number, "it is a copy of nothing")
            self._check_session(number, after)
        else:
            old, new = before.get("uuid"), after.get("uuid")
            if isinstance(old, str) != isinstance(new, str):
                self._complain(number, "its id came or went")
            elif isinstance(old, str) and isinstance(new, str) and not self._is_pair(old, new):
                self._complain(number, "its id is not its own")

    def compare(self, number: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Compare a record with its copy."""
        self._check_session(number, after)
        if isinstance(after.get("uuid"), str) and after["uuid"] in self._ids:
            self._complain(number, "it kept its id, or took another's")
        if set(after) - {"forkedFrom"} != set(before) - {"forkedFrom"}:
            self._complain(number, "it has other fields")
            return
        for key, value in before.items():
            if key == "sessionId" or (key == "session_id" and value == before.get("sessionId")):
                continue
            if key == "message":
                same = self._same_message(before.get("type"), value, after[key])
            elif key in _SAID or key == "forkedFrom":
                same = key in after and value == after[key]
            elif key == "parentUuid" and isinstance(value, str) and value not in self._ids:
                same = after[key] is None or after[key] in self._new_ids
            else:
                same = self._same(value, after[key])
            if not same:
                self._complain(number, f"its {key} differs")

    def _is_pair(self, old: str, new: str) -> bool:
        return self._ids.setdefault(old, new) == new and self._new_ids.setdefault(new, old) == old

    def compare_chains(self, original: Graph, copied: Graph) -> None:
        """Compare what the model reads of both."""
        before, after = original.chain(), copied.chain()
        if [self._ids[node.uuid] for node in before.nodes] != [node.uuid for node in after.nodes]:
            self.found.append("the chain is another one")
            return
        ends = [self._ids.get(uuid, "") for uuid in (before.leaf, before.root)]
        if ends != [after.leaf, after.root] or not after.leaf:
            self.found.append("the chain begins or ends elsewhere")
        if any(node.parent and node.parent not in copied.nodes for node in after.nodes):
            self.found.append("a record of the chain names a parent that is not there")
        told = [(node.message_id, node.calls, node.answers) for node in before.nodes]
        if told != [(node.message_id, node.calls, node.answers) for node in after.nodes]:
            self.found.append("calls, results or parts of a response are not where they were")
        asked: set[str] = set()
        unasked = False
        for node in after.nodes:
            asked.update(node.calls)
            unasked = unasked or not asked.issuperset(set(node.answers) & set(self._stubs))
        if unasked:
            self.found.append("a result that was left out stands before its call")
        if (before.boundary is None) != (after.boundary is None):
            self.found.append("the compaction is gone")
        elif before.boundary is not None and after.boundary is not None:
            kept = [self._ids[uuid] for uuid in original.preserved(before.boundary)]
            named = len(before.boundary.preserved), len(after.boundary.preserved)
            if kept != copied.preserved(after.boundary) or named[0] != named[1]:
                self.found.append("what the compaction preserved is not all there")
            if self._ids.get(before.boundary.anchor, before.boundary.anchor) != after.boundary.anchor:
                self.found.append("what the compaction preserved hangs elsewhere")

    def check_stubs(self, original: Graph, keep_recent: int) -> None:
        """Check that what was to be left out was, once said on one line, and that nothing recent is among it."""
        if missing := set(self._stubs) - self._stubbed:
            self.found.append(f"{len(missing)} results were not left out")
        if any(not text.strip() or not text.isprintable() for text in self._stubs.values()):
            self.found.append("a stub is not one line of text")
        answers = [call for node in original.chain().nodes for call in node.answers]
        if keep_recent and not self._stubbed.isdisjoint(answers[-keep_recent:]):
            self.found.append("a recent result was left out")

    def _same_message(self, kind: Any, before: Any, after: Any) -> bool:
        if before == after:
            # Whatever may be empty was so before.
            return not self._holds_stub(before)
        if kind != "user" or not isinstance(before, dict) or not isinstance(after, dict):
            return False
        old, new = before.get("content"), after.get("content")
        if {**before, "content": None} != {**after, "content": None}:
            return False
        if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
            return False
        return all(self._same_block(*blocks) for blocks in zip(old, new, strict=True))

    def _same_block(self, before: Any, after: Any) -> bool:
        call = before.get("tool_use_id") if isinstance(before, dict) else None
        if not isinstance(call, str) or call not in self._stubs or before.get("type") != "tool_result":
            return bool(before == after)
        if not isinstance(after, dict) or {**before, "content": None} != {**after, "content": None}:
            return False
        text: Any = self._stubs[call]
        self._stubbed.add(call)
        wanted = [{"type": "text", "text": text}] if isinstance(before["content"], list) else text
        return bool(after["content"] == wanted)

    def _holds_stub(self, message: Any) -> bool:
        content = message.get("content") if isinstance(message, dict) else None
        blocks = content if isinstance(content, list) else []
        return any(
            isinstance(block, dict) and block.get("type") == "tool_result" and block.get("tool_use_id") in self._stubs
            for block in blocks
        )

    def _same(self, before: Any, after: Any) -> bool:
        if isinstance(before, str):
            return bool(self._ids.get(before, before) == after)
        if isinstance(before, dict):
            if not isinstance(after, dict) or [self._ids.get(key, key) for key in before] != list(after):
                return False
            return all(self._same(*parts) for parts in zip(before.values(), after.values(), strict=True))
        if isinstance(before, list):
            if not isinstance(after, list) or len(before) != len(after):
                return False
            return all(self._same(*parts) for parts in zip(before, after, strict=True))
        return type(before) is type(after) and bool(before == after)

    def _check_session(self, number: int, record: dict[str, Any]) -> None:
        if "sessionId" in record and record["sessionId"] != self._session_id:
            self._complain(number, "it belongs to another session")

    def _complain(self, number: int, what: str) -> None:
        if len(self.found) < MOST_VIOLATIONS:
            self.found.append(f"record {number}: {what}")


def _pairs(source: str, size: int, copy: str) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Yield each record of the original that is to be in the copy, and the one in its place; None for one too few."""
    before = (
        placed.record
        for placed in record_lines.read(source, size)
        if placed.record is not None and placed.record.get("type") not in _LEFT_OUT_TYPES
    )
    after = (placed.record for placed in record_lines.read(copy))
    return zip_longest(before, after)
