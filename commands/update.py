"""`watchkeeper update`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli, upkeep
from watchkeeper.render import json_text

app = cli.command_app()


@app.command()
def update(
    ctx: typer.Context,
    source: Annotated[
        str | None, typer.Option("--from", metavar="DIR", help="A checkout to take the files from.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print each step and do none.")] = False,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Bring the installation up to date with a checkout; without --from, repair it: files, environment, wiring.

    It does what install.py does. Settings, figures and documents stay.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    said: list[str] = []
    changed = upkeep.update(run, source, dry_run, said.append if as_json else run.say)
    if as_json:
        run.say(json_text.of({"changed": changed, "dry_run": dry_run, "steps": said}))
