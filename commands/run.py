"""`watchkeeper run`: working through a list of tasks unattended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchkeeper import command
from watchkeeper.config.moment import parse_moment
from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.executor.run_folder import RunFolder
    from watchkeeper.executor.told import Listener

app = command.CommandApp()


@app.command()
def run(
    ctx: typer.Context,
    tasks: Annotated[str, typer.Argument(metavar="TASKS", help="The TOML or JSON file that lists the tasks.")] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --output-dir, or the last one that is not over.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what there is room for, and run nothing.")] = False,
    wait_for_reset: Annotated[
        bool, typer.Option("--wait-for-reset", help="Go on after the reset when the quota is used up.")
    ] = False,
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="Start nothing after this time: 07:00, tomorrow.")
    ] = "",
    max_tasks: Annotated[int | None, typer.Option("--max-tasks", min=1, help="Run at most so many tasks.")] = None,
    output_dir: Annotated[
        str, typer.Option("--output-dir", metavar="DIR", help="Where checkpoint, log and report are kept.")
    ] = "",
) -> None:
    """Work through tasks one after the other, inside what quota, memory and temperature allow.

    Before each task there is a look at all of them, after each a checkpoint; --resume goes on from it. Ctrl-C ends
    the running task gracefully and saves.
    """
    from watchkeeper.adapters import orphans
    from watchkeeper.executor.manager import ResourceManager
    from watchkeeper.executor.overnight import OvernightExecutor, stopping_at_signals
    from watchkeeper.executor.run import Wishes
    from watchkeeper.executor.run_folder import RunFolder, is_unfinished, latest_unfinished, new_folder
    from watchkeeper.executor.run_record import begun
    from watchkeeper.executor.task_list import read
    from watchkeeper.executor.view import plan_view, run_view

    shown = command.open_app(ctx)
    if bool(tasks) == resume:
        raise UserError("Name the file that lists the tasks, or give --resume to go on with a run.", command.USAGE)
    until_at = parse_moment(until, shown.now) if until else None
    wishes = Wishes(wait_for_reset, until_at, max_tasks)
    listed = None if resume else read(tasks)
    manager = ResourceManager(config_dir=shown.paths.config, environ=shown.environ)
    ctx.call_on_close(manager.close)
    if listed is None:
        folder = os.path.abspath(output_dir) if output_dir else latest_unfinished(manager.runs)
        if folder is None:
            raise UserError(f"No run in {manager.runs} is to be continued: name a file that lists tasks.")
        record = RunFolder(folder).load()
    else:
        folder = os.path.abspath(output_dir) if output_dir else new_folder(manager.runs, shown.now)
        record = begun(os.path.basename(folder), os.path.abspath(tasks), listed.tasks, shown.now)
    if dry_run:
        shown.show("run-plan", plan_view(manager, record.open_tasks(), record.source, shown.now, folder))
        return
    if listed is not None and is_unfinished(folder):
        raise UserError(f"{folder} holds a run that is not over: go on with --resume, or name another --output-dir.")
    listener = _listener(shown)
    executor = OvernightExecutor(folder, manager, listener=listener)
    stopping_at_signals(executor)
    try:
        # This process starts nothing but the tasks, so whatever they leave behind is theirs.
        with orphans.adopting():
            ended = executor.work(record, wishes)
    finally:
        listener.close()
    view = run_view(ended, RunFolder(folder), manager.world.now())
    _write_report(shown, view, RunFolder(folder))
    shown.show("run", view)
    if not view["all_done"]:
        raise typer.Exit(1)


def _listener(shown: App) -> Listener:
    from watchkeeper.executor import told

    stream = shown.surroundings.stderr
    return told.Bar(stream) if stream.isatty() else told.Lines(stream)


def _write_report(shown: App, view: dict[str, Any], folder: RunFolder) -> None:
    from watchkeeper.render import engine
    from watchkeeper.render.ink import Pen

    folder.write_report(engine.render("run-report.md", view, Pen(False), shown.columns, view["now_at"]))
