"""`watchkeeper plan-next-session`, and /plan-next-session in Claude Code."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli
from watchkeeper.automation import asking, doors
from watchkeeper.estimates import after_planning
from watchkeeper.handoff import planning
from watchkeeper.planner import editing

app = cli.command_app()


@app.command()
def plan_next_session(
    ctx: typer.Context,
    session: cli.SessionOption = None,
    source: Annotated[
        str, typer.Option("--input", metavar="FILE", help="The handoff as JSON; - is standard input.")
    ] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Make it from transcript and git, without any model.")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When it starts: reset, reset+5m, manual, 18:05.")
    ] = "",
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Write the handoff for the next session of this project; the next session that starts there is given it.

    In a terminal you are asked what it needs to know.
    """
    run = cli.open_app(ctx, config_dir, no_color)
    view = planning.plan(run, planning.Wish(session, source, draft, at))
    finished = editing.finish_in(run, view["handoff"]["session"] or "")
    told = [{"id": each.id, "used_tokens": each.used_tokens} for each in finished]
    view = asking.with_booking(run, view, doors.real(run))
    plan = after_planning.advance(run, view)
    run.show("plan-next-session", {**view, "finished": told, "plan": plan}, as_json)
