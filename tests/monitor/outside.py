"""The world outside of the monitor as a test wants it: processes that end when asked so often, windows that open."""

from __future__ import annotations

from watchkeeper.adapters.processes import Identity
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.monitor.ending import Doors
from watchkeeper.monitor.target import Target

IDENTITY = Identity(4242, 1_000.0, "/opt/claude")


class World:
    """What the doors lead to; each attribute may be changed between two looks."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.target = Target(IDENTITY, is_interactive=True)
        self.ends_after = 1
        """So many signals end it."""
        self.signals: list[str] = []
        self.opened: list[Opening] = []
        self.started: list[Opening] = []
        self.failures = 0
        """So many tries to start something fail."""
        self.monotonic_s = 100.0

    @property
    def is_alive(self) -> bool:
        return len(self.signals) < self.ends_after

    def target_of(self, *_: str) -> Target:
        """The session's process; once it has ended there is none."""
        if self.target.identity is None or self.is_alive:
            return self.target
        return Target(None, doubt="the session does not run any more", is_gone=True)

    @property
    def doors(self) -> Doors:
        return Doors(
            self.target_of,
            self._send,
            lambda identity: identity == self.target.identity and self.is_alive,
            self._open,
            self._start,
            lambda: self.monotonic_s,
        )

    def _send(self, identity: Identity, how: str) -> bool:
        assert identity == self.target.identity
        self.signals.append(how)
        return True

    def _open(self, opening: Opening) -> str:
        self._start(opening)
        self.opened.append(self.started.pop())
        return "tmux attach -t =watchkeeper"

    def _start(self, opening: Opening) -> None:
        if self.failures:
            self.failures -= 1
            raise ProgramFailed(opening.argv, "no window opened")
        self.started.append(opening)
