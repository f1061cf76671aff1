"""`watchkeeper usage`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.config.moment import parse_moment
from watchkeeper.errors import UserError
from watchkeeper.transcripts.report import GROUPINGS, report

app = command.CommandApp()


@app.command()
def usage(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="From then on: yesterday, 2026-11-20, 3d (ago).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Before then; a day counts to its end.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="|".join(GROUPINGS), help="One row for each.")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Read all transcripts again and merge them in.")] = False,
) -> None:
    """Add up the tokens that Claude Code recorded, each response once, to the token.

    Rebuilding only adds: what was read from transcripts that are gone stays counted.
    """
    run = command.open_app(ctx)
    if by is not None and by not in GROUPINGS:
        raise UserError(f"Usage cannot be shown by {by!r}: choose one of {', '.join(GROUPINGS)}.", command.USAGE)
    since_at = None if since is None else parse_moment(since, run.now, direction="past")
    until_at = None if until is None else parse_moment(until, run.now, direction="past", ends_day=True)
    if since_at is not None and until_at is not None and since_at >= until_at:
        raise UserError(
            f"Nothing lies between {since!r} and {until!r}: --since has to be the earlier one.", command.USAGE
        )
    catch_up(run, rebuild)
    run.show("usage", report(run.ledger.usage, by, since_at, until_at))
