"""Colours that follow the user's theme, and text that is known to be safe for a terminal."""

from __future__ import annotations

from typing import NamedTuple

from .columns import clean

_RESET = "\x1b[0m"
_INKS = {"dim": "\x1b[90m", "good": "\x1b[32m", "mind": "\x1b[33m", "bad": "\x1b[31m"}
_LEVELS = {
    "good": ("fresh", "excellent", "good", "healthy", "fine", "live", "ok"),
    "mind": ("moderate", "warning", "danger", "warm", "remark", "note"),
    "bad": ("critical", "emergency", "broken"),
}


class Printable(str):
    """Text without control characters other than the colours and line ends that were put there on purpose."""

    __slots__ = ()


class Pen(NamedTuple):
    """Paints text, or leaves it as it is where colour is not wanted.

    `plain` is the escape sequence of text without a colour of its own: empty on a terminal, which has one. Inside
    Claude Code such text would take on the colour of a warning.
    """

    colour: bool
    plain: str = ""

    def paint(self, text: object, ink: str) -> Printable:
        """Return the text, made printable, in an ink (plain, strong, dim, good, mind, bad) or in that of a level."""
        shown = text if isinstance(text, Printable) else clean(text)
        start = self._start(ink) if self.colour and shown else ""
        return Printable(f"{start}{shown}{_RESET}" if start else shown)

    def _start(self, ink: str) -> str:
        if ink == "plain":
            return self.plain
        if ink == "strong":
            return f"{self.plain}\x1b[1m"
        return _INKS.get(ink) or _INKS[ink_of(ink)]


def ink_of(level: str) -> str:
    """Return the ink that a level is shown in."""
    return next((ink for ink, levels in _LEVELS.items() if level in levels), "dim")


def printable(value: object) -> str:
    """Return what a template shows for a value: an unknown one is called so, a foreign text is cleaned."""
    if isinstance(value, Printable):
        return value
    return "unknown" if value is None else clean(value)
