"""`watchkeeper update`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command, upkeep
from watchkeeper.render import json_text

app = command.CommandApp()


@app.command()
def update(
    ctx: typer.Context,
    source: Annotated[
        str | None, typer.Option("--from", metavar="DIR", help="A checkout to take the files from.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print each step and do none.")] = False,
) -> None:
    """Bring the installation up to date with a checkout; without --from, repair it: files, environment, wiring.

    It does what install.py does. Settings, figures and documents stay.
    """
    run = command.open_app(ctx)
    said: list[str] = []
    changed = upkeep.update(run, source, dry_run, said.append if run.as_json else run.say)
    if run.as_json:
        run.say(json_text.of({"changed": changed, "dry_run": dry_run, "steps": said}))
