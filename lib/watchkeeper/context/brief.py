"""What must survive a compaction, as far as a transcript tells: what was asked, decided, changed, fails and is next."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from . import inert
from .content import blocks, is_typed, target_of
from .items import WRITERS
from .task_list import Task, TaskList

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINE = 300
_MOST_PROMPTS, _MOST_DECISIONS, _MOST_FAILURES, _MOST_FILES = 6, 12, 20, 200
_SHORTEST_PROMPT = 8
_SCANNED_CHARACTERS = 20_000
_SCANNED_LINES = 4_000

_DECISION = re.compile(
    r"\b(decided|decision|going with|we(?:'|’)ll use|let(?:'|’)s use|agreed|chose|chosen|settled on|opted|prefers)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_TEST_COMMAND = re.compile(
    r"\b(pytest|unittest|tox|nox|jest|vitest|mocha|rspec|phpunit|ctest|gradlew? \S*test|mvn \S*test"
    r"|(?:go|cargo|npm|pnpm|yarn|bun|deno|dotnet|swift|make|just|mise run|task|rake|mix|sbt|bazel|zig build)"
    r" (?:run )?[\w:-]*test\w*)\b"
)
_FAILURE = re.compile(r"^\s*(?:FAILED|FAIL:?|ERROR|--- FAIL:|not ok|[✕✗✘×❌])\s+\S|^test .+ \.\.\. FAILED|^\s+\d+\) .+")


class Change(NamedTuple):
    """A file that was written or edited, and how often."""

    path: str
    edits: int


class Brief(NamedTuple):
    """What must survive. All of it is on single lines without control characters."""

    objective: str
    """What the session was asked first."""
    asked: tuple[str, ...]
    """What it was asked last, oldest first."""
    decisions: tuple[str, ...]
    """Oldest first."""
    changes: tuple[Change, ...]
    """The file that was changed last comes last."""
    test_command: str
    """The tests that were run last."""
    failing: tuple[str, ...]
    """What failed in that run."""
    tasks: tuple[Task, ...]
    last_words: str
    """What the model said last."""
    folder: str
    """Where the session worked last."""

    @property
    def next_step(self) -> str:
        """What is being done, or comes next, as the task list has it; empty when it does not tell."""
        for state in ("in_progress", "pending"):
            for task in self.tasks:
                if task.state == state:
                    return task.subject
        return ""


def brief(records: Iterable[dict[str, Any]], tasks: Iterable[Task] = ()) -> Brief:
    """Return what `records`, oldest first, say must survive; `tasks` are those that the client keeps in files."""
    writer = _Writer()
    for record in records:
        writer.take(record)
    known = tuple(tasks) or writer.tasks.tasks()
    changes = list(writer.changes.items())[-_MOST_FILES:]
    return Brief(
        writer.objective,
        tuple(writer.asked),
        tuple(writer.decisions),
        tuple(Change(path, edits) for path, edits in changes),
        inert.line(writer.test_run.command, 120),
        tuple(_failures(writer.test_run)),
        known,
        inert.line(writer.last_words, _LINE),
        writer.folder,
    )


class _TestRun(NamedTuple):
    command: str
    output: str
    failed: bool


class _Writer:
    """Keeps what was last as it came: only what is left at the end is worth being looked through."""

    def __init__(self) -> None:
        self.objective = ""
        self.asked: deque[str] = deque(maxlen=_MOST_PROMPTS)
        self.decisions: deque[str] = deque(maxlen=_MOST_DECISIONS)
        self.changes: dict[str, int] = {}
        self.test_run = _TestRun("", "", failed=False)
        self.tasks = TaskList()
        self.last_words = ""
        self.folder = ""
        self._asked: dict[str, tuple[str, Any]] = {}

    def take(self, record: dict[str, Any]) -> None:
        self.folder = record["cwd"] if isinstance(record.get("cwd"), str) else self.folder
        message = record.get("message")
        if not isinstance(message, dict):
            return
        if record.get("type") == "assistant" and record.get("isApiErrorMessage") is not True:
            for block in blocks(message.get("content")):
                self._take_answer(block)
        elif record.get("type") == "user" and not (record.get("isMeta") or record.get("isCompactSummary")):
            for block in blocks(message.get("content")):
                self._take_input(record, block)

    def _take_answer(self, block: dict[str, Any]) -> None:
        if block.get("type") == "text" and isinstance(block.get("text"), str):
            self._take_words(block["text"])
        elif block.get("type") == "tool_use" and isinstance(block.get("id"), str):
            self._asked[block["id"]] = (str(block.get("name")), block.get("input"))

    def _take_words(self, text: str) -> None:
        paragraphs = [part for part in text[-_SCANNED_CHARACTERS:].split("\n\n") if part.strip()]
        if paragraphs:
            self.last_words = paragraphs[-1]
        scanned = text[:_SCANNED_CHARACTERS]
        sentences = _SENTENCE_END.split(scanned) if _DECISION.search(scanned) else []
        decided = [each for each in sentences if _DECISION.search(each) and not each.lstrip().startswith("|")]
        for sentence in decided[-_MOST_DECISIONS:]:
            self._decide(sentence.strip(" -*#>"))

    def _take_input(self, record: dict[str, Any], block: dict[str, Any]) -> None:
        if block.get("type") == "tool_result":
            tool, asked = self._asked.pop(str(block.get("tool_use_id")), ("", None))
            self._take_result(tool, asked, block, record.get("toolUseResult"))
        elif is_typed(block):
            text = inert.line(block["text"], _LINE)
            # A "yes" or a "2" says nothing without the question.
            if len(text) >= _SHORTEST_PROMPT:
                self.objective = self.objective or text
                if text in self.asked:
                    self.asked.remove(text)
                self.asked.append(text)

    def _take_result(self, tool: str, asked: Any, block: dict[str, Any], response: Any) -> None:
        failed = block.get("is_error") is True
        self.tasks.take(tool, asked, response, failed)
        if tool in WRITERS and not failed and (path := target_of(asked)):
            self.changes[path] = self.changes.pop(path, 0) + 1
        elif tool in ("Bash", "PowerShell"):
            command = target_of(asked)
            if _TEST_COMMAND.search(command):
                text = "\n".join(str(part.get("text") or "") for part in blocks(block.get("content")))
                self.test_run = _TestRun(command, text, failed)
        elif tool == "AskUserQuestion" and isinstance(response, dict) and isinstance(response.get("answers"), dict):
            for question, answer in response["answers"].items():
                self._decide(f"{question} - {answer}")
        elif tool == "ExitPlanMode" and not failed and isinstance(asked, dict) and asked.get("plan"):
            self._decide(f"The user approved this plan: {asked['plan']}")

    def _decide(self, text: str) -> None:
        said = inert.line(text, _LINE)
        if said and said not in self.decisions:
            self.decisions.append(said)


def _failures(run: _TestRun) -> list[str]:
    found: dict[str, None] = {}
    lines = run.output.splitlines()
    for each in lines[-_SCANNED_LINES:]:
        if _FAILURE.match(inert.line(each, 400)) and len(found) < _MOST_FAILURES:
            found[inert.line(each, 200)] = None
    if not found and run.failed:
        ends = [each for each in lines if each.strip()]
        found = {inert.line(ends[-1], 200): None} if ends else {"the run failed": None}
    return list(found)
