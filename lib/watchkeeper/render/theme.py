"""Which colour text without one gets inside Claude Code, by the theme that the user chose there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

_WORD = b'"theme"'
_MOST_BYTES = 32 << 20
# The grey that can be read on white and on black alike.
_EITHER = "\x1b[38;5;243m"
_PLAIN = {b"dark": "\x1b[37m", b"light": "\x1b[30m"}


def plain_ink(paths: Paths) -> str:
    """Return the escape sequence of plain text: light on a dark theme, dark on a light one, grey on any other.

    The client keeps the theme in its settings or its own state, and keeps none where it is the dark one it begins with.
    """
    for path in (os.path.join(paths.config, "settings.json"), paths.account):
        theme = _theme_in(path)
        if theme:
            return _PLAIN.get(theme.partition(b"-")[0], _EITHER)
    return _PLAIN[b"dark"]


def _theme_in(path: str) -> bytes:
    # The state holds the whole history and can be large; one word of it is wanted.
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        return b""
    start = data.find(_WORD)
    parts = data[start + len(_WORD) : start + len(_WORD) + 100].split(b'"', 2) if start >= 0 else []
    return parts[1] if len(parts) == 3 and parts[0].strip() == b":" else b""
