"""`watchkeeper doctor`."""

from __future__ import annotations

import typer

from watchkeeper import cli
from watchkeeper.doctor.report import report

app = cli.command_app()


@app.command()
def doctor(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Say what works, what does not and why: wiring, ledger, transcripts, settings, notices, what is unknown.

    The exit code is 1 when something is broken, 0 otherwise.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    found = report(run)
    run.show("doctor", found, as_json)
    if found["broken"]:
        raise typer.Exit(1)
