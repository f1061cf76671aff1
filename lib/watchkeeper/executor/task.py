"""A task of an unattended run: what is to be done, what it may take, and when it counts as done."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from watchkeeper.automation.plan import Mode, Word
from watchkeeper.planner.model import NORMAL, PRIORITIES, Priority

from .learning import NOTHING, Learned

Risk = Literal["low", "medium", "high"]
Complexity = Literal["simple", "medium", "complex"]
Source = Literal["stated", "learned", "assumed"]
STATED: Final = "stated"
LEARNED: Final = "learned"
ASSUMED: Final = "assumed"

TOKENS_BY_COMPLEXITY: Final[dict[Complexity, int]] = {"simple": 2_000, "medium": 5_000, "complex": 10_000}
"""What a task counts for until tasks like it were run."""
MINUTES: Final = 10.0
"""How long a task is taken to last where nothing is said."""

_Number = TypeVar("_Number", int, float)


def _argument(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not hold a null character")
    return value


def _line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line without control characters")
    return value


Argument = Annotated[str, Field(max_length=100_000), AfterValidator(_argument)]
Argv = Annotated[tuple[Argument, ...], Field(min_length=1, max_length=1_000)]
Line = Annotated[str, Field(max_length=400), AfterValidator(_line)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
Tokens = Annotated[int, Field(gt=0, le=100_000_000)]
_MOST_MINUTES: Final = 10_000.0
Minutes = Annotated[float, Field(gt=0, le=_MOST_MINUTES, allow_inf_nan=False)]


class Task(BaseModel):
    """One task: a prompt for Claude Code, or a command as a list of arguments. Nothing of it ever meets a shell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    name: Line = ""
    prompt: Argument = ""
    command: Argv | None = None
    project: Line = ""
    """The folder it works in; empty is the one that the list names, else the list's own."""
    agent: Word = ""
    model: Word = ""
    permission_mode: Mode = ""
    """Claude Code's own modes; empty is what the settings say, save that they alone never switch every question off."""
    budget_usd: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None
    estimated_tokens: Tokens | None = None
    estimated_ram_gb: Annotated[float, Field(ge=0, le=4_096, allow_inf_nan=False)] | None = None
    estimated_minutes: Minutes | None = None
    thermal_risk: Risk = "low"
    priority: Priority = NORMAL
    phase: Line = ""
    complexity: Complexity = "medium"
    after: tuple[Id, ...] = ()
    """The tasks that must be done before it."""
    retries: Annotated[int, Field(ge=0, le=20)] = 0
    repeatable: bool = False
    """Whether it may simply be run again when the run was cut off or asked to end while it ran."""
    check: Argv | None = None
    """A command that ends with 0 when the task has really been done."""
    timeout_minutes: Minutes | None = None

    @model_validator(mode="after")
    def _agree(self) -> Task:
        if bool(self.prompt.strip()) == (self.command is not None):
            raise ValueError("needs either a prompt or a command")
        if self.command is not None and (self.agent or self.model or self.permission_mode or self.budget_usd):
            raise ValueError("is a command: agent, model, permission_mode and budget_usd are for prompts")
        return self

    @property
    def rank(self) -> int:
        """Where its priority stands: the smaller, the more pressing."""
        return PRIORITIES.index(self.priority)

    @property
    def is_prompt(self) -> bool:
        """Whether Claude Code does it; a command takes no tokens that anybody would know of before."""
        return self.command is None


class Estimate(BaseModel):
    """What a task is taken to need; the names are those of the Python interface."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task_id: Id
    estimated_tokens: Annotated[int, Field(ge=0, le=100_000_000)] = TOKENS_BY_COMPLEXITY["medium"]
    estimated_ram_gb: Annotated[float, Field(ge=0, le=4_096, allow_inf_nan=False)] = 0.0
    estimated_duration_minutes: Minutes = MINUTES
    thermal_risk: Risk = "low"
    tokens_source: Source = STATED
    """Whether the tokens are what somebody said, what such tasks took, or what is assumed of any."""
    duration_source: Source = STATED


def estimate_of(task: Task, learned: Learned = NOTHING) -> Estimate:
    """Return what a task is taken to need: as it says itself, else as learned, else as any of its complexity."""
    assumed_tokens = TOKENS_BY_COMPLEXITY[task.complexity] if task.is_prompt else 0
    learned_minutes = None if learned.duration_s is None else min(learned.duration_s / 60.0, _MOST_MINUTES)
    tokens, tokens_source = _first_known(task.estimated_tokens, learned.tokens, assumed_tokens)
    minutes, duration_source = _first_known(task.estimated_minutes, learned_minutes, MINUTES)
    return Estimate(
        task_id=task.id,
        estimated_tokens=tokens,
        estimated_ram_gb=task.estimated_ram_gb or 0.0,
        estimated_duration_minutes=minutes,
        thermal_risk=task.thermal_risk,
        tokens_source=tokens_source,
        duration_source=duration_source,
    )


def plain(task: Task) -> dict[str, Any]:
    """Return a task as it is written into files: what differs from the defaults."""
    return task.model_dump(mode="json", exclude_defaults=True)


def _first_known(stated: _Number | None, learned: _Number | None, assumed: _Number) -> tuple[_Number, Source]:
    if stated is not None:
        return stated, STATED
    return (assumed, ASSUMED) if learned is None else (learned, LEARNED)
