"""`watchkeeper save-and-restart`, and /save-and-restart in Claude Code."""

from __future__ import annotations

import typer

from watchkeeper import command
from watchkeeper.automation import asking, doors
from watchkeeper.handoff import planning

app = command.CommandApp()


@app.command()
def save_and_restart(
    ctx: typer.Context,
    session: command.SessionOption = None,
    source: command.HandoffOption = "",
    draft: command.DraftOption = False,
    at: command.StartOption = "",
) -> None:
    """Write the handoff and leave it for a fresh session: type /clear in Claude Code, and that session is given it.

    The quota's window goes on; the context starts empty. With --at the fresh session is booked and starts by itself.
    """
    run = command.open_app(ctx)
    wish = planning.Wish(session, source, draft, at, asks_start=False)
    run.show("save-and-restart", asking.with_booking(run, planning.plan(run, wish), doors.real(run)))
