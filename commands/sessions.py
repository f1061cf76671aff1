"""`watchkeeper sessions`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.readings.sessions import sessions_view

app = command.CommandApp()


@app.command()
def sessions(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Show the N latest.")] = 15,
    everything: Annotated[bool, typer.Option("--all", help="Show all of them.")] = False,
) -> None:
    """List sessions, the latest first: tokens, context, and whether each is live, idle or ended.

    Live is a session with a sign in the last ten minutes; one without a sign for twelve hours counts as ended.
    """
    run = command.open_app(ctx)
    catch_up(run)
    run.show("sessions", sessions_view(run, None if everything else limit))
