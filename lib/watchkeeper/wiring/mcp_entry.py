"""The MCP server's entry among the user's own: put in and taken out by the client itself, whose file it is."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.wiring.actions import Effects
    from watchkeeper.wiring.layout import Layout

NAME = "watchkeeper"
LOCK_FILE = "requirements-mcp.lock"
"""Everything of requirements.lock, and what the server needs besides."""
_TIMEOUT_S = 60.0
_SCOPE = ("--scope", "user")


@dataclass(frozen=True)
class Register:
    program: str
    definition: str

    def __str__(self) -> str:
        return f"have {self.program} register the MCP server {NAME} for you"

    def perform(self, effects: Effects) -> None:
        words = [self.program, "mcp", "add-json", *_SCOPE, NAME, self.definition]
        answer = effects.run(words, environ=effects.environ, timeout_s=_TIMEOUT_S)
        if answer.returncode:
            raise UserError(f"The MCP server could not be registered ({answer.reason}): `claude mcp list` says more.")


@dataclass(frozen=True)
class Unregister:
    program: str | None

    def __str__(self) -> str:
        return f"have {self.program or 'claude'} forget the MCP server {NAME}"

    def perform(self, effects: Effects) -> None:
        by_hand = f"take it out with `claude mcp remove --scope user {NAME}`."
        if self.program is None:
            effects.say(f"The MCP server stays registered, since no `claude` is on the path: {by_hand}")
            return
        words = [self.program, "mcp", "remove", *_SCOPE, NAME]
        answer = effects.run(words, environ=effects.environ, timeout_s=_TIMEOUT_S)
        # Whoever has taken it out by hand is done.
        if answer.returncode and "No MCP server" not in answer.output:
            effects.say(f"The MCP server may still be registered ({answer.reason}): {by_hand}")


def registered(state_file: str) -> dict[str, Any] | None:
    """Return the server of our name that the client's state file holds for the user, None where there is none."""
    try:
        with open(state_file, "rb") as file:
            server = json.load(file)["mcpServers"][NAME]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return server if isinstance(server, dict) else None


def is_ours(server: Mapping[str, Any] | None, text: str) -> bool:
    """Return whether a registered server is the one of that definition, whatever the client wrote beside it."""
    wanted: dict[str, Any] = json.loads(text) if text else {}
    return bool(wanted) and server is not None and {name: server.get(name) for name in wanted} == wanted


def client_on(environ: Mapping[str, str]) -> str | None:
    """Return the `claude` on the path of `environ`."""
    return shutil.which("claude", path=environ.get("PATH", ""))


def definition(place: Layout) -> str:
    """Return the server as the client keeps it."""
    arguments = ["-I", "-X", "utf8", str(place.entry), "mcp"]
    named = [] if place.is_default else ["--config-dir", str(place.config)]
    return json.dumps({"type": "stdio", "command": str(place.python), "args": [*arguments, *named]})


def by_hand(text: str) -> str:
    """Return what to say where there is no client that could register the server of that definition."""
    return (
        "The MCP server is not registered, since no `claude` is on the path: once it is there, run this again, or "
        f"claude mcp add-json --scope user {NAME} '{text}'"
    )
