"""`watchkeeper watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchkeeper import command
from watchkeeper.live import loop
from watchkeeper.live.keys import Keys
from watchkeeper.render import json_text

if TYPE_CHECKING:
    from watchkeeper.app import App

app = command.CommandApp()


@app.command()
def watch(
    ctx: typer.Context,
    session: command.SessionOption = None,
    interval: Annotated[
        float, typer.Option("--interval", min=1, max=3600, metavar="SECONDS", help="Between looks.")
    ] = 5,
) -> None:
    """Show quota, sessions and machine as they change, in a second terminal.

    q or Ctrl-C ends it, r looks again at once.

    Where the output is no terminal, and with --json, it prints one line for each change.
    """
    run = command.open_app(ctx)
    try:
        with Keys(run.surroundings.stdin) as keys:
            if run.as_json or not run.surroundings.stdout.isatty():
                loop.as_lines(run, session, interval, keys, lambda view: _line(run, view))
            else:
                # Imported here because it takes long and a script needs none.
                from watchkeeper.live.screen import Screen

                with Screen(run.surroundings.stdout, run.pen.colour) as screen:
                    loop.on_screen(run, session, interval, screen, keys)
    except KeyboardInterrupt:
        return


def _line(run: App, view: dict[str, Any]) -> None:
    if run.as_json:
        run.say(json_text.of(view, indent=None))
    else:
        run.show("watch-line", view)
