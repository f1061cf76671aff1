"""What no test reaches by accident: the real home, real processes, the network beyond loopback, the real clock.

An audit hook watches while a test runs, however the test came by the function it calls. What is refused is also
remembered, because code that swallows every exception (a hook must) would swallow the refusal too.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, NoReturn

Permit = Literal["processes", "clock"]

ROOT = str(Path(__file__).resolve().parents[2])
NO_HOME = os.path.join(os.devnull, "ask-for-the-home-fixture")
"""HOME of a test that did not ask for one: nothing can be made below it, in child processes neither."""

_PROCESS_EVENTS = frozenset(
    "subprocess.Popen os.system os.exec os.fork os.forkpty os.posix_spawn os.spawn os.startfile webbrowser.open".split()
)
_ONE_PATH = "open os.chmod os.listdir os.mkdir os.remove os.rmdir os.scandir os.truncate os.utime sqlite3.connect"
_TWO_PATHS = "os.link os.rename os.symlink"
_PATH_EVENTS = dict.fromkeys(_ONE_PATH.split(), 1) | dict.fromkeys(_TWO_PATHS.split(), 2)
_HOST_EVENTS = frozenset("socket.getaddrinfo socket.gethostbyaddr socket.gethostbyname".split())
_ADDRESS_EVENTS = frozenset("socket.bind socket.connect socket.sendmsg socket.sendto".split())


class OffLimits(Exception):
    """A test reached for something real. The text says what, and which fixture is the way through."""


class TheRealHomeIsOffLimits(OffLimits):
    pass


class RealProcessesAreOffLimits(OffLimits):
    pass


class TheNetworkIsOffLimits(OffLimits):
    pass


class TheRealClockIsOffLimits(OffLimits):
    pass


class Guard:
    """Refuses and remembers, between the start and the end of `watching`."""

    def __init__(self, forbidden: Iterable[str], allowed: Iterable[str]) -> None:
        """Take folders off limits and folders that are not; of two that hold a path the deeper one decides."""
        self._verdicts = dict.fromkeys(_spellings(allowed), True) | dict.fromkeys(_spellings(forbidden), False)
        self._permits: frozenset[Permit] | None = None
        self._refused: list[OffLimits] = []

    @contextmanager
    def watching(self, permits: Iterable[Permit] = ()) -> Iterator[None]:
        outer, self._permits = self._permits, frozenset(permits)
        try:
            yield
        finally:
            self._permits = outer

    def permits(self, what: Permit) -> bool:
        return self._permits is None or what in self._permits

    def refuse(self, error: OffLimits) -> NoReturn:
        self._refused.append(error)
        raise error

    def take_refused(self) -> list[OffLimits]:
        """What was refused since the last call."""
        refused, self._refused = self._refused, []
        return refused

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook."""
        if self._permits is None:
            return
        if event in _PATH_EVENTS:
            for path in arguments[: _PATH_EVENTS[event]]:
                self._check_path(event, path)
        elif event in _PROCESS_EVENTS and not self.permits("processes"):
            self.refuse(RealProcessesAreOffLimits(f"{event} {arguments[:2]!r}: ask for run_python or real_processes"))
        elif event in _HOST_EVENTS and not _is_loopback(arguments[0]):
            self.refuse(TheNetworkIsOffLimits(f"{event} {arguments[0]!r}: only loopback can be reached"))
        elif event in _ADDRESS_EVENTS:
            address = arguments[1]
            # A text or bytes address is a Unix socket's path.
            if isinstance(address, tuple) and not (address[0] and _is_loopback(address[0])):
                self.refuse(TheNetworkIsOffLimits(f"{event} {address!r}: only loopback can be reached"))

    def _check_path(self, event: str, path: object) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        text = os.fsdecode(path)
        if event == "sqlite3.connect":
            text = text.removeprefix("file:").partition("?")[0]
        try:
            part = os.path.abspath(text)
        except (OSError, ValueError):
            return
        while part not in self._verdicts:
            parent = os.path.dirname(part)
            if parent == part:
                return
            part = parent
        if not self._verdicts[part]:
            self.refuse(TheRealHomeIsOffLimits(f"{event} {text}: ask for the home fixture"))


def real_guard(environ: Mapping[str, str]) -> Guard:
    """Return a guard of this process's user, whom `environ` describes; its `audit` is still to be hooked up."""
    homes = {environ.get("HOME"), environ.get("USERPROFILE"), _account_home()} - {None, ""}
    forbidden = [NO_HOME, *filter(None, [environ.get("CLAUDE_CONFIG_DIR")])]
    for home in map(str, homes):
        forbidden += [os.path.join(home, ".claude"), os.path.join(home, ".claude.json")]
        # Without a home of its own a process has the root folder, and reads everything below it.
        if os.path.dirname(os.path.abspath(home)) != os.path.abspath(home):
            forbidden.append(home)
    # A home may hold the checkout, the interpreter and the temporary folder.
    allowed = [ROOT, tempfile.gettempdir(), sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)]
    return Guard(forbidden, allowed)


def _account_home() -> str | None:
    if sys.platform == "win32":
        return None
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return None


def _spellings(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield os.path.abspath(path)
        yield os.path.realpath(path)


def _is_loopback(host: object) -> bool:
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False
