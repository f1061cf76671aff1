"""A slash command typed in Claude Code, answered here by the same command a terminal runs, with no model call."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn

from watchkeeper import first_use, packages
from watchkeeper.core import clock, detach, entry, paths, payload, telling
from watchkeeper.core.reply import MOST_CHARACTERS, SILENCE, Reply, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .core.payload import Event

EVENT = "UserPromptExpansion"
# Answered by us; what Claude itself must take part in is not.
ANSWERED = (
    "session-status",
    "context-status",
    "compact-context",
    "estimate-session",
    "automation-status",
    "cancel-next-session",
    "create-calendar-events",
)
# Answered by us where no model is to take part.
DRAFTED, DRAFT = ("plan-next-session", "save-and-restart"), "--draft"
# Answered by us only while there is nothing that Claude could run.
_CALLED = (*DRAFTED, "start-next-session")
_INSTALLED, _PLUGIN = "userSettings", "plugin"
_PREFIX = "watchkeeper:"
# What the client keeps of the terminal's width around an answer.
_CLIENT_COLUMNS = 10
_MOST_CHARACTERS = MOST_CHARACTERS - 200


def main() -> NoReturn:
    """Answer the hook whose payload is on standard input; end the process."""
    environ = paths.environment()
    try:
        # Also when Watchkeeper is switched off: whoever types a command wants its answer, and not a model's.
        there = packages.make_importable()
        event = payload.parse(sys.stdin.buffer.read(), EVENT)
        if event is not None and is_ours(event, paths.config_dir(environ), there):
            reply = answer(event, environ, clock.now()) if there else Reply(answer=first_use.answer(environ))
            sys.stdout.buffer.write(encode(reply, EVENT).encode("utf-8", "replace"))
            sys.stdout.buffer.flush()
            if reply.answer and not there:
                detach.start_jobs([first_use.JOB])
    except BaseException as error:  # noqa: BLE001 - a hook never breaks the session
        entry.log_failure(EVENT, error, environ)
    entry.leave()


def is_ours(event: Event, config: str, is_ready: bool = True) -> bool:
    """Return whether we answer the command typed: a project's or the user's own of that name is left alone.

    Before the packages are there (`is_ready`) nothing of ours is left to the model, which could do nothing either.
    """
    name = event.text("command_name").removeprefix(_PREFIX)
    source = event.text("command_source")
    is_answered = name in ANSWERED or (name in DRAFTED and DRAFT in event.text("command_args").split())
    is_answered = is_answered or (not is_ready and name in _CALLED)
    if not is_answered or source not in (_INSTALLED, _PLUGIN):
        return False
    return source == _PLUGIN or _runs_us(os.path.join(config, "commands", f"{name}.md"), name)


def _runs_us(command_file: str, name: str) -> bool:
    try:
        with open(command_file, encoding="utf-8", errors="replace") as file:
            text = file.read(20_000)
    except OSError:
        return False
    return f'watchkeeper" {name}' in text or f'__main__.py" {name}' in text


def answer(event: Event, environ: Mapping[str, str], now: float) -> Reply:
    """Return the answer to a command: what it prints, or the sentence it fails with."""
    from . import cli
    from .app import DEFAULT_COLUMNS, Surroundings, captured, told_columns
    from .render import theme
    from .render.ink import Pen

    name = event.text("command_name").removeprefix(_PREFIX)
    try:
        arguments = split(event.text("command_args"), os.name == "nt")
    except ValueError as error:
        return Reply(answer=f"The arguments of /{name} cannot be read: {error}.")
    told = told_columns(environ)
    columns = told - _CLIENT_COLUMNS if told else DEFAULT_COLUMNS
    where = paths.paths_in(paths.config_dir(environ), environ)
    pen = Pen(telling.is_attended(environ) and not environ.get("NO_COLOR"), theme.plain_ink(where))
    calling = {**environ, "CLAUDE_CODE_SESSION_ID": event.session_id}
    around = Surroundings(
        calling, now, sys.stdin, sys.stdout, sys.stderr, columns, pen, is_interactive=False, is_hurried=True
    )
    inside, out, err = captured(around)
    cli.main([name, *arguments], inside)
    text = shortened((out.getvalue() + err.getvalue()).strip("\n"), f"watchkeeper {name}")
    return Reply(answer="\n" + text) if text else SILENCE


def split(text: str, is_windows: bool) -> list[str]:
    """Return the arguments that a person typed; on Windows a backslash is part of a path. Raise ValueError if open."""
    return shlex.split(text.replace("\\", "\\\\") if is_windows else text)


def shortened(text: str, command: str) -> str:
    """Return text that the client shows as it is: of a longer one whole lines, and where the rest is to be had."""
    if len(text) <= _MOST_CHARACTERS:
        return text
    kept = text[:_MOST_CHARACTERS].rpartition("\n")[0] or text[:_MOST_CHARACTERS]
    return f"{kept}\n… and more: `{command}` in a terminal shows all of it."
