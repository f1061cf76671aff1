"""WezTerm: what follows `--` is run as it is."""

from __future__ import annotations

from .desktop import Emulator


class WezTerm(Emulator):
    """Available where WezTerm is installed and a desktop can be reached."""

    name = "wezterm"
    commands = (("wezterm", "start", "--"),)
    systems = (*Emulator.systems, "darwin")
