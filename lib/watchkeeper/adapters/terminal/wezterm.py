"""WezTerm: what follows `--` is run as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .desktop import Emulator

if TYPE_CHECKING:
    from .port import Opening


class WezTerm(Emulator):
    """Available where WezTerm is installed and a desktop can be reached."""

    name = "wezterm"
    called = ("wezterm",)
    systems = (*Emulator.systems, "darwin")

    def options(self, program: str, opening: Opening) -> list[str]:
        return ["start", "--"]
