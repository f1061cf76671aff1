"""Files that other programs read, such as a scheduler's: always whole."""

from __future__ import annotations

import os

from watchkeeper.core.whole_file import write

__all__ = ["remove", "write"]


def remove(path: str) -> bool:
    """Delete the file at `path` and return whether there was one; raise OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
