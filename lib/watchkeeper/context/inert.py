"""Words out of a transcript, made safe to repeat: one line, no control characters, nothing that looks like a tag."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_TAGS = str.maketrans("<>", "‹›")
_ELLIPSIS = "…"


def line(text: object, longest: int) -> str:
    """Return text on one line of at most `longest` characters, its end replaced by an ellipsis if it has to be."""
    # More than this cannot be shown anyway, and a transcript may hold megabytes.
    shown = _ESCAPE.sub("", str(text)[: 20 * longest + 1_000])
    printable = "".join(character if character.isprintable() else " " for character in shown.translate(_TAGS))
    words = " ".join(printable.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + _ELLIPSIS
