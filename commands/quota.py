"""`watchkeeper quota show` and `watchkeeper quota reset`."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli
from watchkeeper.catchup import catch_up
from watchkeeper.config.moment import parse_moment
from watchkeeper.core.account import account_of_session
from watchkeeper.quota.reset import reset_quota
from watchkeeper.readings.session import find_session
from watchkeeper.readings.status import quota_status

app = cli.command_app()


@app.callback(invoke_without_command=True)
def quota(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show the five-hour and weekly quota, or start a fresh five-hour window."""
    if ctx.invoked_subcommand is None:
        _show(ctx, as_json, no_color, config_dir)


@app.command()
def show(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show what is used and left of the five-hour and weekly quota."""
    _show(ctx, as_json, no_color, config_dir)


@app.command()
def reset(
    ctx: typer.Context,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When it started: 14:30, 20m ago.")] = "now",
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Start a fresh five-hour window: what was used and reported before it no longer counts towards the limit.

    The history and its totals stay. A later report of Claude Code wins again.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    account = account_of_session(run.ledger, find_session(run, None), run.paths, run.environ)
    reset_quota(run.ledger, account, parse_moment(at, run.now, direction="past"), run.now)
    _show(ctx, as_json, no_color, config_dir)


def _show(ctx: typer.Context, as_json: bool, no_color: bool, config_dir: str | None) -> None:
    run = cli.open_app(ctx, config_dir, no_color)
    catch_up(run)
    run.show("quota", quota_status(run), as_json)
