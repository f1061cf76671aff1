"""`watchkeeper save-and-restart`, and /save-and-restart in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli
from watchkeeper.automation import asking, doors
from watchkeeper.handoff import planning

app = cli.command_app()


@app.command()
def save_and_restart(
    ctx: typer.Context,
    session: cli.SessionOption = None,
    source: Annotated[
        str, typer.Option("--input", metavar="FILE", help="The handoff as JSON; - is standard input.")
    ] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Make it from transcript and git, without any model.")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When it starts: reset, reset+5m, manual, 18:05.")
    ] = "",
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Write the handoff and leave it for a fresh session: type /clear in Claude Code, and that session is given it.

    The quota's window goes on; the context starts empty. With --at the fresh session is booked and starts by itself.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    wish = planning.Wish(session, source, draft, at, asks_start=False)
    run.show("save-and-restart", asking.with_booking(run, planning.plan(run, wish), doors.real(run)), as_json)
