"""`watchkeeper queue`: the planned sessions, listed and changed.

Not called queue.py, since a script must not carry a standard module's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.planner import (
    additions,
    allocation_view,
    calling,
    dependencies,
    editing,
    importing,
    rows,
    starting,
    view,
)
from watchkeeper.planner.candidates import candidates_of
from watchkeeper.planner.model import OPEN_STATES, SCHEDULED
from watchkeeper.planner.wanted import checked

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.planner.model import PlannedSession
    from watchkeeper.planner.wanted import Wanted

app = command.CommandApp()

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The session, by id or its beginning.")]
NameOption = Annotated[str | None, typer.Option("--name", metavar="TEXT", help="What it is about.")]
ObjectiveOption = Annotated[
    list[str] | None, typer.Option("--objective", metavar="TEXT", help="What it shall do; repeat it for more.")
]
TokensOption = Annotated[
    str | None, typer.Option("--tokens", metavar="N", help="What it will likely take: 45000, 45k, or 40k-55k.")
]
HoursOption = Annotated[str | None, typer.Option("--hours", metavar="H", help="How long it will take: 3, 1.5, 90m.")]
PriorityOption = Annotated[
    str | None, typer.Option("--priority", metavar="WORD", help="critical, high, normal or low.")
]
AfterOption = Annotated[
    list[str] | None, typer.Option("--after", metavar="ID", help="A session that must be done before; repeatable.")
]
AtOption = Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it starts: 18:05, reset, reset+5m.")]
FolderOption = Annotated[str | None, typer.Option("--project", metavar="DIR", help="Where it works; default here.")]
AgentOption = Annotated[str | None, typer.Option("--agent", metavar="NAME", help="The agent that runs it.")]
HandoffOption = Annotated[str | None, typer.Option("--handoff", metavar="ID", help="The handoff that it is given.")]

# What a booking holds of its session.
_BOOKED = frozenset({"at", "project", "agent", "estimated_tokens", "handoff"})


@app.callback()
def queue(
    ctx: typer.Context, everything: Annotated[bool, typer.Option("--all", help="Show those that are over too.")] = False
) -> None:
    """List the planned sessions in the order of their turn, or change them."""
    _list(ctx, everything, None)


@app.command("list")
def list_sessions(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Show those that are over too.")] = False,
    project: Annotated[
        str | None, typer.Option("--project", metavar="DIR", help="Show those of this project alone.")
    ] = None,
) -> None:
    """List the planned sessions in the order of their turn.

    Running ones are shown with what they have used.
    """
    _list(ctx, everything, project)


@app.command()
def add(
    ctx: typer.Context,
    name: NameOption = None,
    objective: ObjectiveOption = None,
    tokens: TokensOption = None,
    hours: HoursOption = None,
    priority: PriorityOption = None,
    after: AfterOption = None,
    at: AtOption = None,
    project: FolderOption = None,
    agent: AgentOption = None,
    handoff: HandoffOption = None,
    like: Annotated[
        str, typer.Option("--like", metavar="ID", help="Take over from this session what is not said here.")
    ] = "",
) -> None:
    """Queue a session.

    Equal priorities go by the narrower estimate, then by age. A session that waits for others is ready when they are
    done.
    """
    run = command.open_app(ctx)
    wanted = _given(name, objective, tokens, hours, priority, after, at, project, agent, handoff)
    _show(run, additions.add(run, wanted, like).id, "added")


@app.command()
def show(ctx: typer.Context, session: IdArgument) -> None:
    """Show a session and its history."""
    run = command.open_app(ctx)
    _look(run)
    _show(run, session, "")


@app.command()
def edit(
    ctx: typer.Context,
    session: IdArgument,
    name: NameOption = None,
    objective: ObjectiveOption = None,
    tokens: TokensOption = None,
    hours: HoursOption = None,
    priority: PriorityOption = None,
    after: AfterOption = None,
    at: AtOption = None,
    project: FolderOption = None,
    agent: AgentOption = None,
    handoff: HandoffOption = None,
) -> None:
    """Change what is said of a session.

    Lists are replaced; `--at none` and `--after none` take out what was there.
    """
    run = command.open_app(ctx)
    wanted = _given(name, objective, tokens, hours, priority, after, at, project, agent, handoff)
    before = dependencies.find(rows.read(run.ledger.state), session, OPEN_STATES)
    changed = editing.edit(run, before.id, wanted)
    if wanted.model_fields_set & _BOOKED:
        _release(run, changed.model_copy(update={"handoff": before.handoff}))
    _show(run, changed.id, "changed")


@app.command()
def done(
    ctx: typer.Context,
    session: IdArgument,
    tokens: Annotated[
        str | None, typer.Option("--tokens", metavar="N", help="What it took; measured where that is known.")
    ] = None,
) -> None:
    """Call a session done. Those that waited for it alone are ready then."""
    run = command.open_app(ctx)
    used = checked({"estimated_tokens": tokens}, exit_code=2).estimated_tokens
    _look(run)
    finished = editing.finish(run, session, used)
    _release(run, finished)
    _show(run, finished.id, "done")


@app.command()
def cancel(ctx: typer.Context, session: IdArgument) -> None:
    """Take a session out of what is to be done. It stays in the history."""
    run = command.open_app(ctx)
    cancelled = editing.cancel(run, session)
    _release(run, cancelled)
    _show(run, cancelled.id, "cancelled")


@app.command()
def plan(ctx: typer.Context) -> None:
    """Lay the queue out over the coming windows.

    What goes into which window, what is deferred and why, and when all is done.
    """
    run = command.open_app(ctx)
    _look(run)
    queued = candidates_of(rows.read(run.ledger.state))
    run.show("allocation", allocation_view.allocation_view(run, queued))


@app.command()
def reopen(ctx: typer.Context, session: IdArgument) -> None:
    """Take back that a session was called done, cancelled or started."""
    run = command.open_app(ctx)
    _show(run, editing.reopen(run, session).id, "reopened")


@app.command("import")
def import_sessions(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A handoff (id or file), a plan, a JSON file, or -.")],
) -> None:
    """Queue what a handoff, a plan or JSON says, all of it or nothing.

    The phases of a plan become one session each, estimated, one after the other. JSON is one session or a list of them:
    name, objectives, tokens, hours, priority, after, at, project, agent; in `after` stand ids, or names in the list.
    """
    run = command.open_app(ctx)
    run.show("queue", {**importing.queued_from(run, source), "what": "imported"})


def _given(
    name: str | None,
    objectives: list[str] | None,
    tokens: str | None,
    hours: str | None,
    priority: str | None,
    after: list[str] | None,
    at: str | None,
    project: str | None,
    agent: str | None,
    handoff: str | None,
) -> Wanted:
    told = {
        "name": name,
        "objectives": objectives or None,
        "estimated_tokens": tokens,
        "hours": hours,
        "priority": priority,
        "after": after or None,
        "at": at,
        "project": project,
        "agent": agent,
        "handoff": handoff,
    }
    return checked({key: value for key, value in told.items() if value is not None}, exit_code=2)


def _look(run: App) -> None:
    """Bring in what happened since: what was used, and who was given a handoff of the queue."""
    catch_up(run)
    starting.notice(run)


def _release(run: App, session: PlannedSession) -> None:
    """Take back what was booked for a session, and book it anew where it still has a time."""
    if not session.handoff:
        return
    # Imported here because most sessions are not booked.
    from watchkeeper import planned_bookings

    if planned_bookings.release(run, session) and session.state == SCHEDULED:
        planned_bookings.book(run, session.id)


def _list(ctx: typer.Context, everything: bool, project: str | None) -> None:
    run = command.open_app(ctx)
    _look(run)
    wanted = "" if project is None else calling.project_of(run, project)
    run.show("queue", {**view.list_view(run, everything, wanted), "what": ""})


def _show(run: App, session: str, what: str) -> None:
    run.show("queue-session", {**view.one_view(run, session), "what": what})
