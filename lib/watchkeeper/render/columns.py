"""How many columns of a terminal a text takes, and making it fit into some."""

from __future__ import annotations

import re
import unicodedata

_ELLIPSIS = "…"
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
# Colours, titles and whatever else programs tell a terminal, with their parameters.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")


def clean(text: object) -> str:
    """Return text that came from outside on one line, without the control characters that a terminal would obey."""
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(character if character.isprintable() else " " * (character in "\n\t") for character in whole)


def without_sequences(text: str) -> str:
    """Return a text without the sequences by which programs tell a terminal something, all of them."""
    return _SEQUENCE.sub("", text)


def unpainted(text: str) -> str:
    """Return a text without its colours."""
    return _COLOUR.sub("", text)


def width_of(text: str) -> int:
    """Return how many columns a text takes, escape sequences not counted and wide characters counted twice."""
    width, inside = 0, False
    for character in text:
        if character == "\x1b":
            inside = True
        elif inside:
            inside = character != "m"
        else:
            width += _width(character)
    return width


def cut(text: str, columns: int) -> str:
    """Return a clean text in at most `columns`, its end replaced by an ellipsis if it has to be."""
    if width_of(text) <= columns:
        return text
    if columns < 1:
        return ""
    kept, width = [], 0
    for character in text:
        width += _width(character)
        if width > columns - 1:
            break
        kept.append(character)
    return "".join(kept) + _ELLIPSIS


def cut_start(text: str, columns: int) -> str:
    """Return a clean text in at most `columns`, its beginning replaced by an ellipsis if it has to be, as of a path."""
    return cut(text[::-1], columns)[::-1]


def fit(text: str, columns: int, to_the_right: bool = False) -> str:
    """Return a clean text in exactly `columns`, cut or filled up."""
    shown = cut(text, columns)
    filling = " " * (columns - width_of(shown))
    return filling + shown if to_the_right else shown + filling


def wrapped(text: str, columns: int) -> list[str]:
    """Return a clean text in lines of at most `columns` (two or more); only a word that is longer is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width_of(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, columns)
        lines += full
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, columns: int) -> list[str]:
    pieces, piece, width = [], "", 0
    for character in word:
        width += _width(character)
        if piece and width > columns:
            pieces.append(piece)
            piece, width = "", _width(character)
        piece += character
    return [*pieces, piece]


def _width(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
