"""`watchkeeper doctor`."""

from __future__ import annotations

import typer

from watchkeeper import command
from watchkeeper.doctor.report import report

app = command.CommandApp()


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Say what works, what does not and why: wiring, ledger, transcripts, settings, notices, what is unknown.

    The exit code is 1 when something is broken, 0 otherwise.
    """
    run = command.open_app(ctx)
    found = report(run)
    run.show("doctor", found)
    if found["broken"]:
        raise typer.Exit(1)
