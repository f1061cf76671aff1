"""The monitor before the product goes: stopped, and taken out of what starts it at login."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.wiring.actions import Effects

_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class StopMonitor:
    command: tuple[str, ...]
    """The argument list that starts the installed command."""

    def __str__(self) -> str:
        return "stop the monitor"

    def perform(self, effects: Effects) -> None:
        words = [*self.command, "monitor", "stop", "--uninstall"]
        answer = effects.run(words, environ=effects.environ, timeout_s=_TIMEOUT_S)
        if answer.returncode:
            effects.say(f"The monitor may still run ({answer.reason}): end it by hand.")
