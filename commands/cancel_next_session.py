"""`watchkeeper cancel-next-session`, and /cancel-next-session in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.automation import booking, doors, recovery, view

app = command.CommandApp()


@app.command()
def cancel_next_session(
    ctx: typer.Context,
    named: Annotated[
        str, typer.Argument(metavar="[ID]", help="The booking; the one of this project if not said.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Cancel those of all projects.")] = False,
) -> None:
    """Cancel the booked session, and take it out of the operating system; its handoff waits for the next one."""
    run = command.open_app(ctx)
    outside = doors.real(run)
    recovery.settle(run, outside)
    cancelled = booking.cancel(run, booking.to_cancel(run, named, everything), outside)
    held = recovery.held_jobs(outside, {each.scheduler for each in cancelled})
    shown = [view.booking_view(each._replace(state="cancelled"), run, held) for each in cancelled]
    run.show("cancel-next-session", {"now_at": run.now, "cancelled": shown})
