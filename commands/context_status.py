"""`watchkeeper context-status`, and /context-status in Claude Code."""

from __future__ import annotations

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.context import opportunities, pages
from watchkeeper.readings.status import status

app = command.CommandApp()


@app.command()
def context_status(ctx: typer.Context, session: command.SessionOption = None) -> None:
    """Show what fills the context window, what could be freed, and whether anything needs to be done now.

    Without --session it is about the session that calls, else the newest one of this folder's project.
    """
    run = command.open_app(ctx)
    catch_up(run)
    view = pages.context_status(status(run, session), run.paths, run.settings, opportunities.KEEP_RECENT)
    run.show("context-status", view)
