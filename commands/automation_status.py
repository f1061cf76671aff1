"""`watchkeeper automation-status`, and /automation-status in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.automation import doors, view

app = command.CommandApp()


@app.command()
def automation_status(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Show past bookings of all projects.")] = False,
) -> None:
    """Show which sessions are booked: when each starts, who holds it, and what the last check found."""
    run = command.open_app(ctx)
    run.show("automation-status", view.status_view(run, doors.real(run), everything))
