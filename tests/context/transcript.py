"""A transcript written as the client writes it, for tests of what is read from one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.transcripts.samples import stamp

BEGAN_AT = 1_795_168_800.0
SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
MODEL = "claude-sonnet-5-5"
FOLDER = "/home/dev/project"


class Call(NamedTuple):
    """A tool call that the model makes."""

    name: str
    input: dict[str, Any]


class Transcript:
    """Grows by what happens; each record follows the last one unless it is told another parent."""

    def __init__(self, session_id: str = SESSION, folder: str = FOLDER) -> None:
        self.session_id = session_id
        self.folder = folder
        self.lines: list[bytes] = []
        self.last: str | None = None
        self.links: list[str] = []
        """The uuids of the main thread's records."""
        self._asked_in: dict[str, str] = {}
        self._records = self._responses = self._calls = 0

    def add(self, kind: str, parent: str | None = "", **fields: Any) -> str:
        """Add a record and return its uuid; it becomes the last one unless it is another agent's."""
        self._records += 1
        uuid = f"00000000-0000-4000-8000-{self._records:012d}"
        record = {
            "parentUuid": self.last if parent == "" else parent,
            "isSidechain": False,
            "type": kind,
            "uuid": uuid,
            "timestamp": stamp(BEGAN_AT + self._records),
            "cwd": self.folder,
            "sessionId": self.session_id,
            "version": "2.1.329",
            **fields,
        }
        self.line(record)
        if not record["isSidechain"]:
            self.last = uuid
            self.links.append(uuid)
        return uuid

    def line(self, record: dict[str, Any]) -> None:
        """Add a record that is no link of a chain, or is complete already."""
        self.lines.append(json.dumps(record, separators=(",", ":")).encode() + b"\n")

    def prompt(self, text: str | list[dict[str, str]], **fields: Any) -> str:
        return self.add("user", message={"role": "user", "content": text}, **fields)

    def respond(
        self,
        context_tokens: int,
        *blocks: dict[str, Any] | Call | str,
        usage: dict[str, Any] | None = None,
        **fields: Any,
    ) -> list[str]:
        """A response, one record a block; return the ids of its calls."""
        self._responses += 1
        counted = {"input_tokens": 2, "cache_creation_input_tokens": 0, "cache_read_input_tokens": context_tokens - 2}
        message = {
            "id": f"msg_{self._responses:06d}",
            "type": "message",
            "role": "assistant",
            "model": MODEL,
            "usage": {**counted, "output_tokens": 50, **(usage or {})},
        }
        call_ids = []
        for block in blocks:
            content = self._block(block)
            if content["type"] == "tool_use":
                call_ids.append(content["id"])
            uuid = self.add("assistant", message={**message, "content": [content]}, **fields)
            if content["type"] == "tool_use":
                self._asked_in[content["id"]] = uuid
        return call_ids

    def result(self, call_id: str, content: Any, *, is_error: bool = False, response: Any = None, **fields: Any) -> str:
        """What a call returned; its record follows the call's, as the client has it."""
        block = {"type": "tool_result", "tool_use_id": call_id, "content": content}
        return self.add(
            "user",
            self._asked_in[call_id],
            message={"role": "user", "content": [{**block, "is_error": True} if is_error else block]},
            toolUseResult=response,
            **fields,
        )

    def read(self, context_tokens: int, path: str, text: str, first: int = 1, is_whole: bool = True) -> str:
        """A response that reads a file, and what it reads; return the call's id."""
        lines = text.count("\n") + 1
        asked = {"file_path": path} if is_whole else {"file_path": path, "offset": first, "limit": lines}
        (call_id,) = self.respond(context_tokens, Call("Read", asked))
        file = {"filePath": path, "content": text, "numLines": lines, "startLine": first}
        total = lines if is_whole else first + lines + 1_000
        self.result(call_id, text, response={"type": "text", "file": {**file, "totalLines": total}})
        return call_id

    def bash(self, context_tokens: int, command: str, output: str, is_error: bool = False) -> str:
        """A response that runs a command, and its output; return the call's id."""
        (call_id,) = self.respond(context_tokens, Call("Bash", {"command": command}))
        self.result(call_id, output, is_error=is_error, response={"stdout": output, "stderr": ""})
        return call_id

    def attachment(self, kind: str, text: str | None = None, **fields: Any) -> str:
        """An attachment; `text` is what the client says it sent of it."""
        rendered: dict[str, Any] = {} if text is None else {"rendered": [{"content": text}], "renderedRole": "system"}
        return self.add("attachment", attachment={"type": kind, **fields}, **rendered)

    def compact(self, pre_tokens: int, summary: str, preserved: Sequence[str] = (), trigger: str = "auto") -> str:
        """A compaction with its summary, which is returned; what is preserved hangs after it."""
        before = self.last
        anchor = f"00000000-0000-4000-8000-{self._records + 2:012d}"
        metadata: dict[str, Any] = {"trigger": trigger, "preTokens": pre_tokens}
        if preserved:
            metadata["preservedSegment"] = {"headUuid": preserved[0], "anchorUuid": anchor, "tailUuid": preserved[-1]}
            uuids = list(preserved)
            metadata["preservedMessages"] = {"anchorUuid": anchor, "uuids": uuids, "allUuids": uuids}
        self.add("system", parent=None, subtype="compact_boundary", logicalParentUuid=before, compactMetadata=metadata)
        return self.prompt(summary, isCompactSummary=True, isVisibleInTranscriptOnly=True)

    def request_recording(self, characters: int) -> None:
        """A recording of a request, of which new clients write many."""
        self.line({"type": "api-request-shape", "sessionId": self.session_id, "shape": {"system": "x" * characters}})

    def write(self, folder: Path) -> Path:
        """Write it as a session of that project folder, and return the file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.session_id}.jsonl"
        path.write_bytes(b"".join(self.lines))
        return path

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def _block(self, block: dict[str, Any] | Call | str) -> dict[str, Any]:
        if isinstance(block, str):
            return {"type": "text", "text": block}
        if isinstance(block, Call):
            self._calls += 1
            return {"type": "tool_use", "id": f"toolu_{self._calls:06d}", "name": block.name, "input": block.input}
        return block


def thought(text: str, signature: str = "c2lnbmVk") -> dict[str, Any]:
    """A block of thinking."""
    return {"type": "thinking", "thinking": text, "signature": signature}


def numbered(lines: int, word: str = "line") -> str:
    """A text of so many different lines."""
    return "\n".join(f"{word} {number} of a file with some words in it" for number in range(lines))


def reopened(path: Path) -> Iterable[dict[str, Any]]:
    """The records of a file, in its order."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]
