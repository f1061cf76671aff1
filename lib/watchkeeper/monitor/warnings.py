"""What the monitor warns of: the window's last hour, and a session that comes near its end; each once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core import alerts, levels, state, words
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import FIVE_HOUR

from .tracker import CRITICAL, FINE, QUOTA
from .workspace import WARNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.app import App
    from watchkeeper.core.quota import Quota

    from .monitor_config import MonitorConfig
    from .tracker import TokenUsage
    from .workspace import Workspace

_LATCH = "monitor"
# The session's own hooks speak first, where the user sees it at once; the desktop is told what they have not said.
GRACE_S = 60.0


class Held(NamedTuple):
    """What will be said unless a hook says it before."""

    text: str
    subject: str
    kind: str
    threshold: float
    since_at: float
    due_s: float


class Warnings:
    """What was found to warn of, told once each, whoever sets the clock and however often the daemon is started."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Take a clock that only runs forward."""
        self._clock_s = clock_s
        self._held: list[Held] = []

    def time_left(self, app: App, quota: Quota) -> None:
        """Warn of the time that is left in the window."""
        started_at, resets_at = quota.window.started_at, quota.window.resets_at
        if started_at is None or resets_at is None or resets_at <= app.now:
            return
        # The fewer minutes are left, the higher: the nearest one passed speaks, and those before it are told with it.
        thresholds = [-float(minutes) for minutes in app.settings["quota"]["time_left_alerts_min"]]
        passed = levels.passed(-(resets_at - app.now) / 60.0, thresholds)
        used = "" if quota.used_pct is None else f"; {words.share(quota.used_pct)} of the quota is used"
        when = words.clock_time(resets_at, app.now)
        text = f"The five-hour window ends in {words.duration(resets_at - app.now)}, at {when}{used}."
        self._hold(app, text, quota.account, alerts.TIME_LEFT, passed, started_at)

    def tokens(self, app: App, where: Workspace, usage: TokenUsage, config: MonitorConfig) -> None:
        """Warn of a session's tokens, in its workspace at once."""
        if usage.usage_pct is None or usage.state == FINE:
            return
        thresholds = (config.token_warning_threshold, config.token_critical_threshold)
        passed = levels.passed(usage.usage_pct, thresholds)
        is_quota = usage.measure == QUOTA
        what = "quota" if is_quota else "context window"
        next_step = "/save-and-restart" if usage.state == CRITICAL else "/plan-next-session"
        text = f"{words.share(usage.usage_pct)} of the {what} is used ({usage.source}): {next_step}."
        subject, kind = (usage.account, FIVE_HOUR) if is_quota else (usage.session_id, alerts.CONTEXT)
        if self._hold(app, text, subject, kind, passed, usage.since_at):
            where.write(WARNING, f"{words.clock_time(app.now, app.now)} {text}\n")

    def due(self, app: App) -> list[str]:
        """Return what is to be said now, because nobody else has."""
        now_s = self._clock_s()
        ready = [each for each in self._held if each.due_s <= now_s]
        self._held = [each for each in self._held if each.due_s > now_s]
        return [each.text for each in ready if not _was_told(app, each)]

    def _hold(self, app: App, text: str, subject: str, kind: str, passed: tuple[float, ...], since_at: float) -> bool:
        if not passed:
            return False
        with Transaction(app.ledger.state) as db:
            if not state.claim_told(db, _LATCH, subject, kind, passed, since_at, app.now):
                return False
        self._held.append(Held(text, subject, kind, passed[-1], since_at, self._clock_s() + GRACE_S))
        return True


def _was_told(app: App, held: Held) -> bool:
    """Whether a hook has told the user of this threshold, or of a higher one."""
    told = state.told_at(app.ledger.state, alerts.USER, held.subject, held.kind, app.now)
    return any(threshold >= held.threshold and at >= held.since_at for threshold, at in told.items())
