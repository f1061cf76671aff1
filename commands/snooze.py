"""`watchkeeper snooze DURATION`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command, mutes
from watchkeeper.config.duration import parse_duration

app = command.CommandApp()


@app.command()
def snooze(
    ctx: typer.Context,
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="How long: 30m, 2h, 1h30m, 1d.")],
    project: Annotated[bool, typer.Option("--project", help="Only in the project of the current folder.")] = False,
) -> None:
    """Mute alerts for a while; everything is counted all the same. `watchkeeper on` ends it early."""
    run = command.open_app(ctx)
    until_at = run.now + parse_duration(duration)
    mutes.mute(run.ledger, mutes.ALERTS, mutes.place(run, project), until_at)
    run.show("watching", mutes.watching_view(run))
