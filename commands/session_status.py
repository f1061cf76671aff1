"""`watchkeeper session-status`, and /session-status in Claude Code."""

from __future__ import annotations

import typer

from watchkeeper import cli
from watchkeeper.automation import upcoming
from watchkeeper.catchup import catch_up
from watchkeeper.mutes import project_here
from watchkeeper.readings.status import status

app = cli.command_app()


@app.command()
def session_status(
    ctx: typer.Context,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show quota, context and machine: what is used, where each figure comes from, what to do next.

    Without --session it is about the session that calls, else the newest one of this folder's project.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    catch_up(run)
    seen = status(run, session)
    booked = upcoming.upcoming(run, seen["session"]["project"] or project_here(run))
    run.show("session-status", {**seen, "automation": booked}, as_json)
