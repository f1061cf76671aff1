"""`watchkeeper compact-context`, and /compact-context in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.context import opportunities, pages
from watchkeeper.readings.status import status

app = command.CommandApp()


@app.command()
def compact_context(
    ctx: typer.Context,
    session: command.SessionOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Write a pruned copy of the session, to be resumed instead of it.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what --prune would do and write nothing.")] = False,
    keep_recent: Annotated[
        int, typer.Option("--keep-recent", metavar="N", min=0, help="The latest results and reads that stay.")
    ] = opportunities.KEEP_RECENT,
    target: Annotated[
        float | None,
        typer.Option("--target", metavar="PCT", min=1, max=100, help="Leave out no more than gets it down to PCT."),
    ] = None,
    instructions: Annotated[
        bool, typer.Option("--instructions", help="Print what the summariser is told at a compaction.")
    ] = False,
) -> None:
    """Free the context window: three ways with what each frees, costs and loses, and which one to take.

    A pruned copy is a session of its own. The original is never touched.
    """
    run = command.open_app(ctx)
    catch_up(run)
    found = status(run, session)
    if instructions:
        words = pages.instructions(found, run.paths)
        if run.as_json:
            run.show("compact-context", words)
        else:
            run.say(words["instructions"] or "Nothing was said in this session yet that a summary would have to keep.")
        return
    wish = pages.Wish(keep_recent, target, writes_copy=prune and not dry_run)
    run.show("compact-context", pages.compact_context(found, run.paths, run.settings, wish))
