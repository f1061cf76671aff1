"""`watchkeeper start-next-session`, and /start-next-session in Claude Code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.errors import UserError
from watchkeeper.planner import asking, outcome, proposal, rows, starting

if TYPE_CHECKING:
    from watchkeeper.app import App

app = command.CommandApp()


@app.command()
def start_next_session(
    ctx: typer.Context,
    hours: Annotated[str, typer.Option("--hours", metavar="H", help="How long you can work: 3, 1.5, 90m.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: do what is proposed.")] = False,
    choose: Annotated[str, typer.Option("--choose", metavar="ID", help="This session, by id or its beginning.")] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Start the chosen session although it does not fit what is left.")
    ] = False,
) -> None:
    """Propose the planned session that fits what is left of quota and time, and start it.

    Where none fits, smaller ones are offered, or a time after the reset. In a terminal you are asked; with --yes what
    is proposed is done. Started in Claude Code, the session's next step is printed for Claude.
    """
    run = command.open_app(ctx)
    time = asking.parse_hours(hours) if hours else None
    if hours and time is None:
        raise UserError(f"{hours!r} is no number of hours: write it like 3, 1.5 or 90m, 24 at most.", 2)
    if now and not choose:
        raise UserError("--now needs --choose ID: name the session that you want started whether it fits or not.", 2)
    catch_up(run)
    starting.notice(run, but=run.environ.get(starting.CALLING, ""))
    if run.surroundings.is_interactive and not yes and not run.as_json:
        view = _with_booking(run, asking.converse(run, time, choose, now))
        if view["outcome"] is None:
            run.say("Nothing was started.")
        else:
            run.show("parts/start-outcome", view)
        return
    proposed = proposal.propose(run, time, choose, now)
    view = proposal.proposal_view(run, proposed)
    if yes:
        view = _with_booking(run, outcome.carry_out(run, view, proposed))
    run.show("start-next-session", view)
    if view["next_step"] and not run.as_json:
        run.say("\n" + view["next_step"])


def _with_booking(run: App, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view with the booking of a session that was scheduled; one that was started needs none any more."""
    if view["outcome"] is None:
        return view
    # Imported here because a proposal alone books nothing.
    from watchkeeper import planned_bookings

    session_id = view["session"]["id"]
    if view["outcome"] == outcome.SCHEDULED:
        return {**view, "booking": planned_bookings.book(run, session_id)}
    planned_bookings.release(run, rows.read(run.ledger.state)[session_id])
    return view
