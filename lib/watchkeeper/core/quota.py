"""How much of the five-hour and the weekly limit is gone, from what the ledger holds."""

from __future__ import annotations

from . import state, usage
from .account import API
from .settings import limit_tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any, NamedTuple

    from .ledger import Ledger
else:
    from .named import NamedTuple

REPORTED, MEASURED, ESTIMATED, UNKNOWN = "reported", "measured", "estimated", "unknown"

FIVE_HOUR, SEVEN_DAY = "five_hour", "seven_day"
# How long each window lasts.
SPAN_S = {FIVE_HOUR: usage.WINDOW_S, SEVEN_DAY: 7 * 86400.0}
# How long a reported reset stays an anchor for the windows that are measured after it.
_ANCHOR_S = 8 * 86400.0
# The clocks of this machine and of whoever wrote a transcript may differ a little.
CLOCK_SLACK_S = 60.0


class Window(NamedTuple):
    """The five-hour window that `now` is in. Without a start none is open: the next response opens one."""

    started_at: float | None
    resets_at: float | None
    source: str


class Quota(NamedTuple):
    """The five-hour limit. `used_pct` is None when it is unknown; `at` is when the figure was true."""

    used_pct: float | None
    source: str
    at: float
    window: Window
    limit_tokens: int
    overage: bool
    about_pct: float | None
    """A report plus what was measured since, converted by what was learned; an estimate."""
    account: str


class Weekly(NamedTuple):
    """The weekly limit, known from reports alone."""

    used_pct: float | None
    resets_at: float | None
    source: str
    at: float


def read_quota(ledger: Ledger, settings: dict[str, dict[str, Any]], account: str, now: float) -> Quota:
    """Return how much of the five-hour limit `account` has used.

    A report of the window that is open wins; else tokens measured against the chosen plan; else what was learned from
    earlier reports, as an estimate; else it is unknown.
    """
    report = state.latest_report(ledger.state, account, FIVE_HOUR, now)
    by_hand = state.latest_hand_reset(ledger.state, now)
    if report is not None and report.resets_at > now and not by_hand.voids(report):
        window = Window(report.resets_at - usage.WINDOW_S, report.resets_at, REPORTED)
        learned = state.learned_pct_per_token(ledger.state, account)
        since = _learned_share_pct(ledger.usage, settings, learned, account, report.at, now) if learned else None
        about = None if since is None or since < 0.5 else min(100.0, report.used_pct + since)
        limit = limit_tokens(settings)
        return Quota(report.used_pct, REPORTED, report.at, window, limit, report.overage, about, account)
    if account == API:
        return Quota(None, UNKNOWN, now, Window(None, None, UNKNOWN), 0, False, None, account)
    anchors = [by_hand.at]
    if report is not None and report.resets_at <= now:
        anchors.append(report.resets_at)
    window = measured_window(ledger.usage, max(anchors), now)
    limit = limit_tokens(settings)
    if limit:
        used = measured_tokens(ledger.usage, settings, account, window, now)
        return Quota(100.0 * used / limit, MEASURED, now, window, limit, False, None, account)
    learned = state.learned_pct_per_token(ledger.state, account)
    if learned and window.started_at is not None:
        about = _learned_share_pct(ledger.usage, settings, learned, account, window.started_at, now)
        if about is not None:
            return Quota(min(100.0, about), ESTIMATED, now, window, 0, False, None, account)
    return Quota(None, UNKNOWN, now, window, 0, False, None, account)


def read_weekly(ledger: Ledger, account: str, now: float) -> Weekly:
    """Return how much of the weekly limit `account` has used, as far as it was reported."""
    report = state.latest_report(ledger.state, account, SEVEN_DAY, now)
    if report is None or report.resets_at <= now:
        return Weekly(None, None, UNKNOWN, now)
    return Weekly(report.used_pct, report.resets_at, REPORTED, report.at)


def measured_window(db: sqlite3.Connection, anchor_at: float, now: float) -> Window:
    """Return the window measured from responses: it starts at the first one after the window before, or the anchor.

    `anchor_at` is when a window is known to have ended (a reported reset, one by hand), 0.0 if that is not known.
    """
    if anchor_at and now - anchor_at < _ANCHOR_S:
        start = usage.first_response_at(db, anchor_at)
        while start is not None and start + usage.WINDOW_S <= now:
            start = usage.first_response_at(db, start + usage.WINDOW_S)
        if start is not None and start > now:
            start = None
    else:
        start = usage.last_window_start(db, now)
        if start is not None and start + usage.WINDOW_S <= now:
            start = None
    if start is None:
        return Window(None, None, MEASURED)
    return Window(start, start + usage.WINDOW_S, MEASURED)


def measured_tokens(
    db: sqlite3.Connection, settings: dict[str, dict[str, Any]], account: str, window: Window, now: float
) -> int:
    """Return the counted tokens of an account in the window so far."""
    if window.started_at is None:
        return 0
    return usage.counted_tokens(db, settings["quota"]["counted"], account, window.started_at, now + CLOCK_SLACK_S)


def can_reset_at(kind: str, resets_at: float, at: float) -> bool:
    """Return whether a limit of `kind` can reset then, as was told `at`: ahead, and by a day more than it lasts."""
    return kind in SPAN_S and at < resets_at <= at + SPAN_S[kind] + 86400.0


def report_of(kind: str, limits: object, account: str, at: float) -> state.Report | None:
    """Return the report in the client's `rate_limits` object, None unless its figures can be true.

    Seen in the wild: null windows, percentages that are an epoch, NaN, resets long past or written as a date.
    """
    entry = limits.get(kind) if isinstance(limits, dict) else None
    if not isinstance(entry, dict):
        return None
    used_pct, resets_at = _number(entry.get("used_percentage")), _number(entry.get("resets_at"))
    if used_pct is None or resets_at is None or not 0 <= used_pct <= 101:
        return None
    if not can_reset_at(kind, resets_at, at):
        return None
    return state.Report(account, kind, resets_at, min(used_pct, 100.0), at, "status_line", False)


def _learned_share_pct(
    db: sqlite3.Connection,
    settings: dict[str, dict[str, Any]],
    learned: dict[str, float],
    account: str,
    since_at: float,
    now: float,
) -> float | None:
    share = 0.0
    counted = settings["quota"]["counted"]
    for model, tokens in usage.counted_tokens_by_model(db, counted, account, since_at, now + CLOCK_SLACK_S).items():
        pct_per_token = learned.get(model, learned.get(""))
        if pct_per_token is None:
            return None
        share += tokens * pct_per_token
    return share


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # NaN compares with nothing.
    return float(value) if -1e15 < value < 1e15 else None
