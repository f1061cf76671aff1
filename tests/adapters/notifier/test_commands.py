"""The commands that show a notice, word by word, on every system."""

from __future__ import annotations

from watchkeeper.adapters.notifier import macos, notify_send, windows


def test_notify_send() -> None:
    """notify-send has title and body after the end of its options, the body's markup escaped."""
    expected = ["notify-send", "--app-name=Watchkeeper", "--urgency=normal", "--", "-T", "80% &lt;b&gt; &amp; more"]

    assert expected == notify_send.command("-T", "80%\n<b> & more")


def test_osascript() -> None:
    """osascript has title and body as arguments of its script."""
    expected = [
        "osascript",
        "-e",
        "on run argv",
        "-e",
        "display notification (item 3 of argv) with title (item 2 of argv)",
        "-e",
        "end run",
        "watchkeeper",
        "-T",
        '80% "; beep',
    ]

    assert expected == macos.command("-T", '80% "; beep')


WINDOWS_SCRIPT = (
    "$ErrorActionPreference = 'Stop'; "
    "$null = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications,"
    " ContentType = WindowsRuntime]; "
    "$notice = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent("
    "[Windows.UI.Notifications.ToastTemplateType]::ToastText02); "
    "$texts = $notice.GetElementsByTagName('text'); "
    "$null = $texts.Item(0).AppendChild($notice.CreateTextNode($env:WATCHKEEPER_NOTICE_TITLE)); "
    "$null = $texts.Item(1).AppendChild($notice.CreateTextNode($env:WATCHKEEPER_NOTICE_BODY)); "
    "$notifier = [Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier("
    r"'{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe'); "
    "$notifier.Show([Windows.UI.Notifications.ToastNotification]::new($notice))"
)


def test_powershell() -> None:
    """PowerShell runs one constant script, which reads the notice from its environment."""
    expected = ["powershell.exe", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", WINDOWS_SCRIPT]

    assert expected == windows.command()
    assert {"WATCHKEEPER_NOTICE_TITLE": "T", "WATCHKEEPER_NOTICE_BODY": " "} == windows.environment("T", "")


def test_powershell_needs_no_quoting() -> None:
    """The script has no double quote, which Windows would have to escape on the way to the program."""
    assert '"' not in WINDOWS_SCRIPT
    assert WINDOWS_SCRIPT.isascii()
