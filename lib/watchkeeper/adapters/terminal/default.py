"""The emulator that the system or the user has made the default one."""

from __future__ import annotations

from .desktop import Emulator


class DefaultTerminal(Emulator):
    """Available where one of the two ways to name a default is there and a desktop can be reached."""

    name = "default"
    # Debian's policy (11.8.3) asks every x-terminal-emulator to run what follows -e as it is.
    commands = (("xdg-terminal-exec",), ("x-terminal-emulator", "-e"))
