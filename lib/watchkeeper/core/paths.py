"""Where things are: the one door to HOME and to the environment's word on folders."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple
else:
    from .named import NamedTuple


# Set for the status line that runs beside ours.
BESIDE = "WATCHKEEPER_BESIDE"


class Paths(NamedTuple):
    """Absolute paths of one configuration directory; none of them needs to exist."""

    config: str
    """Claude Code's configuration directory."""
    projects: str
    """Transcripts, one folder a project."""
    account: str
    """The client's global state (`.claude.json`), which names the account and is no credential file."""
    state: str
    """Everything of Watchkeeper that is not a document."""
    app: str
    """The installed bundle."""
    config_file: str
    """The settings a person edits."""
    settings: str
    """The same settings, validated and compiled: what hooks read."""
    logs: str


def config_dir(environ: Mapping[str, str]) -> str:
    """Return the configuration directory that Claude Code uses under `environ` (an empty variable counts as unset).

    Raises OSError where nothing tells a home.
    """
    named = environ.get("CLAUDE_CONFIG_DIR")
    if named:
        return os.path.abspath(named)
    return os.path.join(_home(environ), ".claude")


def paths_in(config: str, environ: Mapping[str, str]) -> Paths:
    """Return the paths below the configuration directory `config`."""
    state = os.path.join(config, "watchkeeper")
    # The client keeps .claude.json beside ~/.claude by default and inside a directory named by CLAUDE_CONFIG_DIR.
    inside = os.path.join(config, ".claude.json")
    beside = os.path.join(os.path.dirname(config), ".claude.json")
    is_default = os.path.basename(config) == ".claude" and not environ.get("CLAUDE_CONFIG_DIR")
    return Paths(
        config=config,
        projects=os.path.join(config, "projects"),
        account=beside if is_default and not os.path.exists(inside) else inside,
        state=state,
        app=os.path.join(state, "app"),
        config_file=os.path.join(state, "config.toml"),
        settings=os.path.join(state, "settings.json"),
        logs=os.path.join(state, "logs"),
    )


def environment() -> Mapping[str, str]:
    """Return this process's environment variables."""
    return os.environ


def bundle_root() -> str:
    """Return the folder of the bundle this module belongs to (the one that holds `hooks`, `commands` and `lib`)."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def project_of(folder: str) -> str:
    """Return the project of a folder: the real path of its git top level (each worktree its own), else its own."""
    start = os.path.realpath(folder)
    current = start
    while True:
        if os.path.exists(os.path.join(current, ".git")):
            return current
        parent = os.path.dirname(current)
        if parent == current:
            return start
        current = parent


def expanded(named: str, environ: Mapping[str, str]) -> str:
    """Return a path that a person typed, its leading `~/` as their home directory."""
    return os.path.join(_home(environ), named[2:]) if named.startswith(("~/", "~\\")) else named


def _home(environ: Mapping[str, str]) -> str:
    home = environ.get("USERPROFILE" if os.name == "nt" else "HOME") or os.path.expanduser("~")
    if home == "~":
        # Below it would be the folder that one stands in.
        raise OSError("There is no home directory: set HOME or CLAUDE_CONFIG_DIR")
    return os.path.abspath(home)
