"""`watchkeeper handoffs`: what waits, what was written, and changing which of it the next session is given."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.automation import asking, doors
from watchkeeper.handoff import stored

app = command.CommandApp()

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The handoff, by id or its beginning.")]
NewestArgument = Annotated[
    str, typer.Argument(metavar="[ID]", help="The handoff, by id or its beginning; else this project's newest.")
]
WaitingArgument = Annotated[
    str, typer.Argument(metavar="[ID]", help="The handoff, by id or its beginning; else the one that waits here.")
]


@app.callback()
def handoffs(
    ctx: typer.Context, everything: Annotated[bool, typer.Option("--all", help="Show those of all projects.")] = False
) -> None:
    """List the handoffs of this project, the newest first, and say which one waits for the next session."""
    run = command.open_app(ctx)
    run.show("handoffs", stored.list_view(run, everything))


@app.command()
def show(ctx: typer.Context, handoff: NewestArgument = "") -> None:
    """Print a handoff."""
    run = command.open_app(ctx)
    if run.as_json:
        run.show("handoffs", stored.one_view(run, handoff))
    else:
        run.say(stored.shown(run, handoff))


@app.command()
def use(ctx: typer.Context, handoff: NewestArgument = "") -> None:
    """Let a handoff, a draft for example, wait for the next session of its project, in place of what waits there."""
    run = command.open_app(ctx)
    stored.use(run, handoff)
    run.show("handoffs", stored.list_view(run, everything=False))


@app.command()
def drop(ctx: typer.Context, handoff: WaitingArgument = "") -> None:
    """Let a handoff wait no longer. Its file stays."""
    run = command.open_app(ctx)
    stored.drop(run, handoff)
    run.show("handoffs", stored.list_view(run, everything=False))


@app.command()
def schedule(
    ctx: typer.Context,
    handoff: IdArgument,
    at: Annotated[str, typer.Argument(metavar="TIME", help="reset, reset+5m, manual or a time such as 18:05.")],
) -> None:
    """Book the session that is given a handoff; it starts by itself. With manual you start it."""
    run = command.open_app(ctx)
    to_book = stored.schedule(run, handoff, at)
    if to_book is not None:
        asking.book_or_say(run, to_book, doors.real(run))
    run.show("handoffs", stored.list_view(run, everything=False))
