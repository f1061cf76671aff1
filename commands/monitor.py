"""`watchkeeper monitor`: the daemon, and ending sessions in order."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.core import usage
from watchkeeper.errors import UserError
from watchkeeper.readings.session import find_session
from watchkeeper.readings.sessions import sessions_view

app = command.CommandApp()

# What check-tokens ends with; scripts test for these.
CODES = {"fine": 0, "warning": 1, "critical": 2, "unknown": 3}


@app.callback()
def monitor(ctx: typer.Context) -> None:
    """Watch over sessions from outside, and end and restart them in order; alone it shows how the daemon stands."""
    status(ctx)


@app.command()
def start(
    ctx: typer.Context,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay in this terminal until Ctrl-C.")] = False,
    install: Annotated[bool, typer.Option("--install", help="Have it run whenever you are logged in.")] = False,
) -> None:
    """Start the daemon: readings stay fresh, warnings come in time, and requests to end a session are carried out."""
    from watchkeeper.monitor import control

    run = command.open_app(ctx)
    if foreground:
        if not control.is_allowed(run):
            # No failure: a service would be started again and again.
            run.say(control.SWITCHED_OFF)
            return
        from watchkeeper.monitor.daemon import SessionMonitorDaemon

        daemon = SessionMonitorDaemon(surroundings=run.surroundings, config_dir=run.paths.config)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: daemon.stop())
        if not daemon.start():
            run.say("The monitor runs already.")
        return
    if install:
        name = control.install(run)
        run.show("monitor-status", {**control.status_view(run), "did": f"installed with {name}"})
        return
    began = control.start(run)
    run.show("monitor-status", {**control.status_view(run), "did": "started" if began else "runs already"})


@app.command()
def stop(
    ctx: typer.Context,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Have nothing start it any more.")] = False,
) -> None:
    """Stop the daemon."""
    from watchkeeper.monitor import control

    run = command.open_app(ctx)
    if uninstall:
        control.uninstall(run)
    ended = control.stop(run)
    run.show("monitor-status", {**control.status_view(run), "did": "stopped" if ended else "did not run"})


@app.command()
def status(ctx: typer.Context) -> None:
    """Say whether the daemon runs, and what waits for it."""
    from watchkeeper.monitor import control

    run = command.open_app(ctx)
    run.show("monitor-status", {**control.status_view(run), "did": None})


@app.command("check-tokens")
def check_tokens(ctx: typer.Context, session: command.SessionOption = None) -> None:
    """Tell by the exit code how near a session is to its end: 0 fine, 1 warning, 2 critical, 3 cannot tell.

    It is the worse of quota and context. The words go to standard error.
    """
    from watchkeeper.monitor.asking import usage_view
    from watchkeeper.render import engine

    run = command.open_app(ctx)
    catch_up(run)
    session_id = find_session(run, session)
    project = str(usage.session_row(run.ledger.usage, session_id).get("project") or "") if session_id else ""
    view = usage_view(run, session_id, project or run.project)
    if run.as_json:
        run.show("check-tokens", view)
    else:
        text = engine.render("check-tokens", view, run.pen, run.columns, run.now)
        run.say(text, run.surroundings.stderr)
    raise typer.Exit(CODES[view["state"]])


@app.command("list-sessions")
def list_sessions(
    ctx: typer.Context, everything: Annotated[bool, typer.Option("--all", help="Show all that are known.")] = False
) -> None:
    """List sessions, live and recent, as `watchkeeper sessions` does."""
    run = command.open_app(ctx)
    catch_up(run)
    run.show("sessions", sessions_view(run, None if everything else 20))


@app.command("request-termination")
def request_termination(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words: token_limit_approaching.")],
    continuation_command: Annotated[
        str,
        typer.Option("--continuation-command", help="What goes on afterwards: claude --resume ID. No shell reads it."),
    ] = "",
    priority: Annotated[str, typer.Option("--priority", help="graceful, or immediate, which insists.")] = "graceful",
    session: command.SessionOption = None,
    workspace: Annotated[
        str, typer.Option("--workspace", metavar="DIR", help="The project whose newest session is meant.")
    ] = "",
) -> None:
    """Ask the daemon to end a session: it is saved first, asked to end, and gone on with by the command given."""
    from watchkeeper.monitor import asking, termination

    run = command.open_app(ctx)
    if priority not in (termination.GRACEFUL, termination.IMMEDIATE):
        raise UserError(f"There is no priority {priority!r}: it is graceful or immediate.", command.USAGE)
    catch_up(run)
    view = asking.request(run, reason, continuation_command, priority, session, workspace)
    run.show("monitor-request", view)
