"""Windows: a toast by Windows PowerShell. The text is handed over in the environment and never becomes code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .text import plain

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host

# PowerShell takes seconds to start on a busy machine.
_TIMEOUT_S = 30.0
_PROGRAM = "powershell.exe"
_TITLE, _BODY = "WATCHKEEPER_NOTICE_TITLE", "WATCHKEEPER_NOTICE_BODY"
# A toast belongs to an application that the start menu knows: PowerShell's own entry serves.
_APPLICATION = r"{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe"
_TOAST = "[Windows.UI.Notifications.ToastNotification"
_SCRIPT = "; ".join(
    (
        "$ErrorActionPreference = 'Stop'",
        f"$null = {_TOAST}Manager, Windows.UI.Notifications, ContentType = WindowsRuntime]",
        f"$notice = {_TOAST}Manager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)",
        "$texts = $notice.GetElementsByTagName('text')",
        f"$null = $texts.Item(0).AppendChild($notice.CreateTextNode($env:{_TITLE}))",
        f"$null = $texts.Item(1).AppendChild($notice.CreateTextNode($env:{_BODY}))",
        f"$notifier = {_TOAST}Manager]::CreateToastNotifier('{_APPLICATION}')",
        f"$notifier.Show({_TOAST}]::new($notice))",
    )
)


class Windows:
    """Available on Windows 10 and later."""

    name = "windows"

    def __init__(self, host: Host) -> None:
        """Take the user's machine."""
        self._host = host

    def unavailable(self) -> str | None:
        return self._host.lacks("win32", _PROGRAM, "Windows PowerShell is not on the search path")

    def send(self, title: str, body: str) -> None:
        self._host.run(command(), timeout_s=_TIMEOUT_S, extra_environment=environment(title, body))


def command() -> list[str]:
    """Return the command that shows the notice which its environment holds; it is the same for every notice."""
    return [_PROGRAM, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", _SCRIPT]


def environment(title: str, body: str) -> dict[str, str]:
    """Return the variables that hold a notice; an empty variable would be none at all."""
    return {_TITLE: plain(title) or " ", _BODY: plain(body) or " "}
