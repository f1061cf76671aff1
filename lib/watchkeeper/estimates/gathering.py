"""Bringing what was learned up to date before a command shows it, and making it anew."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from watchkeeper.catchup import SHORT_BYTES, Bar, catch_up
from watchkeeper.core import detach
from watchkeeper.errors import UserError

from . import history, learned, model_file

if TYPE_CHECKING:
    from watchkeeper.app import App


def catch_up_with_history(app: App) -> None:
    """Read the work in transcripts that have changed; where that takes long and no time is, in the background."""
    if catch_up(app) is None or not app.settings["estimates"]["history"]:
        return
    if app.surroundings.is_hurried:
        backlog = history.backlog_bytes(app.ledger, app.paths, app.now)
        if backlog > SHORT_BYTES:
            app.complain(
                f"{backlog / 1e6:,.0f} MB of transcripts were not learned from yet; that is done in the background now."
            )
            detach.start_jobs(["refresh"])
            return
    try:
        _import(app, rebuild=False)
    except sqlite3.OperationalError as error:
        app.complain(f"The work in the transcripts cannot be stored now ({error}); try again.")


def rebuild(app: App) -> None:
    """Read the work in all transcripts again and write the model file anew; raise UserError when it cannot be."""
    catch_up(app)
    if app.settings["estimates"]["history"]:
        _import(app, rebuild=True)
    try:
        known = learned.read(app.ledger, app.settings, app.now)
        model_file.write(app.paths, known, app.settings["quota"]["counted"], app.now)
    except OSError as error:
        path = model_file.path_of(app.paths)
        raise UserError(f"{path} cannot be written ({error.strerror}); make room for it and try again.") from error


def _import(app: App, rebuild: bool) -> None:
    with Bar(app.surroundings.stderr, is_wanted=app.surroundings.stderr.isatty()) as bar:
        history.import_history(app.ledger, app.paths, app.now, bar.show, rebuild)
