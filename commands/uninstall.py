"""`watchkeeper uninstall`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command, upkeep
from watchkeeper.errors import UserError
from watchkeeper.render import json_text

app = command.CommandApp()


@app.command()
def uninstall(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    purge: Annotated[bool, typer.Option("--purge", help="Delete figures, settings and documents too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print each step and do none.")] = False,
) -> None:
    """Take Watchkeeper out of Claude Code: hooks, status line and commands first, then its files.

    What you wrote and what was measured stays, unless --purge is given. Your settings.json comes back as it was.
    """
    run = command.open_app(ctx)
    if not yes and not dry_run:
        lost = " and delete its figures, settings and documents" if purge else ""
        if not run.confirm(f"Take Watchkeeper out of {run.paths.config}{lost}?"):
            raise UserError("Nothing was changed: answer yes, or give --yes.")
    said: list[str] = []
    done = upkeep.uninstall(run, purge, dry_run, said.append if run.as_json else run.say)
    if run.as_json:
        run.say(json_text.of({"done": done, "dry_run": dry_run, "steps": said}))
    if not done:
        raise typer.Exit(1)
