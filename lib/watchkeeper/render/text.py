"""Text that came from a transcript, a repository or a model, made inert: nothing in it that a terminal would obey.

Standard library only: the hook at a session's start reads handoffs too.
"""

from __future__ import annotations

from .columns import without_sequences

# They join letters of several scripts and the parts of an emoji, and show nothing by themselves.
_JOINERS = "\u200c\u200d"
_TAB = "    "
ELLIPSIS = "…"


def one_line(text: str) -> str:
    """Return `text` on one line, every run of white space and control characters as one space."""
    return " ".join(_visible(text).split())


def command_line(text: str) -> str:
    """Return a command on one line, the spaces inside it kept."""
    return _visible(text).strip()


def paragraphs(text: str) -> str:
    """Return `text` with its lines, without white space at their ends and without empty ones around."""
    whole = without_sequences(text.replace("\r\n", "\n").replace("\r", "\n")).replace("\t", _TAB)
    return "\n".join(_visible(line).rstrip() for line in whole.split("\n")).strip("\n")


def shortened(text: str, most_characters: int) -> str:
    """Return `text` in at most `most_characters`, its end replaced by an ellipsis if it has to be."""
    return text if len(text) <= most_characters else text[: most_characters - 1].rstrip() + ELLIPSIS


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    shown = without_sequences(text)
    return "".join(character if character.isprintable() or character in _JOINERS else " " for character in shown)
