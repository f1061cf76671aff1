"""`watchkeeper estimate-session`, and /estimate-session in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.estimates import plan_estimate

app = command.CommandApp()


@app.command()
def estimate_session(
    ctx: typer.Context,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The Markdown file that holds the plan.")],
    save: Annotated[bool, typer.Option("--save", help="Compare the session with it from now on.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put it into the plan, in a block of its own.")] = False,
) -> None:
    """Estimate what the phases of a plan take, from what your own work has taken so far, and whether that fits.

    With --save the calling session is compared with it, else the next one that starts in this project.
    """
    run = command.open_app(ctx)
    run.show("estimate-session", plan_estimate.estimate(run, plan_estimate.Wish(plan, save, write)))
