"""What was done in a stretch of a session: tools used, files written, commands run, and the words that asked for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from watchkeeper.context.content import target_of
from watchkeeper.context.items import WRITERS
from watchkeeper.handoff.check_command import is_check

from .libraries import installed, mentioned

if TYPE_CHECKING:
    from collections.abc import Iterable

_READERS = ("Read", "Grep", "Glob", "LS", "WebFetch", "WebSearch", "NotebookRead")
_SHELLS = ("Bash", "PowerShell")
_AGENTS = ("Task", "Agent")
_TEST_FILE = re.compile(
    r"(?:^|[/\\])(?:tests?|spec|__tests__|e2e)[/\\]|(?:^|[/\\._-])(?:test|spec)s?[._-]|[_.](?:test|spec)\.\w+$|(?:^|[/\\])conftest\.py$"
)
_TEXT_FILE = re.compile(r"\.(?:md|mdx|rst|txt|adoc)$|(?:^|[/\\])(?:README|CHANGELOG|LICENSE)[^/\\]*$", re.IGNORECASE)
_PLAN_FILE = re.compile(
    r"(?:plan|design|spec|requirement|proposal|roadmap|todo|research|architecture)[^/\\]*\.(?:md|mdx|txt)$|[/\\]plans?[/\\]",
    re.IGNORECASE,
)
_STYLE_COMMAND = re.compile(
    r"\b(?:prettier|black|gofmt|gofumpt|isort|rustfmt|eslint --fix|ruff (?:format|check --fix)|fmt|lint)\b"
)
_COMMIT = re.compile(r"\bgit\b[^|;&]*\bcommit\b")
_MOST_WORDS = 4_000
_MOST_LIBRARIES = 12
_MOST_FILES = 500


class Evidence:
    """Gathered from records as they pass by."""

    def __init__(self) -> None:
        self.reads = self.agents = self.shells = self.checks = self.failed_checks = self.failures = 0
        self.styling = self.plans = 0
        self.edits = {"code": 0, "tests": 0, "text": 0, "plan": 0}
        self.lines_added = self.lines_removed = 0
        self.files_made = 0
        self.words = ""
        self.commits = 0
        self._files: set[str] = set()
        self._checks_open: set[str] = set()
        self._libraries: dict[str, None] = {}

    @property
    def calls(self) -> int:
        """How many calls of tools that do something."""
        return self.reads + self.agents + self.shells + sum(self.edits.values()) + self.plans

    @property
    def files(self) -> int:
        """How many files were written."""
        return len(self._files)

    @property
    def libraries(self) -> tuple[str, ...]:
        """Keys of the libraries that what was written uses or that were installed."""
        return tuple(self._libraries)

    def take_prompt(self, text: str) -> None:
        """Take in what a person typed."""
        self.words = f"{self.words}\n{text[:_MOST_WORDS]}"[:_MOST_WORDS].lstrip()

    def take_call(self, call_id: str, tool: str, asked: Any) -> None:
        """Take in a call of a tool."""
        if tool in WRITERS:
            self._take_edit(tool, asked if isinstance(asked, dict) else {})
        elif tool in _READERS:
            self.reads += 1
        elif tool in _SHELLS:
            self._take_command(call_id, target_of(asked))
        elif tool in _AGENTS:
            self.agents += 1
        elif tool == "ExitPlanMode":
            self.plans += 1

    def take_result(self, call_id: str, is_error: bool) -> None:
        """Take in what a call has returned."""
        is_check_result = call_id in self._checks_open
        self._checks_open.discard(call_id)
        self.failures += is_error
        self.failed_checks += is_error and is_check_result

    def join(self, other: Evidence) -> None:
        """Take in all of another's."""
        for name in (
            "reads",
            "agents",
            "shells",
            "checks",
            "failed_checks",
            "failures",
            "styling",
            "plans",
            "lines_added",
            "lines_removed",
            "files_made",
            "commits",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, count in other.edits.items():
            self.edits[kind] += count
        self.words = f"{self.words}\n{other.words}"[:_MOST_WORDS]
        self._files |= set(list(other._files)[: _MOST_FILES - len(self._files)])
        self._note(other._libraries)

    def _take_edit(self, tool: str, asked: dict[str, Any]) -> None:
        path = target_of(asked)
        kind = (
            "plan"
            if _PLAN_FILE.search(path)
            else "text"
            if _TEXT_FILE.search(path)
            else "tests"
            if _TEST_FILE.search(path)
            else "code"
        )
        self.edits[kind] += 1
        if len(self._files) < _MOST_FILES:
            self.files_made += tool == "Write" and path not in self._files
            self._files.add(path)
        parts = asked.get("edits") if isinstance(asked.get("edits"), list) else [asked]
        for part in parts or ():
            if isinstance(part, dict):
                added = str(part.get("new_string") or part.get("content") or part.get("new_source") or "")
                self.lines_added += added.count("\n") + bool(added)
                removed = str(part.get("old_string") or "")
                self.lines_removed += removed.count("\n") + bool(removed)
                if kind in ("code", "tests"):
                    self._note(mentioned(path, added))

    def _take_command(self, call_id: str, command: str) -> None:
        self.shells += 1
        self.styling += bool(_STYLE_COMMAND.search(command))
        self.commits += bool(_COMMIT.search(command))
        if is_check(command):
            self.checks += 1
            self._checks_open.add(call_id)
        self._note(installed(command))

    def _note(self, libraries: Iterable[str]) -> None:
        for library in libraries:
            if len(self._libraries) < _MOST_LIBRARIES:
                self._libraries.setdefault(library)
