"""What the user has told the client before: which folders they trust, and how it asks before it acts.

It stands in `.claude.json` and `settings.json`, neither of which holds credentials.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .objects import object_in

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

_MOST_BYTES = 64 << 20


def is_trusted(paths: Paths, folder: str) -> bool | None:
    """Return whether the user trusts a folder or one that holds it, None where the client's state cannot be read."""
    known = _object(paths.account)
    projects = known.get("projects") if known is not None else None
    if not isinstance(projects, dict):
        return None
    places = (each for start in (folder, os.path.realpath(folder)) for each in _upwards(start))
    return any(_accepts(projects, place) for place in places)


def warns_of_bypass(paths: Paths) -> bool:
    """Return whether an interactive start that asks no questions would itself ask one first, and wait."""
    known = _object(paths.account) or {}
    settings = _object(os.path.join(paths.config, "settings.json")) or {}
    accepted = (known.get("bypassPermissionsModeAccepted"), settings.get("skipDangerousModePermissionPrompt"))
    return True not in accepted


def default_mode(paths: Paths, project: str) -> str:
    """Return the permission mode that the settings give a session of a project; empty where they leave it open.

    The nearest one counts: the project's local settings, its shared ones, the user's. Managed ones are not looked for.
    """
    own = os.path.join(project, ".claude")
    for path in (
        os.path.join(own, "settings.local.json"),
        os.path.join(own, "settings.json"),
        os.path.join(paths.config, "settings.json"),
    ):
        permissions = (_object(path) or {}).get("permissions")
        mode = permissions.get("defaultMode") if isinstance(permissions, dict) else None
        if isinstance(mode, str) and mode:
            return mode
    return ""


def _accepts(projects: dict[str, Any], folder: str) -> bool:
    # The client spells folders with slashes everywhere.
    entries = (projects.get(folder), projects.get(folder.replace("\\", "/")))
    return any(isinstance(each, dict) and each.get("hasTrustDialogAccepted") is True for each in entries)


def _upwards(folder: str) -> list[str]:
    found = [folder]
    while (parent := os.path.dirname(found[-1])) != found[-1]:
        found.append(parent)
    return found


def _object(path: str) -> dict[str, Any] | None:
    return object_in(path, _MOST_BYTES)
