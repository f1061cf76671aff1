"""`watchkeeper status-line`: what the installed status line does, for wiring it by hand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import typer

from watchkeeper import command
from watchkeeper.core import entry, passthrough, status_line
from watchkeeper.core.paths import BESIDE
from watchkeeper.core.watch import Watch
from watchkeeper.errors import UserError
from watchkeeper.render import json_text

if TYPE_CHECKING:
    from watchkeeper.app import App

app = command.CommandApp()


@app.command("status-line")
def show(ctx: typer.Context) -> None:
    """Print Claude Code's status line from the JSON it gives on standard input, and store the limits that it tells.

    It is what `statusLine.command` in settings.json runs; the installer wires a faster way to the same.
    """
    run = command.open_app(ctx)
    if run.surroundings.stdin.isatty():
        raise UserError(
            "It reads Claude Code's JSON on standard input: name it as statusLine.command in settings.json, "
            "or run `watchkeeper session-status` to read the figures here.",
            command.USAGE,
        )
    data = run.surroundings.stdin.buffer.read()
    beside = "" if run.environ.get(BESIDE) else run.settings["status_line"]["passthrough"]
    other = passthrough.OtherLine(beside, data) if beside else None
    line = ""
    # A status line never shows an error.
    with contextlib.suppress(Exception):
        line = _line(run, data)
    before = other.output().decode("utf-8", "replace") if other is not None else ""
    if run.as_json:
        run.say(json_text.of({"line": line, "before": before}))
    else:
        run.surroundings.stdout.write(before + (f"{line}\n" if line else ""))


def _line(run: App, data: bytes) -> str:
    environ = {**run.environ, "NO_COLOR": "1"} if run.no_color else run.environ
    try:
        return status_line.run(data, Watch(run.ledger, run.settings, run.paths, environ, run.now))
    except Exception as error:
        entry.log_failure("status line", error, run.environ)
        raise
