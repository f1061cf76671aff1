"""`watchkeeper config show`, `config set` and `config path`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import choices, cli
from watchkeeper.config import compiled, file
from watchkeeper.wiring import adjustment

app = cli.command_app()

OptionName = Annotated[str, typer.Argument(metavar="OPTION", help="Its name, such as quota.plan.")]


@app.callback(invoke_without_command=True)
def config(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show and change settings."""
    if ctx.invoked_subcommand is None:
        _show(ctx, "", True, as_json, no_color, config_dir)


@app.command()
def show(
    ctx: typer.Context,
    option: Annotated[str, typer.Argument(metavar="[OPTION]", help="One option, or all below a name: quota.")] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only what differs from its default.")] = False,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show settings: the value in force, whether it is the default, and on which line of the file it stands."""
    _show(ctx, option, changed, as_json, no_color, config_dir)


@app.command("set")
def set_option(
    ctx: typer.Context,
    option: OptionName,
    value: Annotated[list[str], typer.Argument(metavar="VALUE", help="As in the file, or plain: pro, on, 50 80 90.")],
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Change a setting in config.toml, comments kept, and put it in force at once."""
    run = cli.open_app(ctx, config_dir, no_color)
    file.set_option(run.paths, option, value)
    compiled.compile_settings(run.paths, run.environ)
    if option == "context.auto_compact_pct":
        for sentence in adjustment.adjust(run.paths.config, run.environ):
            run.complain(sentence)
    _show(ctx, option, False, as_json, no_color, config_dir)


@app.command()
def path(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Print where the settings file is, or will be."""
    run = cli.open_app(ctx, config_dir, no_color)
    run.show("config-path", {"path": run.paths.config_file}, as_json)


def _show(
    ctx: typer.Context, option: str, changed: bool, as_json: bool, no_color: bool, config_dir: str | None
) -> None:
    run = cli.open_app(ctx, config_dir, no_color)
    run.show("config", choices.choices_view(run, option, changed), as_json)
