"""Transcripts as the client writes them, record by record."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tests.handoff.samples import SESSION
from tests.support.clock import NOON


class Transcript:
    """A session's transcript below a folder; what is said in it is a minute apart and ends before noon."""

    def __init__(
        self, path: Path, cwd: str = "/home/dev/proj", session_id: str = SESSION, began_min: float = 60
    ) -> None:
        self.path = path
        self._cwd = cwd
        self._session_id = session_id
        self._at = NOON - began_min * 60
        self._parent: str | None = None
        self._calls = 0
        path.parent.mkdir(parents=True, exist_ok=True)

    def asked(self, text: str) -> Transcript:
        """A prompt."""
        return self._record("user", {"role": "user", "content": text})

    def said(self, text: str) -> Transcript:
        """An answer in words."""
        return self._assistant({"type": "text", "text": text})

    def called(
        self, tool: str, asked: dict[str, Any], result: str, failed: bool = False, **response: Any
    ) -> Transcript:
        """A tool call and what came back."""
        self._calls += 1
        key = f"toolu_{self._calls:06}"
        self._assistant({"type": "tool_use", "id": key, "name": tool, "input": asked})
        block = {"type": "tool_result", "tool_use_id": key, "content": result, "is_error": failed}
        return self._record("user", {"role": "user", "content": [block]}, toolUseResult=response or result)

    def ran(self, command: str, output: str, failed: bool = False) -> Transcript:
        """A command in the shell."""
        return self.called("Bash", {"command": command}, output, failed)

    def wrote(self, path: str) -> Transcript:
        """A file that was written."""
        return self.called("Write", {"file_path": path, "content": "x"}, f"File created successfully at: {path}")

    def made_task(self, number: int, subject: str, state: str = "pending") -> Transcript:
        """A task of the list, in a state."""
        self.called("TaskCreate", {"subject": subject}, f"Task #{number}", task={"id": str(number), "subject": subject})
        if state != "pending":
            self.called("TaskUpdate", {"taskId": str(number), "status": state}, "Updated", success=True)
        return self

    def _assistant(self, block: dict[str, Any]) -> Transcript:
        usage = {
            "input_tokens": 10,
            "output_tokens": 20,
            "cache_creation_input_tokens": 1_000,
            "cache_read_input_tokens": 5_000,
        }
        message = {
            "id": f"msg_{uuid.uuid4().hex[:12]}",
            "role": "assistant",
            "model": "claude-sonnet-5",
            "usage": usage,
        }
        return self._record("assistant", {**message, "content": [block]})

    def _record(self, kind: str, message: dict[str, Any], **more: Any) -> Transcript:
        key = str(uuid.uuid4())
        self._at += 60
        record = {
            "parentUuid": self._parent,
            "isSidechain": False,
            "type": kind,
            "message": message,
            "uuid": key,
            "timestamp": datetime.fromtimestamp(self._at, timezone.utc).isoformat().replace("+00:00", "Z"),
            "cwd": self._cwd,
            "sessionId": self._session_id,
            "version": "2.1.329",
            **more,
        }
        self._parent = key
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        return self
