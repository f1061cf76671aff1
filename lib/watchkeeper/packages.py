"""Where the bundle's own packages are, so that whichever interpreter runs a hook can run a command too."""

from __future__ import annotations

import os
import sys

from watchkeeper.core import paths

# Written by wiring/environment.py, whose imports take longer than all of this; a folder without it is somebody else's.
_MARKER = "watchkeeper-environment.json"
_TAKEN_OVER = "WATCHKEEPER_TAKEN_OVER"
_PLUGIN = "watchkeeper-"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def environments(bundle: str, environ: Mapping[str, str]) -> list[str]:
    """Return the virtual environments that were made for the commands: the installed bundle's, the plugin's."""
    return [folder for folder in _places(bundle, environ) if os.path.isfile(os.path.join(folder, _MARKER))]


def _places(bundle: str, environ: Mapping[str, str]) -> list[str]:
    found = [os.path.join(os.path.dirname(bundle), "venv")]
    if environ.get("CLAUDE_PLUGIN_DATA"):
        found.append(os.path.join(environ["CLAUDE_PLUGIN_DATA"], "venv"))
    try:
        config = paths.config_dir(environ)
    except OSError:
        # Nothing tells a home.
        return found
    found.append(os.path.join(paths.paths_in(config, environ).state, "venv"))
    return found + _plugin_environments(os.path.join(config, "plugins", "data"))


def _plugin_environments(data: str) -> list[str]:
    # What Claude runs for a plugin's command is not told the plugin's folder; the client names it after plugin and
    # marketplace.
    try:
        names = sorted(name for name in os.listdir(data) if name.startswith(_PLUGIN))
    except OSError:
        return []
    return [os.path.join(data, name, "venv") for name in names]


def packages_of(environment: str, system: str, version: Sequence[int]) -> str:
    """Return where an environment keeps its packages for a version of Python, (3, 11) for example."""
    if system == "nt":
        return os.path.join(environment, "Lib", "site-packages")
    return os.path.join(environment, "lib", f"python{version[0]}.{version[1]}", "site-packages")


def python_of(environment: str, system: str) -> str:
    """Return the interpreter of an environment."""
    return os.path.join(environment, *(("Scripts", "python.exe") if system == "nt" else ("bin", "python")))


def make_importable() -> bool:
    """Put the packages on the import path; False when there are none.

    Where they were made for another version of Python than the one that runs, that one takes over this process: nothing
    may have been read from standard input yet.
    """
    found = environments(paths.bundle_root(), paths.environment())
    for environment in found:
        folder = packages_of(environment, os.name, sys.version_info[:2])
        if os.path.isfile(os.path.join(folder, "typer", "__init__.py")):
            sys.path.insert(1, folder)
            return True
    for environment in found:
        python = python_of(environment, os.name)
        if os.path.exists(python) and not paths.environment().get(_TAKEN_OVER):
            # Once: two environments that each lack what the other one's Python needs would take turns for ever.
            environ = {**paths.environment(), _TAKEN_OVER: "1"}
            os.execve(python, [python, *sys.orig_argv[1:]], environ)  # noqa: S606 - an argument list, no shell
    # A checkout has no environment beside it: whatever this interpreter itself knows has to do.
    import site

    site.main()
    try:
        import typer  # noqa: F401
    except ImportError:
        return False
    return True
