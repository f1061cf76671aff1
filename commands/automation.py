"""`watchkeeper automation`: book a session that starts by itself, fire one, and see whether the quota is ready."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.automation import asking, doors, fire, jobs, notices, ready, view
from watchkeeper.automation.booking import find

app = command.CommandApp()

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The booking, by id or its beginning.")]
ByScheduler = Annotated[bool, typer.Option(jobs.BY_SCHEDULER, hidden=True)]


@app.callback()
def automation(ctx: typer.Context) -> None:
    """Book a session that starts by itself, start one now, or see whether the quota is ready for one.

    Alone it shows what is booked.
    """
    run = command.open_app(ctx)
    run.show("automation-status", view.status_view(run, doors.real(run), everything=False))


@app.command(context_settings={"allow_extra_args": True})
def book(
    ctx: typer.Context,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When: 18:05, in 2h, reset, reset+5m.")],
    handoff: Annotated[
        str,
        typer.Option("--handoff", metavar="ID", help="The handoff it is given; the one that waits here if not said."),
    ] = "",
    headless: Annotated[
        bool, typer.Option("--headless", help="Run it without a window, its output in a file.")
    ] = False,
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="The agent; the handoff's if not said.")] = "",
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="The model.")] = "",
    permission_mode: Annotated[
        str, typer.Option("--permission-mode", metavar="MODE", help="How it asks before it acts.")
    ] = "",
    budget: Annotated[str, typer.Option("--budget", metavar="USD", help="The most a headless session may cost.")] = "",
    tokens: Annotated[str, typer.Option("--tokens", metavar="N", help="The estimate; the handoff's if not said.")] = "",
    scheduler: Annotated[str, typer.Option("--scheduler", metavar="NAME", help="What starts it.")] = "",
    terminal: Annotated[str, typer.Option("--terminal", metavar="NAME", help="Where its window opens.")] = "",
    even_if_unknown: Annotated[
        bool, typer.Option("--even-if-unknown", help="Start it also when something that matters is not known.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before booking.")] = False,
) -> None:
    """Book a session of this project. It replaces the one that is booked here; what follows `--` is for Claude Code."""
    run = command.open_app(ctx)
    said = asking.Said(
        at,
        handoff,
        headless,
        agent,
        model,
        permission_mode,
        budget,
        tokens,
        scheduler,
        terminal,
        even_if_unknown,
        yes,
        tuple(ctx.args),
    )
    run.show("automation-booked", asking.book(run, said, doors.real(run), run.as_json))


@app.command("fire")
def fire_(ctx: typer.Context, booking: IdArgument, by_scheduler: ByScheduler = False) -> None:
    """Check a booking now and start its session if everything is ready. This is what runs at its time."""
    run = command.open_app(ctx)
    booking_id = booking if by_scheduler else find(run, booking).booking_id
    fired = fire.fire(run, booking_id, doors.real(run), by_scheduler)
    if run.as_json or not by_scheduler:
        # Some schedulers send whatever is printed as mail; it is in the log.
        run.show("automation-fired", view.fired_view(run, *fired))
    if not fired.launched:
        raise typer.Exit(1)


@app.command("check-quota")
def check_quota(
    ctx: typer.Context,
    tokens: Annotated[str, typer.Option("--tokens", metavar="N", help="What the session is estimated to take.")] = "",
) -> None:
    """Print READY, and end with 0, when the limits would let a booked session start now; else WAITING, and 1."""
    run = command.open_app(ctx)
    seen = ready.view(run, tokens)
    run.show("automation-quota", seen)
    if not seen["ready"]:
        raise typer.Exit(1)


@app.command(hidden=True)
def notice(ctx: typer.Context, booking: IdArgument, by_scheduler: ByScheduler = False) -> None:
    """Tell of a booking that starts soon."""
    run = command.open_app(ctx)
    notices.remind(run, booking, doors.real(run))
