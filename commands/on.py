"""`watchkeeper on`."""

from __future__ import annotations

import typer

from watchkeeper import command, mutes

app = command.CommandApp()


@app.command()
def on(ctx: typer.Context) -> None:
    """Switch Watchkeeper on again, here and everywhere: ends `snooze` and `off`, those of this project too."""
    run = command.open_app(ctx)
    mutes.unmute(run.ledger, [mutes.EVERYWHERE, run.project])
    run.show("watching", mutes.watching_view(run))
