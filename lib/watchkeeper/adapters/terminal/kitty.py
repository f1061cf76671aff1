"""kitty: what follows its options is run as it is."""

from __future__ import annotations

from .desktop import Emulator


class Kitty(Emulator):
    """Available where kitty is installed and a desktop can be reached."""

    name = "kitty"
    commands = (("kitty", "--title={title}"),)
    systems = (*Emulator.systems, "darwin")
