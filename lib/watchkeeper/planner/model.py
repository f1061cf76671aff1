"""A planned session: what shall be done, what it is estimated to take, what it waits for, and how far it is."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from watchkeeper.core.usage import WINDOW_S
from watchkeeper.handoff.model import Line, Lines, Name, Tokens

State = Literal["planned", "ready", "scheduled", "running", "done", "cancelled"]
PLANNED: Final = "planned"
"""It waits for others."""
READY: Final = "ready"
"""Everything that it waits for is done."""
SCHEDULED: Final = "scheduled"
"""It has a time."""
RUNNING: Final = "running"
DONE: Final = "done"
CANCELLED: Final = "cancelled"
WAITING_STATES: Final = (READY, SCHEDULED, PLANNED)
OPEN_STATES: Final = (RUNNING, *WAITING_STATES)

Priority = Literal["critical", "high", "normal", "low"]
PRIORITIES: Final[tuple[Priority, ...]] = ("critical", "high", "normal", "low")
"""From the most to the least pressing."""
NORMAL: Final = "normal"

MOST_HOURS: Final = WINDOW_S / 3600.0
# The largest plan has four million tokens per window; a number beyond this is a slip of the hand.
MOST_TOKENS: Final = 100_000_000
MOST_AFTER = 50

Hours = Annotated[float, Field(gt=0, le=MOST_HOURS, allow_inf_nan=False)]
SessionTokens = Annotated[int, Field(gt=0, le=MOST_TOKENS)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Change(_Part):
    """A state that a session came into, when, and what was estimated then."""

    state: State
    at: float
    estimated_tokens: int | None = None


class PlannedSession(_Part):
    """A session in the queue. Tokens are those that the quota counts; times are epoch seconds."""

    id: Id
    name: Name
    objectives: Lines = ()
    project: Line = ""
    """The real path of its git top level, else of its folder."""
    agent: Line = ""
    estimated_tokens: SessionTokens | None = None
    low_tokens: SessionTokens | None = None
    high_tokens: SessionTokens | None = None
    """Between which two its use lies, as the estimate has it."""
    hours: Hours | None = None
    priority: Priority = NORMAL
    after_ids: tuple[Id, ...] = ()
    """The sessions that must be done before it."""
    at: float | None = None
    handoff: Line = ""
    """The id of the handoff that it is given."""
    state: State = READY
    session_id: Line = ""
    """The session of Claude Code that runs it."""
    tokens_before: Tokens = 0
    """What that session had used when it was started in it."""
    used_tokens: Tokens | None = None
    """What it took, known once it is done."""
    created_at: float = 0.0
    changed_at: float = 0.0
    history: tuple[Change, ...] = ()

    @property
    def started_at(self) -> float | None:
        """When it was last started, None if it never was."""
        return next((change.at for change in reversed(self.history) if change.state == RUNNING), None)
