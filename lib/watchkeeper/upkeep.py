"""Updating and removing the installation from within, by the same steps as install.py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__
from .errors import UserError
from .wiring import installation, programs, removal
from .wiring.actions import Effects
from .wiring.command_line import environ_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from .app import App


def update(app: App, source: str | None, dry_run: bool, say: Callable[[str], None]) -> bool:
    """Bring the installation to the bundle in `source` (None: the installed one, which repairs it).

    Return whether anything had to change, each step told to `say`. Raise UserError when it cannot be done.
    """
    bundle = None if source is None else Path(os.path.abspath(source))
    version = __version__ if bundle is None else _version_of(bundle)
    return installation.install(app.paths.config, version, _effects(app, say), dry_run=dry_run, source=bundle)


def uninstall(app: App, purge: bool, dry_run: bool, say: Callable[[str], None]) -> bool:
    """Take Watchkeeper out of Claude Code; with `purge` its documents and figures too. Return whether all was done."""
    return removal.uninstall(app.paths.config, _effects(app, say), purge, dry_run)


def _effects(app: App, say: Callable[[str], None]) -> Effects:
    return Effects(programs.run, say, environ_for(app.paths.config, app.environ))


def _version_of(bundle: Path) -> str:
    try:
        text = (bundle / "lib" / "watchkeeper" / "__init__.py").read_text(encoding="utf-8")
    except OSError:
        raise UserError(f"{bundle} holds no Watchkeeper: name the folder of a checkout with --from.") from None
    for line in text.splitlines():
        if line.startswith("__version__"):
            return line.partition("=")[2].strip().strip("\"'")
    raise UserError(f"{bundle} holds no Watchkeeper: name the folder of a checkout with --from.")
