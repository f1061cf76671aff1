"""No notices: for those who want none, and for where nothing else works."""

from __future__ import annotations


class NoNotifier:
    """Always available; shows nothing."""

    name = "none"

    def unavailable(self) -> str | None:
        return None

    def send(self, title: str, body: str) -> None:
        """Do nothing."""
