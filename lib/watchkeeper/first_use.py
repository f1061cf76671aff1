"""The plugin's environment, made when a command is used for the first time; nobody runs an installer for a plugin."""

from __future__ import annotations

import os
from pathlib import Path

from watchkeeper.core import entry, paths
from watchkeeper.errors import UserError
from watchkeeper.wiring import plugin_environment, programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

JOB = "environment"
NOTE = "environment-problem.txt"
PROGRESS = "environment-progress.txt"


def answer(environ: Mapping[str, str]) -> str:
    """Return what the user is told while the environment is missing, empty where this is no plugin's bundle."""
    data = environ.get("CLAUDE_PLUGIN_DATA")
    if not data:
        return ""
    if plugin_environment.is_at_work(Path(data)):
        # One that was killed leaves the progress that it had made.
        done = _said(os.path.join(data, PROGRESS))
        if done:
            return f"Watchkeeper is making its Python environment: {done}. Type this again in a moment."
    else:
        problem = _said(os.path.join(data, NOTE))
        if problem:
            return f"{problem} Watchkeeper tries once more now."
    return "Watchkeeper is making its Python environment, which takes about a minute, once. Then type this again."


def main() -> int:
    """Make the environment in the plugin's data folder; a reason why it cannot be made is left there for the user."""
    environ = paths.environment()
    data = environ.get("CLAUDE_PLUGIN_DATA")
    if not data:
        return 1
    note, bundle = Path(data, NOTE), Path(paths.bundle_root())
    progress = Progress(Path(data, PROGRESS), bundle / "requirements.lock")
    try:
        plugin_environment.make(Path(data), bundle, environ, programs.run, progress.count)
        note.unlink(missing_ok=True)
    except UserError as error:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(error), encoding="utf-8")
        return 1
    except Exception as error:  # noqa: BLE001 - the log is all that a background job has
        entry.log_failure("job environment", error, environ)
        return 1
    finally:
        progress.end()
    return 0


class Progress:
    """How many packages are fetched, in a file that whoever types a command meanwhile is told of."""

    def __init__(self, path: Path, lock_file: Path) -> None:
        """Count to the number of packages that `lock_file` names."""
        self._path, self._lock_file = path, lock_file
        self._fetched = 0

    def count(self, step: str) -> None:
        """Take note of a step of the work: indented ones are packages, and the last of them their installation."""
        is_last = step.strip() == "installing them"
        if step.startswith("  ") and not is_last:
            self._fetched += 1
        # The lock names those of other systems and versions too.
        packages = sum("==" in line for line in self._lock_file.read_text(encoding="utf-8").splitlines())
        done = f"{min(self._fetched, packages)} of {packages} packages so far"
        self._path.write_text(f"installing {self._fetched} packages" if is_last else done, encoding="utf-8")

    def end(self) -> None:
        """Leave nothing behind; another process's progress is its own."""
        if self._fetched:
            self._path.unlink(missing_ok=True)


def _said(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(500).strip()
    except OSError:
        return ""
