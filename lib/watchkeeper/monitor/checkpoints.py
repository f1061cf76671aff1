"""Checkpoints that scripts save of their own work, by session, and going on from them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from watchkeeper.app import App, Surroundings

from . import monitor_config, termination, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKPOINT = "checkpoint.json"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,128}")


class SessionManager:
    """Keeps what scripts want to know again after a restart, in the workspace of their project."""

    def __init__(self, project: str | None = None, config_dir: str | None = None, *, app: App | None = None) -> None:
        """Work in the workspace of a project's folder, by default the one that the process is in."""
        self._app = app or App(Surroundings.of_this_process(), config_dir)
        config = monitor_config.config_of(self._app.settings)
        self._base = monitor_config.base_of(config, self._app.paths)
        self._where = workspace.find(self._app, self._base, project or "")

    def save_checkpoint(self, session_id: str, checkpoint_data: Mapping[str, Any]) -> str:
        """Keep what is to be known again, in one step, and return where.

        Raise ValueError for what is no session's id, TypeError for data that is no JSON, OSError where it cannot be.
        """
        if not _SESSION.fullmatch(session_id):
            raise ValueError(f"{session_id!r} is no session's id")
        saved = {**self._saved(), session_id: {"saved_at": self._app.now, "data": dict(checkpoint_data)}}
        self._where.write(CHECKPOINT, json.dumps(saved, indent=2) + "\n")
        return self._where.path(CHECKPOINT)

    def load_checkpoint(self, session_id: str) -> dict[str, Any] | None:
        """Return what was kept for a session, None where nothing was."""
        entry = self._saved().get(session_id)
        data = entry.get("data") if isinstance(entry, dict) else None
        return data if isinstance(data, dict) else None

    def resume_session(self, session_id: str, continuation_command: str) -> dict[str, Any]:
        """Return what is needed to go on: the checkpoint and the words of the command, which no shell is to read."""
        return {
            "session_id": session_id,
            "checkpoint": self.load_checkpoint(session_id),
            "command": list(termination.split(continuation_command)),
            "project": self._where.project,
        }

    def workspaces(self) -> list[str]:
        """Return the projects that have a workspace."""
        return [each.project for each in workspace.kept(self._base)]

    def _saved(self) -> dict[str, Any]:
        try:
            with open(self._where.path(CHECKPOINT), encoding="utf-8") as file:
                saved = json.load(file)
        except (OSError, ValueError, RecursionError):
            return {}
        return saved if isinstance(saved, dict) else {}
