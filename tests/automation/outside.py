"""The world outside of the automation as a test wants it: a scheduler, a terminal and a client that only remember."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from watchkeeper.adapters.processes import Identity
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.scheduler.none import NoScheduler
from watchkeeper.adapters.scheduler.port import Scheduler
from watchkeeper.adapters.scheduler.recording import RecordingScheduler
from watchkeeper.adapters.terminal.port import Opening, Terminal, Window
from watchkeeper.adapters.terminal.recording import RecordingTerminal
from watchkeeper.automation.doors import Doors
from watchkeeper.core.state import Sample

VERSION = "2.1.329 (Claude Code)\n"
LOGGED_IN = {"loggedIn": True, "authMethod": "claude.ai", "loginExpiresAt": None}
PID = 4242
OTHER = "/somewhere/else"


class Outside:
    """What the doors lead to; each attribute may be changed before something is fired."""

    def __init__(self, now: float) -> None:
        self.at = now
        self.scheduler = RecordingScheduler()
        self.schedulers: Sequence[Scheduler] = (self.scheduler, NoScheduler())
        self.terminal: Any = RecordingTerminal()
        self.notices: list[tuple[str, str]] = []
        self.no_notice: str | None = None
        self.version: Finished | ProgramFailed = Finished(0, VERSION, "")
        self.login: Finished | ProgramFailed = Finished(0, json.dumps(LOGGED_IN), "")
        self.asked: list[tuple[list[str], dict[str, str]]] = []
        self.processes: dict[int, Identity] = {}
        self.sample: Sample | None = Sample(now, 11.2, 15.6, 54.0, 12.0, None, None, 120.0, "unknown")
        self.slept_s = 0.0
        self.on_sleep: Callable[[], None] = lambda: None
        self.on_look: Callable[[], None] = lambda: None

    @property
    def doors(self) -> Doors:
        return Doors(
            self.schedulers,
            lambda _: (self.terminal,),
            self._notify,
            self._ask,
            self.identify,
            self._look,
            lambda: self.at,
            self._sleep,
        )

    def identify(self, pid: int) -> Identity | None:
        import os

        # This process is the one that fires.
        return self.processes.get(pid) or (Identity(pid, 1_000.0, "") if pid == os.getpid() else None)

    def _notify(self, title: str, body: str) -> str | None:
        self.notices.append((title, body))
        return self.no_notice

    def _ask(self, argv: Sequence[str], variables: Mapping[str, str], _: float) -> Finished:
        self.asked.append((list(argv), dict(variables)))
        answer = self.version if argv[1:] == ["--version"] else self.login
        if isinstance(answer, ProgramFailed):
            raise answer
        return answer

    def _look(self, _: str, __: float) -> Sample:
        self.on_look()
        if self.sample is None:
            raise OSError("no sensors")
        return self.sample

    def _sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        self.on_sleep()


class OpeningTerminal(RecordingTerminal):
    """Opens nothing, but does what a window would do: it calls `then` with what was opened."""

    def __init__(self, then: Callable[[Opening], None]) -> None:
        super().__init__()
        self._then = then

    def open(self, opening: Opening) -> Window:
        window = super().open(opening)
        self._then(opening)
        return window._replace(reach="tmux attach -t =watchkeeper")


__all__ = ["LOGGED_IN", "OTHER", "PID", "OpeningTerminal", "Outside", "Terminal"]
