"""What one session tells the next: the handoff."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from watchkeeper.render.text import command_line, one_line, paragraphs

from .folder import LATEST_AT
from .pending import MANUAL

COMPOSED: Final = "composed"
DRAFT: Final = "draft"
PENDING_TASK: Final = "pending"
ACTIVE_TASK: Final = "in progress"
PASSED: Final = "passed"
FAILED: Final = "failed"


def _filled(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _not_empty(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


Line = Annotated[str, AfterValidator(one_line)]
"""Text on one line, without control characters."""
Name = Annotated[str, AfterValidator(one_line), AfterValidator(_not_empty)]
Text = Annotated[str, AfterValidator(paragraphs)]
Lines = Annotated[tuple[Line, ...], AfterValidator(_filled)]
Command = Annotated[str, AfterValidator(command_line)]
Commands = Annotated[tuple[Command, ...], AfterValidator(_filled)]
Tokens = Annotated[int, Field(ge=0, lt=10**12)]
Epoch = Annotated[int, Field(ge=1, lt=int(LATEST_AT))]
"""Epoch seconds."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Objective(_Part):
    """Something the next session shall do."""

    title: Name
    steps: Lines = ()
    tokens: Tokens | None = None
    """What it is estimated to take."""


class FileToRead(_Part):
    path: Name
    why: Line = ""


class Task(_Part):
    """An entry of the session's task list that was still open."""

    subject: Name
    state: Literal["pending", "in progress"] = PENDING_TASK


class CommandRun(_Part):
    """How a command that the session ran ended the last time."""

    command: Annotated[Command, AfterValidator(_not_empty)]
    outcome: Literal["passed", "failed"]
    detail: Line = ""


class Handoff(_Part):
    """A handoff. Everything in it is text to be read; nothing is ever run because of it."""

    id: str = Field(pattern=r"^handoff-[A-Za-z0-9_-]{1,80}$")
    kind: Literal["composed", "draft"]
    title: Name
    written_at: Epoch
    from_session: Line = ""
    to_session: Line = ""
    scheduled_for: Epoch | None = None
    start: Line = MANUAL
    """How the time was chosen: manual, reset, reset+5m, or the time as it was given."""
    agent: Line = ""
    project: Line = ""

    accomplished: Lines = ()
    branch: Line = ""
    commit: Line = ""
    commit_subject: Line = ""
    changed_files: Annotated[int, Field(ge=0, lt=10**9)] | None = None
    """How many files differ from that commit."""
    fingerprint: Line = ""
    """What those differences were, as a hash."""
    tests: Line = ""
    files_modified: Lines = ()
    runs: tuple[CommandRun, ...] = ()
    tasks: tuple[Task, ...] = ()
    objectives: tuple[Objective, ...] = ()
    stated_tokens: Tokens | None = None
    """An estimate for the whole session, where one was given."""
    limit_tokens: Tokens | None = None
    """Tokens of the plan per five hours, for the share."""
    decisions: Lines = ()
    blockers: Lines = ()
    files_to_read: tuple[FileToRead, ...] = ()
    commands: Commands = ()
    instructions: Text = ""

    used_tokens: Tokens | None = None
    """What the session that wrote it had used, as the quota counts."""
    masked: int = Field(default=0, ge=0)
    """How many things that look like secrets were taken out."""

    @property
    def estimated_tokens(self) -> int | None:
        """What the next session is estimated to take: as stated, else the sum over its objectives."""
        if self.stated_tokens is not None:
            return self.stated_tokens
        known = [objective.tokens for objective in self.objectives if objective.tokens is not None]
        return sum(known) if known else None

    @property
    def share_pct(self) -> float | None:
        """The estimate as a share of the quota."""
        tokens = self.estimated_tokens
        return 100.0 * tokens / self.limit_tokens if tokens is not None and self.limit_tokens else None
