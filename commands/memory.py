"""`watchkeeper memory`: what is remembered of a project, shown, opened to be edited, forgotten."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli
from watchkeeper.handoff import remembered

app = cli.command_app()

ProjectOption = Annotated[
    str | None, typer.Option("--project", metavar="DIR", help="A project by its folder, in place of this one.")
]


@app.callback(invoke_without_command=True)
def memory(
    ctx: typer.Context,
    project: ProjectOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show, edit or forget what is remembered of this project: its sessions, and what they had in common."""
    if ctx.invoked_subcommand is None:
        _show(ctx, project, as_json, no_color, config_dir)


@app.command()
def show(
    ctx: typer.Context,
    project: ProjectOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show what is remembered, and what a session is told of it at its start."""
    _show(ctx, project, as_json, no_color, config_dir)


@app.command()
def edit(
    ctx: typer.Context,
    project: ProjectOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Open the file in your editor ($VISUAL or $EDITOR), or say where it is. What you change stays as you leave it."""
    run = cli.open_app(ctx, config_dir, no_color)
    path = remembered.file_to_edit(run, project)
    if as_json:
        run.show("memory", {"now_at": run.now, "path": path}, as_json)
    elif not remembered.open_editor(run, path):
        run.say(f"Edit {path}: what you change there stays as you leave it.")


@app.command()
def forget(
    ctx: typer.Context,
    session: Annotated[
        str, typer.Argument(metavar="[SESSION]", help="Forget this session alone, by id or its beginning.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    project: ProjectOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Forget a session, or all that is remembered of this project. Handoffs stay."""
    run = cli.open_app(ctx, config_dir, no_color)
    told = remembered.forget(run, project, session, yes)
    if as_json:
        run.show("memory", told, as_json)
    else:
        run.say(told["sentence"])


def _show(ctx: typer.Context, project: str | None, as_json: bool, no_color: bool, config_dir: str | None) -> None:
    run = cli.open_app(ctx, config_dir, no_color)
    run.show("memory", remembered.view(run, project), as_json)
