"""Text fit for a notice."""

from __future__ import annotations

from watchkeeper.core.notice_sequence import plain

__all__ = ["escaped", "plain"]


def escaped(text: str) -> str:
    """Return `text` plain and with the three characters escaped that Linux desktops read as markup in a body."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
