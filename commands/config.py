"""`watchkeeper config show`, `config set` and `config path`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import choices, command
from watchkeeper.config import compiled, file
from watchkeeper.wiring import adjustment

app = command.CommandApp()

OptionName = Annotated[str, typer.Argument(metavar="OPTION", help="Its name, such as quota.plan.")]


@app.callback()
def config(ctx: typer.Context) -> None:
    """Show and change settings."""
    _show(ctx, "", True)


@app.command()
def show(
    ctx: typer.Context,
    option: Annotated[str, typer.Argument(metavar="[OPTION]", help="One option, or all below a name: quota.")] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only what differs from its default.")] = False,
) -> None:
    """Show settings: the value in force, whether it is the default, and on which line of the file it stands."""
    _show(ctx, option, changed)


@app.command("set")
def set_option(
    ctx: typer.Context,
    option: OptionName,
    value: Annotated[list[str], typer.Argument(metavar="VALUE", help="As in the file, or plain: pro, on, 50 80 90.")],
) -> None:
    """Change a setting in config.toml, comments kept, and put it in force at once."""
    run = command.open_app(ctx)
    file.set_option(run.paths, option, value)
    compiled.compile_settings(run.paths, run.environ)
    if option == "context.auto_compact_pct":
        for sentence in adjustment.adjust(run.paths.config, run.environ):
            run.complain(sentence)
    _show(ctx, option, False)


@app.command()
def path(ctx: typer.Context) -> None:
    """Print where the settings file is, or will be."""
    run = command.open_app(ctx)
    run.show("config-path", {"path": run.paths.config_file})


def _show(ctx: typer.Context, option: str, changed: bool) -> None:
    run = command.open_app(ctx)
    run.show("config", choices.choices_view(run, option, changed))
