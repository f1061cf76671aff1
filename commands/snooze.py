"""`watchkeeper snooze DURATION`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli, mutes
from watchkeeper.config.duration import parse_duration

app = cli.command_app()


@app.command()
def snooze(
    ctx: typer.Context,
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="How long: 30m, 2h, 1h30m, 1d.")],
    project: Annotated[bool, typer.Option("--project", help="Only in the project of the current folder.")] = False,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Mute alerts for a while; everything is counted all the same. `watchkeeper on` ends it early."""
    run = cli.open_app(ctx, config_dir, no_color)
    until_at = run.now + parse_duration(duration)
    mutes.mute(run.ledger, mutes.ALERTS, mutes.place(run, project), until_at)
    run.show("watching", mutes.watching_view(run), as_json)
