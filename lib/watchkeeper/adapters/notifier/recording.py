"""A notifier that keeps what it is told: the fake for tests and for trying things."""

from __future__ import annotations


class RecordingNotifier:
    """Always available; `notices` are the titles and bodies it was given."""

    name = "recording"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.notices: list[tuple[str, str]] = []

    def unavailable(self) -> str | None:
        return None

    def send(self, title: str, body: str) -> None:
        self.notices.append((title, body))
