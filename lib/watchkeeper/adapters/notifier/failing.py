"""A notifier that never works."""

from __future__ import annotations

from watchkeeper.adapters.failing import Failing


class FailingNotifier(Failing):
    """Raises ProgramFailed instead of showing a notice."""

    def send(self, title: str, body: str) -> None:
        self._fail()
