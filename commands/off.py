"""`watchkeeper off`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command, mutes

app = command.CommandApp()


@app.command()
def off(
    ctx: typer.Context,
    project: Annotated[bool, typer.Option("--project", help="Only in the project of the current folder.")] = False,
) -> None:
    """Switch Watchkeeper off until `watchkeeper on`: hooks record nothing, say nothing, and show no status line.

    What is not recorded meanwhile is read from the transcripts afterwards, so totals stay exact.
    """
    run = command.open_app(ctx)
    mutes.mute(run.ledger, mutes.EVERYTHING, mutes.place(run, project), mutes.FOREVER)
    run.show("watching", mutes.watching_view(run))
