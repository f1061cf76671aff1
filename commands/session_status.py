"""`watchkeeper session-status`, and /session-status in Claude Code."""

from __future__ import annotations

import typer

from watchkeeper import command
from watchkeeper.automation import upcoming
from watchkeeper.catchup import catch_up
from watchkeeper.readings.status import status

app = command.CommandApp()


@app.command()
def session_status(ctx: typer.Context, session: command.SessionOption = None) -> None:
    """Show quota, context and machine: what is used, where each figure comes from, what to do next.

    Without --session it is about the session that calls, else the newest one of this folder's project.
    """
    run = command.open_app(ctx)
    catch_up(run)
    seen = status(run, session)
    booked = upcoming.upcoming(run, seen["session"]["project"] or run.project)
    run.show("session-status", {**seen, "automation": booked})
