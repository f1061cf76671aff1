"""What every command in `commands/` is made with: its Typer application, the options it shares, the App it works on."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from .app import App, Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE = 2
"""What wrong usage ends with."""
HELP_NAMES = ["-h", "--help"]
HELP_COLUMNS = 100
_SHARED_OPTIONS = "watchkeeper.shared_options"
_Function = TypeVar("_Function", bound="Callable[..., Any]")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="Print without colours.")]
ConfigDirOption = Annotated[
    str | None, typer.Option("--config-dir", metavar="DIR", help="Claude Code's configuration directory.")
]
SessionOption = Annotated[
    str | None, typer.Option("--session", metavar="ID", help="The session, by id or its beginning.")
]
# Of the commands that write a handoff.
HandoffOption = Annotated[
    str, typer.Option("--input", metavar="FILE", help="The handoff as JSON; - is standard input.")
]
DraftOption = Annotated[bool, typer.Option("--draft", help="Make it from transcript and git, without any model.")]
StartOption = Annotated[
    str, typer.Option("--at", metavar="TIME", help="When it starts: reset, reset+5m, manual, 18:05.")
]


class CommandApp(typer.Typer):
    """The Typer application that a file in `commands/` fills.

    Each of its commands takes --json, --no-color and --config-dir besides its own options; `open_app` heeds them.
    """

    def __init__(self) -> None:
        """Make one without commands."""
        help_options = {"help_option_names": HELP_NAMES, "max_content_width": HELP_COLUMNS}
        # Plain help: the framed one imports ten times as much.
        super().__init__(rich_markup_mode=None, add_completion=False, context_settings=help_options)

    def command(self, name: str | None = None, **how: Any) -> Callable[[_Function], _Function]:
        """Return the decorator of a command, as Typer's, whose function takes its own options alone."""
        return _with_shared_options(super().command(name, **how))

    def callback(self, **how: Any) -> Callable[[_Function], _Function]:
        """Return the decorator of what a command with sub-commands does without one, as `command` does."""
        return _with_shared_options(super().callback(invoke_without_command=True, **how), only_alone=True)


def open_app(ctx: typer.Context) -> App:
    """Return what a command works with under the options that every command takes."""
    app = App(ctx.find_object(Surroundings) or Surroundings.of_this_process(), **ctx.meta.get(_SHARED_OPTIONS, {}))
    ctx.call_on_close(app.ledger.close)
    return app


def _with_shared_options(
    register: Callable[[Callable[..., Any]], Any], only_alone: bool = False
) -> Callable[[_Function], _Function]:
    """Return a decorator that registers a function as one which takes the shared options too, and leaves it as it is.

    Typer reads a command's options off its signature, so what it is given says that it has them; they are kept aside
    in the context. With `only_alone` the function is not called where a sub-command is.
    """

    def decorate(function: _Function) -> _Function:
        def command(
            *,
            as_json: JsonOption = False,
            no_color: NoColorOption = False,
            config_dir: ConfigDirOption = None,
            **own: Any,
        ) -> Any:
            told = {"as_json": as_json, "no_color": no_color, "config_dir": config_dir}
            for name in contexts:
                # What was given before a sub-command counts for that too: a directory is not silently another one.
                before = own[name].meta.get(_SHARED_OPTIONS, told)
                own[name].meta[_SHARED_OPTIONS] = {each: value or before[each] for each, value in told.items()}
                if only_alone and own[name].invoked_subcommand is not None:
                    return None
            return function(**own)

        own = inspect.signature(function, eval_str=True)
        contexts = [each.name for each in own.parameters.values() if each.annotation is typer.Context]
        *shared, _ = inspect.signature(command, eval_str=True).parameters.values()
        made = functools.update_wrapper(command, function)
        made.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined]
        register(made)
        return function

    return decorate
