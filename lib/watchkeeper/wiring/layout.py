"""Where the installer puts things below one configuration directory, and which directories it refuses."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.paths import config_dir, paths_in
from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

# A slash command's injected call ends at a backtick, and no settings file or launcher carries a line break in a path.
_UNUSABLE = re.compile("[\x00-\x1f\x7f`\ud800-\udfff]")


class Layout(NamedTuple):
    """Absolute paths of one installation; none of them needs to exist."""

    home: Path
    """The user's."""
    config: Path
    """Claude Code's configuration directory."""
    client_settings: Path
    """The user's settings.json, which belongs to Claude Code."""
    client_commands: Path
    """The user's slash commands."""
    state: Path
    """Everything of Watchkeeper that is not a document."""
    app: Path
    """The installed bundle."""
    environment: Path
    """The virtual environment of the commands."""
    python: Path
    """The interpreter inside that environment."""
    launcher: Path
    """The command `watchkeeper`."""
    receipt: Path
    config_file: Path
    """The settings a person edits."""
    is_default: bool
    """Whether Claude Code finds this directory without being told: ~/.claude."""

    @property
    def entry(self) -> Path:
        """The file that the launcher runs."""
        return self.app / "lib" / "watchkeeper" / "__main__.py"

    @property
    def state_folders(self) -> tuple[str, ...]:
        """The state folder as a command line may name it, with forward slashes."""
        if self.home not in self.state.parents:
            return (self.state.as_posix(),)
        below = self.state.relative_to(self.home).as_posix()
        return (self.state.as_posix(), *(f"{home}/{below}" for home in ("~", "$HOME", "${HOME}")))


def layout_in(config: str, environ: Mapping[str, str], windows: bool = os.name == "nt") -> Layout:
    """Return the layout below the configuration directory `config`."""
    paths = paths_in(config, environ)
    state = Path(paths.state)
    environment = state / "venv"
    default = config_dir({**environ, "CLAUDE_CONFIG_DIR": ""})
    return Layout(
        home=Path(default).parent,
        config=Path(paths.config),
        client_settings=Path(paths.config) / "settings.json",
        client_commands=Path(paths.config) / "commands",
        state=state,
        app=Path(paths.app),
        environment=environment,
        python=environment / "Scripts" / "python.exe" if windows else environment / "bin" / "python",
        launcher=state / "bin" / ("watchkeeper.cmd" if windows else "watchkeeper"),
        receipt=state / "receipt.json",
        config_file=Path(paths.config_file),
        is_default=paths.config == default,
    )


def unusable(config: str) -> str | None:
    """Return why the configuration directory `config` cannot be used, or None."""
    if _UNUSABLE.search(config):
        return "its name has a backtick, a control character or bytes that are not UTF-8"
    if os.path.lexists(config) and not os.path.isdir(config):
        return "it is not a folder"
    state = os.path.join(config, "watchkeeper")
    for path in (state, *(os.path.join(state, name) for name in ("app", "venv", "bin"))):
        if os.path.islink(path):
            return f"{path} is a link"
        if os.path.lexists(path) and not os.path.isdir(path):
            return f"{path} is not a folder"
    return None


def require_usable(config: str) -> None:
    """Raise UserError for a configuration directory that cannot be used."""
    reason = unusable(config)
    if reason:
        raise UserError(f"{config} cannot be used, because {reason}: choose another folder with --config-dir.")
