"""A made-up user: a home of their own, and an environment without anything of the developer's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

# What would make a program under test behave as on this machine, in this terminal or in this CI only.
_LEFT_OUT = frozenset(
    """AI_AGENT APPDATA BUILDKITE CI CLICOLOR CLICOLOR_FORCE COLORTERM COLUMNS CONTINUOUS_INTEGRATION
    DBUS_SESSION_BUS_ADDRESS DISPLAY FORCE_COLOR GITHUB_ACTIONS GITLAB_CI HOMEDRIVE HOMEPATH LANGUAGE LINES LOCALAPPDATA
    NO_COLOR PY_COLORS STY TEAMCITY_VERSION TERM_PROGRAM TMUX VIRTUAL_ENV WAYLAND_DISPLAY""".split()
)
_LEFT_OUT_PREFIXES = ("ANTHROPIC", "CLAUDE", "GIT_", "LC_", "PYTHON", "WATCHKEEPER_", "XDG_")
_KEPT_PREFIX = "WATCHKEEPER_TEST_"


class User(NamedTuple):
    """A made-up user's folders, both made, and the environment of a process of theirs."""

    home: Path
    config: Path
    environ: dict[str, str]


def make_user(folder: Path, environ: Mapping[str, str]) -> User:
    """Make a user with a home and a configuration directory below `folder`; the rest is taken from `environ`."""
    home = folder / "home"
    config = home / ".claude"
    config.mkdir(parents=True)
    return User(home, config, clean_environ(environ, home) | {"CLAUDE_CONFIG_DIR": str(config)})


def clean_environ(environ: Mapping[str, str], home: Path | str) -> dict[str, str]:
    """Return `environ` with `home` as HOME, in UTC and UTF-8, less what describes the developer's session and machine.

    Settings of pip and npm (registry, certificates) stay. CLAUDE_CONFIG_DIR is not set.
    """
    kept = {name: value for name, value in environ.items() if not _is_left_out(name.upper())}
    kept |= {"HOME": str(home), "TZ": "UTC", "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    if sys.platform == "win32":
        local = {name: str(Path(home, "AppData", folder)) for name, folder in _WINDOWS_FOLDERS.items()}
        kept |= {"USERPROFILE": str(home), **local}
    return kept


_WINDOWS_FOLDERS = {"APPDATA": "Roaming", "LOCALAPPDATA": "Local"}


def _is_left_out(name: str) -> bool:
    if name.startswith(_KEPT_PREFIX):
        return False
    return name in _LEFT_OUT or name.startswith(_LEFT_OUT_PREFIXES)
