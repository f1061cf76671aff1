"""What every notifier keeps to, the fakes too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.adapters.host import Host
from watchkeeper.adapters.notifier.failing import FailingNotifier
from watchkeeper.adapters.notifier.macos import MacOS
from watchkeeper.adapters.notifier.none import NoNotifier
from watchkeeper.adapters.notifier.notify_send import NotifySend
from watchkeeper.adapters.notifier.port import Notifier, notify
from watchkeeper.adapters.notifier.recording import RecordingNotifier
from watchkeeper.adapters.notifier.windows import Windows
from watchkeeper.adapters.run import Finished, ProgramFailed

HOSTILE = [
    "plain",
    "",
    "-x --urgency=critical",
    '"; display dialog "pwned',
    "'; Start-Process calc; '",
    "$(id) `id` ${HOME} %PATH% $env:PATH",
    "<b>bold</b> & more",
    "two\nlines\r\n\x1b]0;title\x07\x00",
    "\u202eabc \ud800",
    "x" * 100_000,
]


class Programs:
    """Stands in for adapters.run: keeps what would be run, and refuses what the real one cannot pass on."""

    def __init__(self) -> None:
        self.runs: list[tuple[list[str], dict[str, str]]] = []

    def run(self, argv: list[str], *, timeout_s: float, extra_environment: dict[str, str] | None = None) -> Finished:
        assert 0 < timeout_s <= 60
        for text in [*argv, *(extra_environment or {}).values()]:
            assert "\0" not in text
            text.encode("utf-8")
        self.runs.append((argv, extra_environment or {}))
        return Finished(0, "", "")

    def fail(self, argv: list[str], *, timeout_s: float, extra_environment: dict[str, str] | None = None) -> Finished:
        raise ProgramFailed(argv, "it ended with code 1", Finished(1, "", "no desktop"))

    def find(self, program: str, search_path: str | None) -> str | None:
        return f"/usr/bin/{program}"

    def miss(self, program: str, search_path: str | None) -> str | None:
        return None


Run = Callable[..., Finished]
Find = Callable[[str, str | None], str | None]
DESKTOP = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"}


class NotifierContract:
    """Subclass it and say how the notifier is made from ways to run and to find programs."""

    sends_by_program = True

    def make(self, run: Run, find: Find) -> Notifier:
        raise NotImplementedError

    @pytest.fixture
    def programs(self) -> Programs:
        return Programs()

    @pytest.fixture
    def notifier(self, programs: Programs) -> Notifier:
        return self.make(programs.run, programs.find)

    def test_has_a_name(self, notifier: Notifier) -> None:
        """It has a name that can stand in settings."""
        assert notifier.name
        assert notifier.name == notifier.name.strip().lower()

    def test_reason_is_none_or_words(self, programs: Programs) -> None:
        """It is available, or there is a reason that ends as part of a sentence."""
        for find in (programs.find, programs.miss):
            reason = self.make(programs.run, find).unavailable()

            assert reason is None or (reason.strip() and not reason.endswith("."))

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_any_text_can_be_shown(self, notifier: Notifier, text: str) -> None:
        """No text makes a notice fail that could be shown otherwise."""
        reason = notify(notifier, text, text)

        assert reason is None or notifier.name == "failing"

    def test_failure_is_a_reason(self, programs: Programs) -> None:
        """What goes wrong while sending is returned in words, never raised."""
        reason = notify(self.make(programs.fail, programs.find), "title", "body")

        if self.sends_by_program:
            assert reason is not None
            assert "code 1" in reason

    def test_text_is_never_code(self, notifier: Notifier, programs: Programs) -> None:
        """Whatever the text, the same program runs with the same code."""
        for text in HOSTILE:
            notify(notifier, text, text)

        assert 1 >= len({_code(argv) for argv, _ in programs.runs})


def _code(argv: list[str]) -> tuple[str, ...]:
    """What of a command is not text of the notice: osascript and notify-send have it at the end."""
    return tuple(argv[:-2] if argv[0] in {"osascript", "notify-send"} else argv)


class TestNotifySend(NotifierContract):
    def make(self, run: Run, find: Find) -> Notifier:
        return NotifySend(Host(DESKTOP, "linux", run, find=find))


class TestMacOS(NotifierContract):
    def make(self, run: Run, find: Find) -> Notifier:
        return MacOS(Host({}, "darwin", run, find=find))


class TestWindows(NotifierContract):
    def make(self, run: Run, find: Find) -> Notifier:
        return Windows(Host({}, "win32", run, find=find))


class TestNone(NotifierContract):
    sends_by_program = False

    def make(self, run: Run, find: Find) -> Notifier:
        return NoNotifier()


class TestFailing(NotifierContract):
    def make(self, run: Run, find: Find) -> Notifier:
        return FailingNotifier("it ended with code 1")


class TestFailingWhenUsed(NotifierContract):
    def make(self, run: Run, find: Find) -> Notifier:
        return FailingNotifier("it ended with code 1", says_so=False)


class TestRecording(NotifierContract):
    sends_by_program = False

    def make(self, run: Run, find: Find) -> Notifier:
        return RecordingNotifier()


@given(st.text(), st.text())
def test_recording_keeps_every_notice(title: str, body: str) -> None:
    """The fake has what it was told."""
    notifier = RecordingNotifier()

    assert notify(notifier, title, body) is None
    assert [(title, body)] == notifier.notices


def test_even_a_bug_is_only_a_reason() -> None:
    """Whatever an adapter raises, the caller has a sentence."""

    class Odd(NoNotifier):
        def send(self, title: str, body: str) -> None:
            raise ZeroDivisionError("no")

    assert "none: no" == notify(Odd(), "a", "b")
