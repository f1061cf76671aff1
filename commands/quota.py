"""`watchkeeper quota show` and `watchkeeper quota reset`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.config.moment import parse_moment
from watchkeeper.core.account import account_of_session
from watchkeeper.quota.reset import reset_quota
from watchkeeper.readings.session import find_session
from watchkeeper.readings.status import quota_status

app = command.CommandApp()


@app.callback()
def quota(ctx: typer.Context) -> None:
    """Show the five-hour and weekly quota, or start a fresh five-hour window."""
    _show(ctx)


@app.command()
def show(ctx: typer.Context) -> None:
    """Show what is used and left of the five-hour and weekly quota."""
    _show(ctx)


@app.command()
def reset(
    ctx: typer.Context,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When it started: 14:30, 20m ago.")] = "now",
) -> None:
    """Start a fresh five-hour window: what was used and reported before it no longer counts towards the limit.

    The history and its totals stay. A later report of Claude Code wins again.
    """
    run = command.open_app(ctx)
    account = account_of_session(run.ledger, find_session(run, None), run.paths, run.environ)
    reset_quota(run.ledger, account, parse_moment(at, run.now, direction="past"), run.now)
    _show(ctx)


def _show(ctx: typer.Context) -> None:
    run = command.open_app(ctx)
    catch_up(run)
    run.show("quota", quota_status(run))
