"""What a run sees and uses of the world: the clock, the machine, the quota. A test gives it another one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from watchkeeper.core import clock, state
from watchkeeper.core.account import account_key
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import Weekly, measured_tokens, read_quota, read_weekly
from watchkeeper.handoff.history import session_tokens
from watchkeeper.quota.budget import Budget, budget_of
from watchkeeper.resources import machine
from watchkeeper.transcripts import refresh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths
    from watchkeeper.core.state import Report, Sample


class World(Protocol):
    """Time and machine."""

    def now(self) -> float:
        """Return the time in epoch seconds."""

    def pause(self, seconds: float) -> None:
        """Let that much time go by, or less."""

    def look(self, folder: str) -> Sample:
        """Return what the machine is like, with the disk that holds `folder`."""


class RealWorld:
    """The machine that the process runs on."""

    def now(self) -> float:
        """Return the time in epoch seconds."""
        return clock.now()

    def pause(self, seconds: float) -> None:
        """Let that much time go by, at most a second: whoever waits may be asked to stop."""
        time.sleep(min(seconds, 1.0))

    def look(self, folder: str) -> Sample:
        """Return what the machine is like now."""
        return machine.look(folder, clock.now())


class Accounts:
    """The quota of the account that tasks run on, as the ledger tells it, and what is told to the ledger."""

    def __init__(
        self, ledger: Ledger, settings: dict[str, dict[str, Any]], paths: Paths, environ: Mapping[str, str]
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._paths = paths
        self.account = account_key(paths, environ)

    def budget(self, now: float) -> Budget:
        """Return what is left of the five-hour limit."""
        quota = read_quota(self._ledger, self._settings, self.account, now)
        used = measured_tokens(self._ledger.usage, self._settings, self.account, quota.window, now)
        return budget_of(quota, used, self._settings)

    def weekly(self, now: float) -> Weekly:
        """Return how much of the weekly limit is used."""
        return read_weekly(self._ledger, self.account, now)

    def used_by(self, session_id: str, now: float) -> int | None:
        """Return what a session has used, as the quota counts, after reading what its transcripts have grown by."""
        refresh.refresh(self._ledger, self._paths, self._settings, now)
        return session_tokens(self._ledger.usage, self._settings, session_id)

    def save(self, reports: list[Report], now: float) -> None:
        """Store what the client reported of the limits."""
        for report in reports:
            if state.is_news(self._ledger.state, report, now):
                with Transaction(self._ledger.state) as db:
                    state.save_report(db, report, now)
