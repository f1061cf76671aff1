"""Which notifier is used: the one that the settings name, else the first that works here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.adapters.host import Host
from watchkeeper.core.paths import environment

from . import port
from .failing import FailingNotifier
from .macos import MacOS
from .none import NoNotifier
from .notify_send import NotifySend
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .port import Notifier


def candidates(environ: Mapping[str, str]) -> tuple[Notifier, ...]:
    """Return every notifier there is, in the order in which they are tried. The last one always works."""
    host = Host(environ)
    return MacOS(host), Windows(host), NotifySend(host), NoNotifier()


def choose(name: str, among: Sequence[Notifier]) -> Notifier:
    """Return the notifier called `name`, whether it works or not; for `auto` the first that works."""
    if name == "auto":
        return next((each for each in among if each.unavailable() is None), NoNotifier())
    known = {each.name: each for each in among}
    return known.get(name) or FailingNotifier(f"there is no notifier called {name}; there are {', '.join(known)}")


def chosen(settings: dict[str, dict[str, Any]], among: Sequence[Notifier] | None = None) -> Notifier:
    """Return the notifier that the settings ask for; none at all where notices are off."""
    notices = settings["notices"]
    if not notices["desktop"]:
        return NoNotifier()
    return choose(notices["notifier"], candidates(environment()) if among is None else among)


def notify(settings: dict[str, dict[str, Any]], title: str, body: str) -> str | None:
    """Show a notice as the settings ask for it; return why it was not shown, None if it was."""
    return port.notify(chosen(settings), title, body)
