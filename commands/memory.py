"""`watchkeeper memory`: what is remembered of a project, shown, opened to be edited, forgotten."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.handoff import remembered

app = command.CommandApp()

ProjectOption = Annotated[
    str | None, typer.Option("--project", metavar="DIR", help="A project by its folder, in place of this one.")
]


@app.callback()
def memory(ctx: typer.Context, project: ProjectOption = None) -> None:
    """Show, edit or forget what is remembered of this project: its sessions, and what they had in common."""
    _show(ctx, project)


@app.command()
def show(ctx: typer.Context, project: ProjectOption = None) -> None:
    """Show what is remembered, and what a session is told of it at its start."""
    _show(ctx, project)


@app.command()
def edit(ctx: typer.Context, project: ProjectOption = None) -> None:
    """Open the file in your editor ($VISUAL or $EDITOR), or say where it is. What you change stays as you leave it."""
    run = command.open_app(ctx)
    path = remembered.file_to_edit(run, project)
    if run.as_json:
        run.show("memory", {"now_at": run.now, "path": path})
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
) -> None:
    """Forget a session, or all that is remembered of this project. Handoffs stay."""
    run = command.open_app(ctx)
    told = remembered.forget(run, project, session, yes)
    if run.as_json:
        run.show("memory", told)
    else:
        run.say(told["sentence"])


def _show(ctx: typer.Context, project: str | None) -> None:
    run = command.open_app(ctx)
    run.show("memory", remembered.view(run, project))
