"""What is installed and wired: which Watchkeeper, which interpreters, which client."""

from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING

from watchkeeper import __version__
from watchkeeper.core import paths
from watchkeeper.wiring import client, inspection, layout, receipt

from .finding import Finding, broken, note, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchkeeper.app import App
    from watchkeeper.wiring.programs import Run

_IN_FORCE = {
    "settings": "Hooks and status line are wired in settings.json.",
    "plugin": "Hooks are wired by the plugin.",
    "both": "Hooks and status line are wired in settings.json, and hooks by the plugin too.",
    "none": "Nothing is wired, so nothing is recorded while you work: run install.py.",
    "stale": "The wiring in settings.json is out of order.",
    "unknown": "The wiring cannot be read.",
}


def findings(app: App, run: Run) -> Iterator[Finding]:
    """Yield what is found; `run` asks the client for its version."""
    yield ok("Version", f"Watchkeeper {__version__} from {paths.bundle_root()}.")
    yield from _wiring(app)
    place = layout.layout_in(app.paths.config, app.environ)
    record = receipt.read(place.receipt)
    yield from _interpreters(place, record)
    yield from _client(app, run, record)


def _wiring(app: App) -> Iterator[Finding]:
    wiring = inspection.inspect(app.paths.config, app.environ)
    is_broken = wiring.in_force in ("none", "stale", "unknown")
    yield (broken if is_broken else ok)("Wiring", _IN_FORCE[wiring.in_force])
    for reason in wiring.reasons:
        yield (broken if is_broken else note)("Wiring", reason)


def _interpreters(place: layout.Layout, record: receipt.Receipt | None) -> Iterator[Finding]:
    here = f"Python {platform.python_version()} ({sys.executable})"
    if record is None:
        yield note("Interpreter", f"Commands run on {here}; there is no receipt of an installation here.")
        return
    yield ok("Interpreter", f"Commands run on {here}, hooks on {record.interpreter} ({record.hook_form} form).")
    if not os.path.isdir(place.environment):
        yield broken("Environment", f"{place.environment} is gone: run install.py again.")
    else:
        yield ok("Environment", f"{place.environment} is there.")
    for name in record.commands_left:
        yield note("Commands", f"/{name} is a command of your own and was left alone; ours is {place.launcher} {name}")


def _client(app: App, run: Run, record: receipt.Receipt | None) -> Iterator[Finding]:
    version = client.installed_version(run, app.environ)
    oldest = client.spelled(client.OLDEST_SUPPORTED)
    if version is None:
        seen = app.ledger.state.execute("SELECT version FROM snapshots ORDER BY at DESC LIMIT 1").fetchone()
        last = f"; the status line was last run by {seen[0]}" if seen and seen[0] else ""
        yield note("Claude Code", f"No `claude` on the path says its version{last}.")
        return
    if version < client.OLDEST_SUPPORTED:
        yield broken("Claude Code", f"{client.spelled(version)} is older than {oldest}: run `claude update`.")
        return
    yield ok("Claude Code", f"{client.spelled(version)} (the oldest supported is {oldest}).")
    if record is not None and record.hook_form == "exec" and not client.knows_exec_form(version):
        yield broken("Claude Code", "The hooks are wired in a form that it does not know: run install.py again.")
