"""`watchkeeper on`."""

from __future__ import annotations

import typer

from watchkeeper import cli, mutes

app = cli.command_app()


@app.command()
def on(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Switch Watchkeeper on again, here and everywhere: ends `snooze` and `off`, those of this project too."""
    run = cli.open_app(ctx, config_dir, no_color)
    mutes.unmute(run.ledger, [mutes.EVERYWHERE, mutes.project_here(run)])
    run.show("watching", mutes.watching_view(run), as_json)
