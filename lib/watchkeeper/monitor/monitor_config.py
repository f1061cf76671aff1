"""How the monitor works: the table `[session_monitor]` of the settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.settings import DEFAULTS

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

_DEFAULTS: dict[str, Any] = DEFAULTS["session_monitor"]


class MonitorConfig(NamedTuple):
    """The options. Thresholds are shares in percent of the worse of quota and context, for the monitor only."""

    enabled: bool = _DEFAULTS["enabled"]
    check_interval_seconds: float = _DEFAULTS["check_interval_seconds"]
    token_warning_threshold: float = _DEFAULTS["token_warning_threshold"]
    token_critical_threshold: float = _DEFAULTS["token_critical_threshold"]
    max_restart_attempts: int = _DEFAULTS["max_restart_attempts"]
    restart_backoff_seconds: float = _DEFAULTS["restart_backoff_seconds"]
    workspace_base_dir: str = _DEFAULTS["workspace_base_dir"]
    """Where workspaces keep their files; empty is `workspaces` in Watchkeeper's own folder."""
    auto_terminate: bool = _DEFAULTS["auto_terminate"]
    """Whether a session that is critical is ended and restarted unasked."""


def config_of(settings: dict[str, dict[str, Any]]) -> MonitorConfig:
    """Return the options of the settings."""
    return MonitorConfig(**settings["session_monitor"])


def base_of(config: MonitorConfig, paths: Paths) -> str:
    """Return the folder that holds a folder for each workspace."""
    named = config.workspace_base_dir
    return os.path.join(paths.config, named) if named else os.path.join(paths.state, "workspaces")
