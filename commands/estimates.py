"""`watchkeeper estimates`: what was learned of the tokens that work takes, and how well it was estimated."""

from __future__ import annotations

from typing import Annotated

import typer

from watchkeeper import cli
from watchkeeper.errors import UserError
from watchkeeper.estimates import gathering, tracking_document, tracking_view
from watchkeeper.estimates.learned_view import learned_view

app = cli.command_app()
phase_app = cli.command_app()
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


@app.callback(invoke_without_command=True)
def estimates(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show how well work was estimated, session by session, and what was learned of each type."""
    if ctx.invoked_subcommand is None:
        _show(ctx, as_json, no_color, config_dir)


@app.command()
def show(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show what was learned."""
    _show(ctx, as_json, no_color, config_dir)


@app.command()
def rebuild(
    ctx: typer.Context,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Read the work in all transcripts again and write the model file anew."""
    run = cli.open_app(ctx, config_dir, no_color)
    gathering.rebuild(run)
    run.show("estimates", learned_view(run), as_json)


@app.command()
def report(
    ctx: typer.Context,
    session: Annotated[str, typer.Argument(metavar="SESSION", help="The session, by id or its beginning.")],
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Write the report on a session: how close its estimate was, where its tokens went, what follows."""
    run = cli.open_app(ctx, config_dir, no_color)
    path, view = tracking_view.report(run, session)
    if as_json:
        run.show("tracking", view, as_json)
    else:
        run.say(f"The report stands in {path}.")


@phase_app.callback(invoke_without_command=True)
def phase(
    ctx: typer.Context,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Show how a session stands against the plan that it is compared with; end and begin its phases."""
    if ctx.invoked_subcommand is None:
        run = cli.open_app(ctx, config_dir, no_color)
        run.show("tracking", tracking_view.standing(run, session), as_json)


@phase_app.command()
def done(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[N]", min=1, help="Another one than that at hand.")] = None,
    reason: ReasonOption = None,
    category: CategoryOption = None,
    preventable: PreventableOption = None,
    lesson: LessonOption = None,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """End the phase at hand and begin the next; say why it was off, if it was."""
    run = cli.open_app(ctx, config_dir, no_color)
    said = _said(reason, category, preventable, lesson)
    run.show("tracking", tracking_view.done(run, session, number, said), as_json)


@phase_app.command()
def start(
    ctx: typer.Context,
    number: NumberArgument,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Begin a phase, also one that was over; the one at hand ends."""
    run = cli.open_app(ctx, config_dir, no_color)
    run.show("tracking", tracking_view.start(run, session, number), as_json)


@phase_app.command()
def note(
    ctx: typer.Context,
    number: NumberArgument,
    reason: ReasonOption = None,
    category: CategoryOption = None,
    preventable: PreventableOption = None,
    lesson: LessonOption = None,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Say why a phase was off, and what follows from it; the report repeats it."""
    run = cli.open_app(ctx, config_dir, no_color)
    said = _said(reason, category, preventable, lesson)
    run.show("tracking", tracking_view.note(run, session, number, said), as_json)


@phase_app.command()
def stop(
    ctx: typer.Context,
    session: cli.SessionOption = None,
    as_json: cli.JsonOption = False,
    no_color: cli.NoColorOption = False,
    config_dir: cli.ConfigDirOption = None,
) -> None:
    """Compare the session with its plan no longer."""
    run = cli.open_app(ctx, config_dir, no_color)
    run.show("tracking", tracking_view.stop(run, session), as_json)


def _said(reason: str | None, category: str | None, preventable: bool | None, lesson: str | None) -> dict[str, object]:
    if category is not None and category not in tracking_document.CATEGORIES:
        known = ", ".join(tracking_document.CATEGORIES)
        raise UserError(f"There is no category {category!r}: choose one of {known}.", cli.USAGE)
    return {"reason": reason, "category": category, "preventable": preventable, "lesson": lesson}


def _show(ctx: typer.Context, as_json: bool, no_color: bool, config_dir: str | None) -> None:
    run = cli.open_app(ctx, config_dir, no_color)
    gathering.catch_up_with_history(run)
    run.show("estimates", learned_view(run), as_json)
