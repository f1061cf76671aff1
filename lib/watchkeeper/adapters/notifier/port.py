"""What a notifier is, and the one way to use it."""

from __future__ import annotations

from typing import Protocol

from watchkeeper.adapters.run import ProgramFailed


class Notifier(Protocol):
    """Shows a notice on the desktop."""

    name: str
    """What the option `notices.notifier` calls it."""

    def unavailable(self) -> str | None:
        """Why it cannot show anything here, as the rest of a sentence; None if it can."""

    def send(self, title: str, body: str) -> None:
        """Show a notice; raise ProgramFailed when that does not work. Any text is allowed."""


def notify(notifier: Notifier, title: str, body: str) -> str | None:
    """Show a notice if that is possible and return why it was not, None if it was: no notice is worth a failure."""
    reason = notifier.unavailable()
    if reason is not None:
        return f"{notifier.name}: {reason}"
    try:
        notifier.send(title, body)
    except ProgramFailed as error:
        return f"{notifier.name}: {error.reason}"
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a desktop, the work goes on
        return f"{notifier.name}: {error}"
    return None
