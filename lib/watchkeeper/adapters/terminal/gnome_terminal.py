"""GNOME Terminal: what follows `--` is run as it is."""

from __future__ import annotations

from .desktop import Emulator


class GnomeTerminal(Emulator):
    """Available where GNOME Terminal is installed and a desktop can be reached."""

    name = "gnome-terminal"
    commands = (("gnome-terminal", "--title={title}", "--"),)
