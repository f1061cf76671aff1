"""The plugin's environment, made when a command is used for the first time; nobody runs an installer for a plugin."""

from __future__ import annotations

import os
from pathlib import Path

from watchkeeper.core import clock, entry, paths
from watchkeeper.errors import UserError
from watchkeeper.wiring import plugin_environment, programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

JOB = "environment"
NOTE = "environment-problem.txt"


def answer(environ: Mapping[str, str]) -> str:
    """Return what the user is told while the environment is missing, empty where this is no plugin's bundle."""
    data = environ.get("CLAUDE_PLUGIN_DATA")
    if not data:
        return ""
    try:
        with open(os.path.join(data, NOTE), encoding="utf-8") as file:
            return (
                f"Watchkeeper cannot make its Python environment: {file.read(500).strip()} It is tried once more now."
            )
    except OSError:
        return "Watchkeeper is making its Python environment, which takes about a minute, once. Then type this again."


def main() -> int:
    """Make the environment in the plugin's data folder; a reason why it cannot be made is left there for the user."""
    environ = paths.environment()
    data = environ.get("CLAUDE_PLUGIN_DATA")
    if not data:
        return 1
    note = Path(data, NOTE)
    try:
        plugin_environment.make(Path(data), Path(paths.bundle_root()), environ, clock.now(), programs.run)
        note.unlink(missing_ok=True)
    except UserError as error:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(error), encoding="utf-8")
        return 1
    except Exception as error:  # noqa: BLE001 - the log is all that a background job has
        entry.log_failure("job environment", error, environ)
        return 1
    return 0
