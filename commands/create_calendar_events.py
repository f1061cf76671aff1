"""`watchkeeper create-calendar-events`, and /create-calendar-events in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.planner.calendar_events import create_events

app = command.CommandApp()


@app.command()
def create_calendar_events(
    ctx: typer.Context,
    output: Annotated[str, typer.Option("--output", metavar="DIR", help="The folder to write them into.")] = "",
    reset: Annotated[bool, typer.Option("--reset", help="Add the reset of the five-hour window.")] = False,
) -> None:
    """Write the scheduled sessions as calendar files, one each and one with all, and say how to import them.

    Run it again after a change: what was moved is updated in your calendar, what was cancelled is cancelled there.
    """
    run = command.open_app(ctx)
    run.show("create-calendar-events", create_events(run, output, reset))
