"""What a hook and the status line work with, and whether Watchkeeper is switched on for them."""

from __future__ import annotations

from . import paths, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple

    from .ledger import Ledger
    from .paths import Paths
else:
    from .named import NamedTuple


class Watch(NamedTuple):
    """What a hook works with."""

    ledger: Ledger
    settings: dict[str, dict[str, Any]]
    paths: Paths
    environ: Mapping[str, str]
    now: float


def is_watching(watch: Watch, cwd: str) -> bool:
    """Return whether Watchkeeper is switched on: in the settings, in this project, in this process."""
    if watch.environ.get("WATCHKEEPER_OFF") == "1" or not watch.settings["watch"]["enabled"]:
        return False
    off = watch.settings["watch"]["projects_off"]
    project = paths.project_of(cwd) if cwd else ""
    return project not in off and not state.is_muted(watch.ledger.state, project, "everything", watch.now)
