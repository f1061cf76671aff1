"""`watchkeeper plan-next-session`, and /plan-next-session in Claude Code."""

from __future__ import annotations

import typer

from watchkeeper import command
from watchkeeper.automation import asking, doors
from watchkeeper.estimates import after_planning
from watchkeeper.handoff import planning
from watchkeeper.planner import editing

app = command.CommandApp()


@app.command()
def plan_next_session(
    ctx: typer.Context,
    session: command.SessionOption = None,
    source: command.HandoffOption = "",
    draft: command.DraftOption = False,
    at: command.StartOption = "",
) -> None:
    """Write the handoff for the next session of this project; the next session that starts there is given it.

    In a terminal you are asked what it needs to know.
    """
    run = command.open_app(ctx)
    view = planning.plan(run, planning.Wish(session, source, draft, at))
    finished = editing.finish_in(run, view["handoff"]["session"] or "")
    told = [{"id": each.id, "used_tokens": each.used_tokens} for each in finished]
    view = asking.with_booking(run, view, doors.real(run))
    plan = after_planning.advance(run, view)
    run.show("plan-next-session", {**view, "finished": told, "plan": plan})
