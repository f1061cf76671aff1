"""How a booked session is started: what the user wrote into the booking."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from watchkeeper.errors import UserError

BYPASS = "bypassPermissions"
# Options of the client that switch every question off.
_BYPASS_OPTIONS = ("--dangerously-skip-permissions", "--allow-dangerously-skip-permissions")
# What a booking decides itself, or what would continue another conversation instead of beginning one.
_OWN_OPTIONS = frozenset(
    """-p --print -c --continue -r --resume --session-id --fork-session --from-pr --output-format --input-format
    --verbose --agent --model --permission-mode --max-budget-usd --bg --background --cloud --desktop --bare --safe-mode
    --init-only --no-session-persistence -h --help -v --version --tmux -w --worktree --teleport --remote""".split()
)
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-][^\x00-\x1f\x7f]{0,199}")


def _word(value: str) -> str:
    if value and not _WORD.fullmatch(value):
        raise ValueError("must be one line of at most 200 characters that begins with none of space and dash")
    return value


def _argument(value: str) -> str:
    if "\0" in value or "\n" in value or "\r" in value or len(value) > 4_000:
        raise ValueError("must be one line of at most 4,000 characters")
    # A value may be joined to a name of one letter: -rID.
    name = value.partition("=")[0] if value.startswith("--") else value[:2]
    if value == "--" or name in _OWN_OPTIONS:
        raise ValueError(f"{name} is no option for a booked session, or has one of its own here")
    return value


Word = Annotated[str, AfterValidator(_word)]
Argument = Annotated[str, AfterValidator(_argument)]
Mode = Literal["", "default", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"]


class Plan(BaseModel):
    """What starts; empty texts leave it to the client."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    headless: bool = False
    agent: Word = ""
    model: Word = ""
    permission_mode: Mode = ""
    budget_usd: Annotated[float, Field(gt=0, le=10_000)] | None = None
    extra: list[Argument] = Field(default_factory=list, max_length=50)
    """Further arguments for the client, as the user wrote them."""
    even_if_unknown: bool = False
    estimated_tokens: Annotated[int, Field(ge=0, lt=10**12)] | None = None
    start: Annotated[str, Field(max_length=100)] = "at"
    """How the time was chosen: at, reset, reset+5m."""

    @property
    def bypasses(self) -> bool:
        """Whether nothing is asked before a tool runs, because the user wrote so."""
        return self.permission_mode == BYPASS or any(each in _BYPASS_OPTIONS or BYPASS in each for each in self.extra)


def made(**fields: Any) -> Plan:
    """Return the plan of these fields. Raise UserError for what the client must not be given."""
    try:
        plan = Plan(**fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(part) for part in wrong["loc"][:1]).replace("_", "-")
        reason = str(wrong["msg"]).removeprefix("Value error, ")
        raise UserError(f"The booking's {name} {_worded(reason)}; correct it and book again.", 2) from None
    if plan.budget_usd is not None and not plan.headless:
        raise UserError("--budget works for headless sessions only: add --headless, or leave it out.", 2)
    return plan


def read(text: str) -> Plan:
    """Return the plan that a booking holds. Raise ValueError when somebody has changed it into none."""
    return Plan.model_validate_json(text)


def _worded(reason: str) -> str:
    return reason if reason.startswith(("must ", "-")) else f"is refused ({reason[:1].lower()}{reason[1:]})"
