"""Linux and the BSDs: notify-send, which speaks to whatever desktop runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .text import escaped, plain

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host

_TIMEOUT_S = 10.0


class NotifySend:
    """Available where the program is installed and a desktop session can be reached."""

    name = "notify-send"

    def __init__(self, host: Host) -> None:
        """Take the user's machine, whose environment tells of the desktop."""
        self._host = host

    def unavailable(self) -> str | None:
        if self._host.path_of("notify-send") is None:
            return "notify-send is not installed (on Debian in the package libnotify-bin)"
        if not self._host.has_desktop() and not self._host.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return "there is no desktop session here"
        return None

    def send(self, title: str, body: str) -> None:
        self._host.run(command(title, body), timeout_s=_TIMEOUT_S)


def command(title: str, body: str) -> list[str]:
    """Return the command that shows a notice; what follows `--` is never taken for an option."""
    return ["notify-send", "--app-name=Watchkeeper", "--urgency=normal", "--", plain(title), escaped(body)]
