"""The emulator that the system or the user has made the default one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .desktop import Emulator

if TYPE_CHECKING:
    from .port import Opening


class DefaultTerminal(Emulator):
    """Available where one of the two ways to name a default is there and a desktop can be reached."""

    name = "default"
    called = ("xdg-terminal-exec", "x-terminal-emulator")

    def options(self, program: str, opening: Opening) -> list[str]:
        # Debian's policy (11.8.3) asks every x-terminal-emulator to run what follows -e as it is.
        return ["-e"] if os.path.basename(program) == "x-terminal-emulator" else []
