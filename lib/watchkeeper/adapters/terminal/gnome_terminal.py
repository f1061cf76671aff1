"""GNOME Terminal: what follows `--` is run as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .desktop import Emulator
from .words import title

if TYPE_CHECKING:
    from .port import Opening


class GnomeTerminal(Emulator):
    """Available where GNOME Terminal is installed and a desktop can be reached."""

    name = "gnome-terminal"
    called = ("gnome-terminal",)

    def options(self, program: str, opening: Opening) -> list[str]:
        return [f"--title={title(opening)}", "--"]
