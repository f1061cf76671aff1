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
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Mute alerts for a while; everything is counted all the same. `watchkeeper on` ends it early."""
    run = cli.open_app(ctx, config_dir, no_color)
    mutes.mute(run.ledger, mutes.ALERTS, mutes.EVERYWHERE, run.now + parse_duration(duration))
    run.show("watching", mutes.watching_view(run), as_json)
