"""Words out of a transcript, made safe to repeat: one line, no control characters, nothing that looks like a tag."""

from __future__ import annotations

from watchkeeper.render.columns import without_sequences
from watchkeeper.render.text import shortened

_TAGS = str.maketrans("<>", "‹›")


def line(text: object, longest: int) -> str:
    """Return text on one line of at most `longest` characters, its end replaced by an ellipsis if it has to be."""
    # More than this cannot be shown anyway, and a transcript may hold megabytes.
    shown = without_sequences(str(text)[: 20 * longest + 1_000])
    printable = "".join(character if character.isprintable() else " " for character in shown.translate(_TAGS))
    return shortened(" ".join(printable.split()), longest)
