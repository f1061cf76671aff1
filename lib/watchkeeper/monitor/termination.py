"""A request to end a session and go on in a new one: what it says, where it waits, and what became of it."""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import Annotated, Any, Final, Literal

from filelock import FileLock
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from watchkeeper.adapters import files
from watchkeeper.errors import UserError

from .workspace import REQUEST, RESULT, Workspace, read_own

GRACEFUL: Final = "graceful"
IMMEDIATE: Final = "immediate"
_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_MOST_BYTES = 64 * 1024
_LOCK, _LOCK_WAIT_S = ".lock", 10.0
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line without control characters")
    return value


Line = Annotated[str, Field(max_length=2_000), AfterValidator(_one_line)]
Argument = Annotated[str, Field(max_length=8_000)]


class Request(BaseModel):
    """What was asked for. Times are epoch seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    session_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
    project: Annotated[str, Field(min_length=1, max_length=4_096)]
    reason: Annotated[Line, Field(min_length=1)]
    continuation_command: tuple[Argument, ...] = ()
    """The program to go on with and its arguments; empty ends the session for good."""
    priority: Literal["graceful", "immediate"] = GRACEFUL
    requested_at: Annotated[float, Field(gt=0)]
    attempts: Annotated[int, Field(ge=0, le=100)] = 0
    """How often the continuation was tried."""
    not_before_at: float = 0.0
    is_interactive: bool = True
    """Whether a person sat before it, as was seen when it was ended."""
    ended: bool = False
    """Whether the session has ended, and only the continuation is left."""


def split(command: str) -> tuple[str, ...]:
    """Return the words of a continuation command; no shell ever reads it. Raise UserError for what has no end."""
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UserError(f"The continuation command cannot be read ({error}): close its quotes.", 2) from None


def check_of_a_model(command: tuple[str, ...]) -> None:
    """Raise UserError for a continuation that a model may not choose.

    The daemon runs it outside Claude Code's permissions, so a model may only have its own conversation go on: with
    `claude --continue` or `claude --resume ID`, and a prompt.
    """
    words = list(command)
    if words[:1] == ["claude"]:
        del words[0]
        if words[:1] in (["--continue"], ["-c"]):
            del words[0]
        elif words[:1] in (["--resume"], ["-r"]) and len(words) > 1 and _SESSION.fullmatch(words[1]):
            del words[:2]
    if len(words) > 1 or (words and (words == list(command) or words[0].startswith("-"))):
        raise UserError(
            "Over MCP a session goes on with `claude --continue` or `claude --resume ID`, and at most a prompt: "
            "`watchkeeper monitor request-termination` takes any other command."
        )


def file_request(where: Workspace, request: Request) -> str:
    """Let a request wait in its workspace, in place of one for the same session, and return its path."""
    where.prepare()
    # Two that file at the same time would both find the first name free.
    with _lock(where):
        name = _name_of(where, request.session_id)
        if not name:
            is_free = REQUEST not in _sessions(where)
            name = REQUEST if is_free else f"{REQUEST}-{_UNSAFE.sub('_', request.session_id)}"
        where.write(name, request.model_dump_json(indent=2) + "\n")
    return where.path(name)


def waits_for(where: Workspace, session_id: str) -> bool:
    """Return whether a request to end a session waits in a workspace."""
    return bool(_name_of(where, session_id))


def made(**fields: Any) -> Request:
    """Return the request of these fields. Raise UserError with a sentence when it cannot be made."""
    try:
        return Request(**fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0]).replace("_", "-") if wrong["loc"] else "it"
        reason = str(wrong["msg"]).removeprefix("Value error, ")
        raise UserError(f"The request's {name} cannot be used: {reason}.", 2) from None


def waiting_in(where: Workspace, name: str = REQUEST) -> Request | None:
    """Return the request that waits in a workspace under a name, None when none does.

    Raise UserError for one that is damaged, or that somebody else may have written: it runs a command.
    """
    path = where.path(name)
    if not os.path.isfile(path):
        return None
    try:
        data = read_own(path, _MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError:
        raise UserError(f"The request in {path} is not yours alone to write: file it again.") from None
    try:
        return Request.model_validate_json(data)
    except ValidationError as error:
        raise UserError(f"The request in {path} cannot be used ({error.errors()[0]['msg']}): file it again.") from None


def was_settled(where: Workspace, session_id: str, since_at: float) -> bool:
    """Return whether a request of this session's is known to have been settled in a workspace since `since_at`."""
    return any(_tells_of(where.path(name), session_id, since_at) for name in where.results())


def settle(where: Workspace, request: Request | None, outcome: str, detail: str, now: float, name: str = "") -> None:
    """Take the request away and keep what became of it; `name` is that of one that could not be read."""
    told = {
        "outcome": outcome,
        "detail": detail,
        "at": now,
        "request": None if request is None else request.model_dump(mode="json"),
    }
    where.prepare()
    with _lock(where):
        waits_as = name if request is None else _name_of(where, request.session_id)
        stem, ending = os.path.splitext(RESULT)
        kept_as = f"{stem}{(waits_as or REQUEST).removeprefix(REQUEST)}{ending}"
        where.write(kept_as, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        if waits_as:
            files.remove(where.path(waits_as))


def _lock(where: Workspace) -> FileLock:
    return FileLock(where.path(_LOCK), timeout=_LOCK_WAIT_S, mode=0o600)


def _sessions(where: Workspace) -> dict[str, str]:
    """The session of each request that waits, by the request's name; one that cannot be read is nobody's."""
    found = {}
    for name in where.requests():
        try:
            request = waiting_in(where, name)
        except UserError:
            continue
        if request is not None:
            found[name] = request.session_id
    return found


def _name_of(where: Workspace, session_id: str) -> str:
    return next((name for name, whose in _sessions(where).items() if whose == session_id), "")


def _tells_of(path: str, session_id: str, since_at: float) -> bool:
    try:
        with open(path, "rb") as file:
            told = json.loads(file.read(_MOST_BYTES))
        return bool(told["request"]["session_id"] == session_id and told["at"] >= since_at)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
