"""The command line: one Typer command per file in `commands/`, loaded when it is asked for."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.exceptions import TyperException

from . import __version__
from .app import Surroundings
from .command import HELP_COLUMNS, HELP_NAMES, USAGE
from .core import clock, paths, settings, store
from .core.ledger import Ledger
from .errors import UserError
from .render.columns import clean, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .core.paths import Paths

BUG, INTERRUPTED = 70, 130

# In the order of the help. What a command does stands here so that the help need not load them all.
COMMANDS = {
    "session-status": "Quota, context and machine at a glance.",
    "context-status": "What fills this session's context window.",
    "compact-context": "Free the context window: three ways, with what each costs.",
    "plan-next-session": "Write the handoff for the next session.",
    "save-and-restart": "Write the handoff and start fresh with it.",
    "start-next-session": "Start the planned session that fits what is left now.",
    "queue": "Planned sessions: list, add, edit, done, cancel, import.",
    "create-calendar-events": "Write the scheduled sessions as calendar files.",
    "estimate-session": "Estimate what a plan takes, and whether it fits.",
    "estimates": "What was learned of the tokens that work takes.",
    "automation": "Book a session, fire one, see whether the quota is ready.",
    "automation-status": "Which sessions are booked to start by themselves.",
    "cancel-next-session": "Cancel the session that is booked.",
    "handoffs": "Handoffs written so far.",
    "memory": "What is remembered of a project.",
    "usage": "Exact token totals by day, session, project, model or window.",
    "sessions": "Sessions on this machine, live and recent.",
    "quota": "The five-hour window: show it, or start a fresh one.",
    "run": "Work through a list of tasks unattended.",
    "monitor": "The daemon that watches over sessions, and ends them in order.",
    "mcp": "The MCP server on standard input and output.",
    "watch": "A live view for a second terminal.",
    "snooze": "Mute alerts for a while.",
    "on": "Switch Watchkeeper on again.",
    "off": "Switch Watchkeeper off, everywhere or in this project.",
    "config": "Show and change settings.",
    "doctor": "What works, what does not, and why.",
    "export": "What is stored, as JSON.",
    "status-line": "What Claude Code's status line runs.",
    "update": "Bring the installed files up to date.",
    "uninstall": "Take Watchkeeper out of Claude Code again.",
}

# A script must not carry a standard module's name.
_FILES = {"queue": "session_queue"}

# Where 1 and 2 are answers that scripts test for: what a stated failure and wrong usage end with instead.
_OWN_FAILURE_CODES: dict[tuple[str, ...], dict[int, int]] = {("monitor", "check-tokens"): {1: 3, USAGE: 64}}


def command_file(name: str) -> str:
    """Return the file that holds the command `name`."""
    return os.path.join(paths.bundle_root(), "commands", _FILES.get(name, name.replace("-", "_")) + ".py")


def main(argv: Sequence[str], surroundings: Surroundings | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a stated failure, 2 wrong usage, 70 a bug."""
    around = surroundings or Surroundings.of_this_process()
    name, *arguments = argv or [""]
    try:
        if name in ("", "-h", "--help"):
            print(overview(around.columns), file=around.stdout)
            return 0 if name else USAGE
        if name == "--version":
            print(f"watchkeeper {__version__}", file=around.stdout)
            return 0
        if name not in COMMANDS:
            near = difflib.get_close_matches(name, COMMANDS, 1)
            hint = f"did you mean `watchkeeper {near[0]}`?" if near else "`watchkeeper --help` lists the commands."
            raise UserError(f"There is no command {name!r}; {hint}", USAGE)
        command = _lean(typer.main.get_command(_load(name).app))
        with contextlib.redirect_stdout(around.stdout), contextlib.redirect_stderr(around.stderr):
            ended = command.main(
                arguments,
                prog_name=f"watchkeeper {name}",
                standalone_mode=False,
                obj=around,
                terminal_width=min(around.columns, HELP_COLUMNS),
            )
        return ended if isinstance(ended, int) else 0
    except typer.Exit as leaving:
        return leaving.exit_code
    except (typer.Abort, EOFError) as error:
        # What Python meets the end of while importing, Typer takes for that of the input.
        return _cut_short(argv, around) if isinstance(error.__cause__ or error, EOFError) else INTERRUPTED
    except TyperException as error:
        from . import wrong_usage

        _complain(wrong_usage.sentence(error, name), around)
        return _failure_code(argv, error.exit_code)
    except UserError as error:
        _complain(str(error), around)
        return _failure_code(argv, error.exit_code)
    except store.Newer as error:
        _complain(str(error), around)
        return _failure_code(argv, 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The reader has gone; Typer turns that into an exit of its own.
        _forget_output(around)
        return 0
    except (sqlite3.OperationalError, OSError) as error:
        _complain(_machine_sentence(error, argv, around), around)
        _drop_what_cannot_be_written(around)
        return _failure_code(argv, 1)
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a notice
        return _unexpected(error, argv, around)


def _cut_short(argv: Sequence[str], around: Surroundings) -> int:
    """Remove compiled files that were cut short and say so; without any it was the input that ended."""
    from .core import compiled_files

    if not compiled_files.remove_cut_short(compiled_files.folders()):
        return INTERRUPTED
    _complain("A compiled file was cut short, as a full disk does, and is removed; run the command again.", around)
    return _failure_code(argv, 1)


def _failure_code(argv: Sequence[str], code: int) -> int:
    return _OWN_FAILURE_CODES.get(tuple(argv[:2]), {}).get(code, code)


def overview(columns: int) -> str:
    """Return the help: every command with what it does."""
    there = {name: summary for name, summary in COMMANDS.items() if os.path.exists(command_file(name))}
    width = max(len(name) for name in there) + 2
    lines = []
    for name, summary in there.items():
        first, *others = wrapped(summary, max(columns - width - 2, 16))
        lines += [f"  {name:<{width}}{first}", *(" " * (width + 2) + other for other in others)]
    head = wrapped("watchkeeper COMMAND [OPTIONS] (COMMAND --help tells more)", columns)
    return "\n".join([*head, "", *lines])


def _lean(command: Any) -> Any:
    """Return a command whose texts and switches are taken as they are.

    Typer would import pydantic and build an adapter for each of them, which takes longer than everything else.
    """
    try:
        from typer._coercion import PassThroughRuntimeParam

        for each in (command, *getattr(command, "commands", {}).values()):
            help_option = each.get_help_option(typer.Context(each, help_option_names=HELP_NAMES))
            for parameter in (*each.params, help_option):
                plain = parameter.type_descriptor
                if plain.annotation in (str, bool) and not parameter.multiple and parameter.nargs == 1:
                    taken = PassThroughRuntimeParam(plain.parameter_info, plain.annotation)
                    parameter._runtime_param = taken  # noqa: SLF001
    except (ImportError, AttributeError, TypeError):
        # Another version of Typer than the locked one: slower, and right all the same.
        return command
    return command


def _drop_what_cannot_be_written(around: Surroundings) -> None:
    try:
        around.stdout.flush()
        around.stderr.flush()
    except (OSError, ValueError):
        _forget_output(around)


def _forget_output(around: Surroundings) -> None:
    # Nobody reads it any more, and Python would complain of what is left of it when it ends.
    for stream in (around.stdout, around.stderr):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _complain(sentence: str, around: Surroundings) -> None:
    try:
        print(f"watchkeeper: {clean(sentence)}", file=around.stderr)
    except OSError:
        # Nobody can be told, and the exit code says it all the same.
        _drop_what_cannot_be_written(around)


def _machine_sentence(error: Exception, argv: Sequence[str], around: Surroundings) -> str:
    if isinstance(error, sqlite3.OperationalError):
        return (
            f"The ledger in {_where(argv, around).state} cannot be used ({error}); check that the disk has room and "
            "the folder can be written, then try again."
        )
    return f"{error}; check that the file can be read and written, then try again."


def _unexpected(error: Exception, argv: Sequence[str], around: Surroundings) -> int:
    """Tell of a bug, or of a damaged ledger or argument that looked like one; return the exit code."""
    if store.is_damage(error) and _is_set_aside(argv, around):
        return _failure_code(argv, 1)
    # Python carries bytes that are no UTF-8 as surrogates: a path may hold some, an id in the ledger cannot.
    if isinstance(error, UnicodeEncodeError) and any(word != word.encode("utf-8", "ignore").decode() for word in argv):
        _complain("An argument holds bytes that are no text; write it in UTF-8.", around)
        return _failure_code(argv, USAGE)
    log = _log_bug(argv, around)
    print(f"watchkeeper: this is a bug ({type(error).__name__}); please report {log}", file=around.stderr)
    return BUG


def _is_set_aside(argv: Sequence[str], around: Surroundings) -> bool:
    """Set damaged ledger files aside and say so; False when none is damaged."""
    where = _where(argv, around)
    with Ledger(settings.ledger_dir(where, settings.load(where)), around.now) as ledger:
        is_found = ledger.recover()
        if is_found:
            _complain(" ".join([*ledger.take_notices(), "Run the command again."]), around)
    return is_found


def _where(argv: Sequence[str], around: Surroundings) -> Paths:
    """Return the paths that a command works with, as its own --config-dir says."""
    named = ""
    for word, next_word in zip(argv, [*argv[1:], ""], strict=True):
        if word == "--config-dir":
            named = next_word
        elif word.startswith("--config-dir="):
            named = word.partition("=")[2]
    config = os.path.abspath(named) if named else paths.config_dir(around.environ)
    return paths.paths_in(config, around.environ)


def _load(name: str) -> Any:
    # By path, since commands/ is no package: names such as `usage` must never become importable for others.
    module_name = "watchkeeper_command_" + name.replace("-", "_")
    spec = importlib.util.spec_from_file_location(module_name, command_file(name))
    if spec is None or spec.loader is None:
        raise UserError(f"The command {name} cannot be read; run `watchkeeper update` to repair the installation.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return module


def _log_bug(argv: Sequence[str], around: Surroundings) -> str:
    import platform
    import traceback

    logs = _where(argv, around).logs
    path = os.path.join(logs, f"bug-{clock.now():.0f}.md")
    # platform.platform() would start a program.
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    lines = [
        f"watchkeeper {__version__}, Python {platform.python_version()}, {system}",
        f"command: {' '.join(argv[:1])}",
        "```",
        traceback.format_exc(),
        "```",
    ]
    try:
        os.makedirs(logs, mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return "\n".join(lines)
    return path
