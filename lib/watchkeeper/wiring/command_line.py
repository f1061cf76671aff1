"""What install.py is told and what it says: arguments, the one question, exit codes."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING

import watchkeeper
from watchkeeper.core.paths import config_dir, environment
from watchkeeper.core.settings import PLAN_LIMITS_TOKENS
from watchkeeper.errors import UserError
from watchkeeper.wiring import installation, layout, programs, removal
from watchkeeper.wiring.actions import Effects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from watchkeeper.wiring.actions import MakeEnvironment

BUG = 70
INTERRUPTED = 130

_NAMES = ", ".join(PLAN_LIMITS_TOKENS)
_QUESTION = f"Which plan do you have? ({_NAMES}, a number of tokens per five hours, or Enter to leave it open) "


def main(
    arguments: Sequence[str], ask: Callable[[str], str] | None = None, make_environment: MakeEnvironment | None = None
) -> int:
    """Do what `arguments` say and return the exit code. `ask` puts a question to the user; None: nobody is there."""
    options = _parser().parse_args(arguments)
    try:
        return _done(options, ask, make_environment)
    except UserError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("Interrupted: run it again to finish.")
        return INTERRUPTED
    except Exception:  # noqa: BLE001 -- whatever it is, the user gets one line and a log to paste
        _complain(f"This is a bug in Watchkeeper; please report it with {_log()}")
        return BUG


def settings_for(plan: str) -> tuple[tuple[str, str], ...]:
    """Return the settings for a named plan or a number of tokens per five hours. Raises ValueError for all else."""
    plan = plan.strip().lower()
    if plan in ("", "open"):
        return ()
    if plan in PLAN_LIMITS_TOKENS:
        return (("quota.plan", plan),)
    tokens = int(plan.removeprefix("custom").lstrip(": ").replace("_", "").replace(",", ""))
    if tokens <= 0:
        raise ValueError(plan)
    return (("quota.limit_tokens", str(tokens)), ("quota.plan", "custom"))


def _done(
    options: argparse.Namespace, ask: Callable[[str], str] | None, make_environment: MakeEnvironment | None
) -> int:
    config = os.path.abspath(options.config_dir) if options.config_dir else config_dir(environment())
    environ = environ_for(config, environment())
    effects = Effects(programs.run, _say, environ)
    if make_environment is not None:
        effects = effects._replace(make_environment=make_environment)
    if options.action == "uninstall":
        if options.purge and not options.yes and not options.dry_run:
            _confirm_purge(config, ask)
        return 0 if removal.uninstall(config, effects, options.purge, options.dry_run) else 1
    place = layout.layout_in(config, environ)
    choices = options.plan
    if choices is None:
        is_first = not place.receipt.exists() and not place.config_file.exists()
        choices = _asked(ask) if ask and is_first and not options.yes and not options.dry_run else ()
    installation.install(config, watchkeeper.__version__, effects, choices, options.dry_run, mcp=options.mcp)
    if not options.dry_run:
        installation.first_status(place.launcher, effects)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="install.py",
        description="Install, update or remove Watchkeeper in Claude Code's configuration directory.",
    )
    parser.add_argument("action", nargs="?", choices=("install", "update", "uninstall"), default="install")
    parser.add_argument("--config-dir", metavar="DIR", help="default: $CLAUDE_CONFIG_DIR, else ~/.claude")
    parser.add_argument("--dry-run", action="store_true", help="print each action and do none")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.add_argument("--plan", type=_plan, metavar="NAME", help=f"{_NAMES}, custom:TOKENS or open")
    parser.add_argument(
        "--mcp",
        action="store_true",
        default=None,
        help="let the model ask for the figures: install an MCP server (its tools cost some context)",
    )
    parser.add_argument("--no-mcp", action="store_false", dest="mcp", help="take that server out again")
    parser.add_argument(
        "--purge", action="store_true", help="with uninstall: delete documents, figures and settings, too"
    )
    return parser


def _plan(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return settings_for(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {_NAMES}, custom:TOKENS, open") from None


def _asked(ask: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    for _ in range(3):
        try:
            return settings_for(ask(_QUESTION))
        except ValueError:
            _say("That is none of these.")
        except EOFError:
            break
    return ()


def _confirm_purge(config: str, ask: Callable[[str], str] | None) -> None:
    question = f"Delete all handoffs, reports, calendars, memories and figures of Watchkeeper in {config}? (yes/no) "
    if ask is None or ask(question).strip().lower() != "yes":
        raise UserError("Nothing was deleted: answer yes, or give --yes.")


def environ_for(config: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which our own command works on `config`."""
    if environ.get("CLAUDE_CONFIG_DIR") and config == config_dir(environ):
        return dict(environ)
    result = {name: value for name, value in environ.items() if name != "CLAUDE_CONFIG_DIR"}
    # The client keeps .claude.json elsewhere once the variable is set: the default is not spelled out unless the user
    # does so.
    return result if config == config_dir(result) else {**result, "CLAUDE_CONFIG_DIR": config}


def _say(sentence: str) -> None:
    try:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever listened has gone; what was begun is finished all the same.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 -- it stays open to the end of the process


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _log() -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="watchkeeper-bug-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write(
            f"Watchkeeper {watchkeeper.__version__}, Python {sys.version}, {sys.platform}\n{traceback.format_exc()}"
        )
    return file.name
