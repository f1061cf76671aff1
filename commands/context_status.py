"""`watchkeeper context-status`, and /context-status in Claude Code."""

from __future__ import annotations

import typer

from watchkeeper import cli
from watchkeeper.catchup import catch_up
from watchkeeper.context import opportunities, pages
from watchkeeper.readings.status import status

app = cli.command_app()


@app.command()
def context_status(
    ctx: typer.Context,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show what fills the context window, what could be freed, and whether anything needs to be done now.

    Without --session it is about the session that calls, else the newest one of this folder's project.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    catch_up(run)
    view = pages.context_status(status(run, session), run.paths, run.settings, opportunities.KEEP_RECENT)
    run.show("context-status", view, as_json)
