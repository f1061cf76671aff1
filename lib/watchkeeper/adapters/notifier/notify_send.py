"""Linux and the BSDs: notify-send, which speaks to whatever desktop runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters import run as programs

from .text import escaped, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .port import Runner

_TIMEOUT_S = 10.0


class NotifySend:
    """Available where the program is installed and a desktop session can be reached."""

    name = "notify-send"

    def __init__(
        self,
        environ: Mapping[str, str],
        run: Runner = programs.run,
        find: Callable[[str], str | None] = programs.find,
    ) -> None:
        """Take the environment that tells of the desktop."""
        self._environ = environ
        self._run = run
        self._find = find

    def unavailable(self) -> str | None:
        if self._find("notify-send") is None:
            return "notify-send is not installed (on Debian in the package libnotify-bin)"
        if not any(self._environ.get(name) for name in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY")):
            return "there is no desktop session here"
        return None

    def send(self, title: str, body: str) -> None:
        self._run(command(title, body), timeout_s=_TIMEOUT_S)


def command(title: str, body: str) -> list[str]:
    """Return the command that shows a notice; what follows `--` is never taken for an option."""
    return ["notify-send", "--app-name=Watchkeeper", "--urgency=normal", "--", plain(title), escaped(body)]
