"""Which notifier is used."""

from __future__ import annotations

from typing import Any

import pytest

from watchkeeper.adapters.host import Host
from watchkeeper.adapters.notifier import choose
from watchkeeper.adapters.notifier.failing import FailingNotifier
from watchkeeper.adapters.notifier.macos import MacOS
from watchkeeper.adapters.notifier.none import NoNotifier
from watchkeeper.adapters.notifier.notify_send import NotifySend
from watchkeeper.adapters.notifier.recording import RecordingNotifier
from watchkeeper.adapters.notifier.windows import Windows
from watchkeeper.core.settings import DEFAULTS

AMONG = (FailingNotifier("there is no desktop"), RecordingNotifier(), NoNotifier())


def settings(**notices: Any) -> dict[str, dict[str, Any]]:
    return DEFAULTS | {"notices": DEFAULTS["notices"] | notices}


def found(program: str, search_path: str | None) -> str:
    return program


def missing(program: str, search_path: str | None) -> None:
    return None


def test_auto_is_the_first_that_works() -> None:
    """Without a choice the first available one is used."""
    assert AMONG[1] is choose.choose("auto", AMONG)


def test_named_one_is_used_even_if_it_does_not_work() -> None:
    """A choice is kept, so that its reason is seen."""
    assert "there is no desktop" == choose.choose("failing", AMONG).unavailable()


def test_unknown_name_says_what_there_is() -> None:
    """A name that no notifier has is told with those there are."""
    reason = choose.choose("growl", AMONG).unavailable()

    assert "there is no notifier called growl; there are failing, recording, none" == reason


def test_nothing_available_is_none() -> None:
    """Where nothing works, nothing is shown."""
    assert "none" == choose.choose("auto", AMONG[:1]).name


@pytest.mark.parametrize(
    ("notices", "name"),
    [
        ({}, "recording"),
        ({"desktop": False}, "none"),
        ({"notifier": "none"}, "none"),
        ({"notifier": "failing"}, "failing"),
    ],
    ids=str,
)
def test_settings_decide(notices: dict[str, Any], name: str) -> None:
    """Notices can be turned off and a notifier named."""
    assert name == choose.chosen(settings(**notices), AMONG).name


def test_notify_says_why_not() -> None:
    """The settings' notifier is used, and the reason is returned where there is one."""
    assert choose.notify(settings(desktop=False), "a", "b") is None
    reason = choose.notify(settings(notifier="notify-send"), "a", "b")

    assert reason is not None
    assert reason.startswith("notify-send: ")


@pytest.mark.parametrize(
    ("environ", "installed", "reason"),
    [
        ({"DISPLAY": ":0"}, True, None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True, None),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:"}, True, None),
        ({}, True, "there is no desktop session here"),
        ({"DISPLAY": ":0"}, False, "notify-send is not installed (on Debian in the package libnotify-bin)"),
    ],
    ids=["X", "Wayland", "bus", "no desktop", "not installed"],
)
def test_notify_send_needs_program_and_desktop(environ: dict[str, str], installed: bool, reason: str | None) -> None:
    """notify-send works where it is installed and a desktop can be reached."""
    assert reason == NotifySend(Host(environ, find=found if installed else missing)).unavailable()


def test_each_system_has_its_own() -> None:
    """macOS and Windows have notifiers that are for them alone, and need their program."""
    assert MacOS(Host({}, "darwin", find=found)).unavailable() is None
    assert Windows(Host({}, "win32", find=found)).unavailable() is None
    assert "this is not macOS" == MacOS(Host({}, "linux")).unavailable()
    assert "this is not Windows" == Windows(Host({}, "darwin")).unavailable()
    assert "osascript is not on the search path" == MacOS(Host({}, "darwin", find=missing)).unavailable()
    assert "Windows PowerShell is not on the search path" == Windows(Host({}, "win32", find=missing)).unavailable()


def test_the_last_candidate_always_works() -> None:
    """There is always one to fall back on."""
    assert choose.candidates({})[-1].unavailable() is None
