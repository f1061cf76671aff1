"""Writing a pruned copy of a session: a new file with ids of its own, named once it is proven to be faithful."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from watchkeeper.errors import UserError

from . import fork_check, record_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .chain import Graph

TITLE_SUFFIX = " (pruned)"
# What the original session cost is no cost of the copy.
_LEFT_OUT_TYPES = ("cost-state",)
# The conversation itself: whatever stands in it that looks like the id of a record is not one.
_SAID = ("message", "toolUseResult")
_LONGEST_TITLE = 120
_ASIDE_SUFFIX = ".part"
_ASIDE = re.compile(r"\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" + re.escape(_ASIDE_SUFFIX))
# No copy takes so long to write.
_LEFT_AFTER_S = 3_600.0


class Fork(NamedTuple):
    """A pruned copy."""

    session_id: str
    path: str
    records: int
    stubs: int
    """How many results were left out."""


class Unfaithful(UserError):
    """The copy broke a rule and was thrown away; `violations` says which."""

    def __init__(self, violations: list[str]) -> None:
        super().__init__(
            f"The pruned copy would not be faithful ({violations[0]}), so none was written; "
            "/compact frees space too, steered by what /compact-context --instructions prints."
        )
        self.violations = violations


def write(source: str, graph: Graph, stubs: Mapping[str, str], session_id: str, keep_recent: int) -> Fork:
    """Write the copy of the transcript `source` beside it and return it; `graph` is what was read of it.

    `stubs` are the lines that take the place of results, by their calls' ids; the latest `keep_recent` results must
    not be among them. `session_id` is the copy's, a new uuid. The original is only read. Raise Unfaithful when the
    copy does not pass, FileExistsError when there is a session of that id, OSError when it cannot be written.
    """
    folder = os.path.dirname(os.path.abspath(source))
    path = os.path.join(folder, f"{session_id}.jsonl")
    # Not a name that the client takes for a session.
    aside = os.path.join(folder, f".{session_id}{_ASIDE_SUFFIX}")
    written = 0
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for line in lines(source, graph, stubs, session_id):
                file.write(line)
                written += 1
            file.flush()
            os.fsync(file.fileno())
        violations = fork_check.violations(source, graph.size, aside, session_id, stubs, keep_recent)
        if violations:
            raise Unfaithful(violations)
        _name(aside, path)
    finally:
        if os.path.exists(aside):
            os.unlink(aside)
    return Fork(session_id, path, written, len(stubs))


def sweep(source: str, now: float) -> None:
    """Delete what copies that were interrupted have left beside the transcript `source`."""
    folder = os.path.dirname(os.path.abspath(source))
    with contextlib.suppress(OSError):
        for name in filter(_ASIDE.fullmatch, os.listdir(folder)):
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(folder, name))
                if stat.S_ISREG(status.st_mode) and now - status.st_mtime > _LEFT_AFTER_S:
                    os.unlink(os.path.join(folder, name))


def lines(source: str, graph: Graph, stubs: Mapping[str, str], session_id: str) -> Iterator[bytes]:
    """Yield the copy's lines. Raise UserError where the original has a record that cannot be written."""
    file_session_id = os.path.splitext(os.path.basename(source))[0]
    copier = _Copier(graph, stubs, session_id, file_session_id)
    titles: dict[str, str] = {}
    for placed in record_lines.read(source, graph.size):
        record = placed.record
        if record is None or record.get("type") in _LEFT_OUT_TYPES:
            continue
        _note_title(record, titles)
        try:
            yield record_lines.encoded(copier.copied(record))
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"A record of {file_session_id} cannot be written anew ({error}), so no copy was made; use /compact."
            ) from error
    title = titles.get("customTitle") or titles.get("aiTitle") or titles.get("lastPrompt")
    if title:
        named = " ".join(title.split())[:_LONGEST_TITLE].removesuffix(TITLE_SUFFIX) + TITLE_SUFFIX
        yield record_lines.encoded({"type": "custom-title", "customTitle": named, "sessionId": session_id})


class _Copier:
    def __init__(self, graph: Graph, stubs: Mapping[str, str], session_id: str, file_session_id: str) -> None:
        self._graph = graph
        self._stubs = stubs
        self._session_id = session_id
        self._file_session_id = file_session_id
        self._namespace = UUID(session_id)

    def copied(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return the copy of a record: ids anew wherever one stands, what is said as it was but for the stubs."""
        copy: dict[str, Any] = {}
        for key, value in record.items():
            if key == "message":
                copy[key] = self._stubbed(value)
            elif key in _SAID or key == "forkedFrom":
                copy[key] = value
            elif key == "sessionId" or (key == "session_id" and value == record.get("sessionId")):
                copy[key] = self._session_id
            elif key == "parentUuid":
                copy[key] = self._parent(record, value)
            else:
                copy[key] = _mapped(value, self._renamed)
        uuid = record.get("uuid")
        if isinstance(uuid, str) and "forkedFrom" not in copy:
            # Whose record it is: what it used must not count as the copy's too.
            owner = record.get("sessionId") or self._file_session_id
            copy["forkedFrom"] = {"sessionId": owner, "messageUuid": uuid}
        return copy

    def _renamed(self, text: str) -> str:
        return str(uuid5(self._namespace, text)) if text in self._graph.nodes else text

    def _parent(self, record: dict[str, Any], parent: Any) -> Any:
        node = self._graph.nodes.get(record["uuid"]) if isinstance(record.get("uuid"), str) else None
        if node is None or not isinstance(parent, str) or parent in self._graph.nodes:
            return _mapped(parent, self._renamed)
        # Named, and not there: the copy names the one that the client takes instead.
        known = self._graph.named_parent_of(node)
        return self._renamed(known) if known else None

    def _stubbed(self, message: Any) -> Any:
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(content, list):
            return message
        return {**message, "content": [self._stubbed_block(block) for block in content]}

    def _stubbed_block(self, block: Any) -> Any:
        if not isinstance(block, dict) or block.get("type") != "tool_result":
            return block
        text = self._stubs.get(block.get("tool_use_id") or "")
        if text is None:
            return block
        is_list = isinstance(block.get("content"), list)
        return {**block, "content": [{"type": "text", "text": text}] if is_list else text}


def _mapped(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, dict):
        return {rename(key): _mapped(part, rename) for key, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, rename) for part in value]
    return value


def _note_title(record: dict[str, Any], titles: dict[str, str]) -> None:
    for key in ("customTitle", "aiTitle", "lastPrompt"):
        value = record.get(key)
        if isinstance(value, str) and value.strip() and "uuid" not in record:
            titles[key] = value


def _name(aside: str, path: str) -> None:
    """Give the file its name, which nothing must have yet."""
    try:
        os.link(aside, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: claim the name, then move the file onto it.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        os.replace(aside, path)
