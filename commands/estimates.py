"""`watchkeeper estimates`: what was learned of the tokens that work takes, and how well it was estimated."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.errors import UserError
from watchkeeper.estimates import gathering, tracking_document, tracking_view
from watchkeeper.estimates.learned_view import learned_view

app = command.CommandApp()
phase_app = command.CommandApp()
app.add_typer(phase_app, name="phase")

NumberArgument = Annotated[int, typer.Argument(metavar="N", min=1, help="The phase, by its number.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why it was off.")]
CategoryOption = Annotated[
    str | None, typer.Option("--category", metavar="WORD", help="|".join(tracking_document.CATEGORIES))
]
PreventableOption = Annotated[
    bool | None, typer.Option("--preventable/--not-preventable", help="Whether that could have been foreseen.")
]
LessonOption = Annotated[str | None, typer.Option("--lesson", metavar="TEXT", help="What follows from it.")]


@app.callback()
def estimates(ctx: typer.Context) -> None:
    """Show how well work was estimated, session by session, and what was learned of each type."""
    _show(ctx)


@app.command()
def show(ctx: typer.Context) -> None:
    """Show what was learned."""
    _show(ctx)


@app.command()
def rebuild(ctx: typer.Context) -> None:
    """Read the work in all transcripts again and write the model file anew."""
    run = command.open_app(ctx)
    gathering.rebuild(run)
    run.show("estimates", learned_view(run))


@app.command()
def report(
    ctx: typer.Context,
    session: Annotated[str, typer.Argument(metavar="SESSION", help="The session, by id or its beginning.")],
) -> None:
    """Write the report on a session: how close its estimate was, where its tokens went, what follows."""
    run = command.open_app(ctx)
    path, view = tracking_view.report(run, session)
    if run.as_json:
        run.show("tracking", view)
    else:
        run.say(f"The report stands in {path}.")


@phase_app.callback()
def phase(ctx: typer.Context, session: command.SessionOption = None) -> None:
    """Show how a session stands against the plan that it is compared with; end and begin its phases."""
    run = command.open_app(ctx)
    run.show("tracking", tracking_view.standing(run, session))


@phase_app.command()
def done(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[N]", min=1, help="Another one than that at hand.")] = None,
    reason: ReasonOption = None,
    category: CategoryOption = None,
    preventable: PreventableOption = None,
    lesson: LessonOption = None,
    session: command.SessionOption = None,
) -> None:
    """End the phase at hand and begin the next; say why it was off, if it was."""
    run = command.open_app(ctx)
    said = _said(reason, category, preventable, lesson)
    run.show("tracking", tracking_view.done(run, session, number, said))


@phase_app.command()
def start(ctx: typer.Context, number: NumberArgument, session: command.SessionOption = None) -> None:
    """Begin a phase, also one that was over; the one at hand ends."""
    run = command.open_app(ctx)
    run.show("tracking", tracking_view.start(run, session, number))


@phase_app.command()
def note(
    ctx: typer.Context,
    number: NumberArgument,
    reason: ReasonOption = None,
    category: CategoryOption = None,
    preventable: PreventableOption = None,
    lesson: LessonOption = None,
    session: command.SessionOption = None,
) -> None:
    """Say why a phase was off, and what follows from it; the report repeats it."""
    run = command.open_app(ctx)
    said = _said(reason, category, preventable, lesson)
    run.show("tracking", tracking_view.note(run, session, number, said))


@phase_app.command()
def stop(ctx: typer.Context, session: command.SessionOption = None) -> None:
    """Compare the session with its plan no longer."""
    run = command.open_app(ctx)
    run.show("tracking", tracking_view.stop(run, session))


def _said(reason: str | None, category: str | None, preventable: bool | None, lesson: str | None) -> dict[str, object]:
    if category is not None and category not in tracking_document.CATEGORIES:
        known = ", ".join(tracking_document.CATEGORIES)
        raise UserError(f"There is no category {category!r}: choose one of {known}.", command.USAGE)
    return {"reason": reason, "category": category, "preventable": preventable, "lesson": lesson}


def _show(ctx: typer.Context) -> None:
    run = command.open_app(ctx)
    gathering.catch_up_with_history(run)
    run.show("estimates", learned_view(run))
