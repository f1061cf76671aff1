"""A session's records with times of their own, for tests of what is learned from one."""

from __future__ import annotations

from typing import Any

from tests.transcripts.samples import response, stamp

BEGAN_AT = 1_795_100_000.0


class Session:
    """Grows by what happens; `later` lets time pass, and every record takes a second."""

    def __init__(self, session_id: str = "s1", began_at: float = BEGAN_AT, folder: str = "/home/dev/project") -> None:
        self.session_id = session_id
        self.at = began_at
        self.folder = folder
        self.records: list[dict[str, Any]] = []
        self._calls = 0

    def later(self, seconds: float) -> None:
        self.at += seconds

    def prompt(self, text: str, **fields: Any) -> None:
        """What a person types."""
        self._add({"type": "user", "message": {"role": "user", "content": text}, **fields})

    def call(
        self,
        tool: str,
        asked: dict[str, Any] | None = None,
        is_error: bool = False,
        tokens: int = 1_000,
        seconds: float = 30.0,
        result: Any = None,
    ) -> None:
        """A response of so many output tokens that calls a tool, and what that returns after so many seconds."""
        self._calls += 1
        key = f"{self.session_id}-{self._calls}"
        block = {"type": "tool_use", "id": key, "name": tool, "input": asked or {}}
        made = response(f"msg-{key}", (0, tokens, 0, 0), self.at, content=[block], uuid=f"a-{key}")
        self._add(made)
        self.later(seconds)
        returned = {"type": "tool_result", "tool_use_id": key, "content": "done", "is_error": is_error}
        self._add({"type": "user", "message": {"role": "user", "content": [returned]}, "toolUseResult": result})

    def reads(self, count: int) -> None:
        for number in range(count):
            self.call("Read", {"file_path": f"/home/dev/project/src/{number}.py"})

    def edits(self, count: int, path: str = "/home/dev/project/src/app.py", added: str = "a\nb\nc") -> None:
        for _ in range(count):
            self.call("Edit", {"file_path": path, "old_string": "a", "new_string": added})

    def runs(self, command: str, is_error: bool = False) -> None:
        self.call("Bash", {"command": command}, is_error)

    def _add(self, record: dict[str, Any]) -> None:
        self.later(1.0)
        self.records.append(
            {
                "uuid": f"{self.session_id}-{len(self.records)}",
                "isSidechain": False,
                **record,
                "timestamp": stamp(self.at),
                "cwd": self.folder,
                "sessionId": self.session_id,
            }
        )
