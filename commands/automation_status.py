"""`watchkeeper automation-status`, and /automation-status in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli
from watchkeeper.automation import doors, view

app = cli.command_app()


@app.command()
def automation_status(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Show past bookings of all projects.")] = False,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show which sessions are booked: when each starts, who holds it, and what the last check found."""
    run = cli.open_app(ctx, config_dir, no_color)
    run.show("automation-status", view.status_view(run, doors.real(run), everything), as_json)
