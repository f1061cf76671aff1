"""kitty: what follows its options is run as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .desktop import Emulator
from .words import title

if TYPE_CHECKING:
    from .port import Opening


class Kitty(Emulator):
    """Available where kitty is installed and a desktop can be reached."""

    name = "kitty"
    called = ("kitty",)
    systems = (*Emulator.systems, "darwin")

    def options(self, program: str, opening: Opening) -> list[str]:
        return [f"--title={title(opening)}"]
