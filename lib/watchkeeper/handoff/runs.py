"""Which commands a session ran and how each ended the last time: tests first, then whatever else failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from watchkeeper.context.content import blocks
from watchkeeper.render.text import command_line, one_line, shortened

from .check_command import is_check
from .model import FAILED, PASSED, CommandRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHELLS = ("Bash", "PowerShell")
_MOST_COMMANDS, _MOST_OPEN = 200, 500
_LONGEST_COMMAND, _LONGEST_DETAIL = 200, 200
# Of a long output the end tells how it went.
_SCANNED_CHARACTERS = 20_000
MOST_CHECKS, MOST_FAILURES = 4, 3

# Commands that look for something end with a failure when there is nothing.
_LOOKS = re.compile(
    r"(?:cd [^&;|]+(?:&&|;)\s*)?(?:git )?(?:grep|rg|ls|find|cat|head|tail|test|which|command|diff|stat|type|ps)\b"
)
_SUMMARY = re.compile(
    r"\b\d+ (?:passed|failed|passing|failing|tests?|examples|errors?|specs?|problems?|warnings?)\b"
    r"|^(?:FAILED|FAIL|OK|PASS)\b",
    re.IGNORECASE,
)
_FAILURES = re.compile(r"\b[1-9]\d* (?:failed|failing|failures?|errors?)\b|^(?:FAILED|FAIL)\b", re.IGNORECASE)
# A call that the user or the client refused never ran.
_REFUSED = ("The user doesn't want", "<tool_use_error>", "[Request interrupted", "Claude requested permissions")
_SIGN = re.compile(r"\b(?:error|fail|failed|failure|exception|panic|not found|cannot|denied|fatal)\b", re.IGNORECASE)


class Runs:
    """What commands did, gathered from records as they pass by, the oldest first."""

    def __init__(self) -> None:
        self._asked: dict[str, str] = {}
        self._ended: dict[str, tuple[str, bool]] = {}
        """By command: the end of what it wrote the last time, and whether it was an error."""

    def watching(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the records unchanged, noting the commands in them."""
        for record in records:
            self.take(record)
            yield record

    def take(self, record: dict[str, Any]) -> None:
        """Note the commands that a record asks for or tells the results of."""
        message = record.get("message")
        for block in blocks(message.get("content")) if isinstance(message, dict) else ():
            key = str(block.get("id") or block.get("tool_use_id") or "")
            if block.get("type") == "tool_use" and block.get("name") in _SHELLS:
                asked = block.get("input")
                command = asked.get("command") if isinstance(asked, dict) else None
                if isinstance(command, str) and len(self._asked) < _MOST_OPEN:
                    self._asked[key] = shortened(command_line(command), _LONGEST_COMMAND)
            elif block.get("type") == "tool_result" and key in self._asked:
                self._end(self._asked.pop(key), block)

    def told(self) -> tuple[CommandRun, ...]:
        """Return the checks that ran last, then what else failed last, the latest first."""
        latest = [_run(command, *ended) for command, ended in reversed(self._ended.items())]
        checks = [run for run in latest if is_check(run.command)]
        others = [
            run for run in latest if run.outcome == FAILED and run not in checks and not _LOOKS.match(run.command)
        ]
        return (*checks[:MOST_CHECKS], *others[:MOST_FAILURES])

    def _end(self, command: str, block: dict[str, Any]) -> None:
        if not command:
            return
        text = "\n".join(str(part.get("text") or "") for part in blocks(block.get("content")))[-_SCANNED_CHARACTERS:]
        if text.lstrip().startswith(_REFUSED):
            return
        self._ended.pop(command, None)
        self._ended[command] = (text, block.get("is_error") is True)
        if len(self._ended) > _MOST_COMMANDS:
            del self._ended[next(iter(self._ended))]


def last_check(runs: Iterable[CommandRun]) -> str:
    """Return what the latest check said, in a line; empty if none ran."""
    for run in runs:
        if is_check(run.command):
            return f"{run.outcome}: {run.detail or shortened(run.command, 80)}"
    return ""


def _run(command: str, text: str, is_error: bool) -> CommandRun:
    lines = [shown for line in text.split("\n") if (shown := one_line(line).strip("=- "))]
    summary = next((line for line in reversed(lines) if _SUMMARY.search(line)), "") if is_check(command) else ""
    # The exit code of a pipe is that of its last part, which only showed the end of the output.
    failed = is_error or bool(_FAILURES.search(summary))
    detail = summary
    if failed and not detail:
        errors = [line for line in lines if not line.startswith("Exit code")]
        detail = next((line for line in errors if _SIGN.search(line)), errors[-1] if errors else "")
        code = next((line for line in lines if line.startswith("Exit code")), "")
        detail = ": ".join(part for part in (code.lower(), detail) if part)
    return CommandRun(command=command, outcome=FAILED if failed else PASSED, detail=shortened(detail, _LONGEST_DETAIL))
