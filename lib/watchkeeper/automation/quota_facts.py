"""What the limits allow: whether the window has reset, what of it is free, whether the session fits, the week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import state, usage, words
from watchkeeper.core.account import API
from watchkeeper.core.quota import ESTIMATED, FIVE_HOUR, MEASURED, REPORTED, SEVEN_DAY, read_quota
from watchkeeper.core.state import SAME_WINDOW_S

from .facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.quota import Quota

_UNLIMITED = "this account pays by the token and has no such limit"


class Standing(NamedTuple):
    """How an account stands, as far as the ledger knows."""

    quota: Quota
    ended_at: float | None
    """When the last window that is known ended, by report or measured; None while one is open or none is known."""
    ended_source: str
    weekly: state.Report | None
    """The last report of the weekly limit, expired or not."""
    has_reports: bool
    pct_per_token: float | None
    """What was learned of a token's share of the five-hour limit, for the model in question or the dearest."""


class Need(NamedTuple):
    """What a session needs of the limits."""

    ready_free_pct: float
    most_weekly_pct: float
    estimated_tokens: int | None
    awaited_reset_at: float | None
    """The reset that the booking waits for, None where it waits for none."""


def standing_of(
    ledger: Ledger, settings: dict[str, dict[str, Any]], account: str, now: float, model: str = ""
) -> Standing:
    """Return how an account stands at `now`."""
    quota = read_quota(ledger, settings, account, now)
    report = state.latest_report(ledger.state, account, FIVE_HOUR, now)
    by_hand = state.latest_hand_reset(ledger.state, now)
    ended_at, source = None, ""
    if quota.window.started_at is None and account != API:
        if report is not None and not by_hand.voids(report) and report.resets_at <= now:
            ended_at, source = report.resets_at, REPORTED
        elif (last := _last_measured_end(ledger, now)) is not None and last <= now:
            ended_at, source = last, MEASURED
        elif by_hand.at:
            ended_at, source = by_hand.at, "set by hand"
    return Standing(
        quota,
        ended_at,
        source,
        state.latest_report(ledger.state, account, SEVEN_DAY, now),
        report is not None,
        _share_of_a_token(state.learned_pct_per_token(ledger.state, account), model),
    )


def quota_facts(standing: Standing, need: Need, now: float) -> list[Fact]:
    """Return the four facts of the limits."""
    return [
        reset_fact(standing, need, now),
        free_fact(standing, need, now),
        fits_fact(standing, need),
        weekly_fact(standing, need, now),
    ]


def reset_fact(standing: Standing, need: Need, now: float) -> Fact:
    """Return whether the window that the booking waits for has really ended."""
    quota, window = standing.quota, standing.quota.window
    name = "quota reset"
    if quota.account == API:
        return fact(name, True, _UNLIMITED)
    if standing.ended_at is not None:
        when = words.clock_time(standing.ended_at, now)
        return fact(name, True, f"the last window ended at {when} ({standing.ended_source}); none is open since")
    if window.resets_at is None or window.started_at is None:
        return fact(name, None, "neither a report nor anything measured tells of a window")
    when = f"at {words.clock_time(window.resets_at, now)} (in {words.duration(window.resets_at - now)})"
    awaited = need.awaited_reset_at
    if awaited is not None and window.resets_at <= awaited + SAME_WINDOW_S:
        return fact(name, False, f"the window that was waited for is still open and resets {when}, {window.source}")
    since = "the window open now" if awaited is not None else "none is waited for; the window open now"
    return fact(name, True, f"{since} resets {when}, {window.source}")


def free_fact(standing: Standing, need: Need, now: float) -> Fact:
    """Return whether enough of the window is free for a session that is to be its first."""
    name, wanted = "quota free", f"{need.ready_free_pct:g}% wanted"
    if standing.quota.account == API:
        return fact(name, True, _UNLIMITED)
    free_pct = _free_pct(standing)
    if free_pct is None:
        if standing.quota.source == ESTIMATED and standing.quota.used_pct is not None:
            return fact(name, None, f"about {100 - standing.quota.used_pct:.0f}% by an estimate, which is not enough")
        return fact(name, None, "how much is used is not known: no report yet, and no plan to measure against")
    source = _source_of(standing, now)
    return fact(name, free_pct >= need.ready_free_pct, f"{int(free_pct)}% {source}; {wanted}")


def fits_fact(standing: Standing, need: Need) -> Fact:
    """Return whether what the session is estimated to take is left."""
    name, tokens = "estimate fits", need.estimated_tokens
    if standing.quota.account == API:
        return fact(name, True, _UNLIMITED)
    if tokens is None:
        return fact(name, True, "no estimate was given: what is free decides")
    free_pct = _free_pct(standing)
    if free_pct is None:
        return fact(name, None, f"{tokens:,} tokens estimated; what is left is not known")
    if standing.quota.limit_tokens:
        left = int(standing.quota.limit_tokens * free_pct / 100.0)
        return fact(name, tokens <= left, f"{tokens:,} tokens estimated, {left:,} left")
    if standing.pct_per_token is not None:
        share_pct = tokens * standing.pct_per_token
        detail = f"{tokens:,} tokens estimated, about {share_pct:.0f}% by what was learned; {int(free_pct)}% free"
        return fact(name, share_pct <= free_pct, detail)
    unknown = "which share that is nobody knows until `watchkeeper config set quota.plan pro`, or days of reports"
    return fact(name, None, f"{tokens:,} tokens estimated; {unknown}")


def weekly_fact(standing: Standing, need: Need, now: float) -> Fact:
    """Return whether the weekly limit has room."""
    name, weekly = "weekly limit", standing.weekly
    if standing.quota.account == API:
        return fact(name, True, _UNLIMITED)
    if weekly is None:
        if standing.has_reports:
            return fact(name, True, "Claude Code reports none for this account")
        return fact(name, None, "nothing was reported yet")
    if weekly.resets_at <= now:
        return fact(name, True, f"a new week began at {words.clock_time(weekly.resets_at, now)}")
    resets = words.clock_time(weekly.resets_at, now)
    detail = f"{words.share(weekly.used_pct)} used, reported {words.age(now - weekly.at)}; resets {resets}"
    return fact(name, weekly.used_pct < need.most_weekly_pct, detail)


def known_reset_at(standing: Standing, now: float) -> float | None:
    """Return when the open window resets; None where none is open or its reset is not known."""
    resets_at = standing.quota.window.resets_at
    return resets_at if resets_at is not None and resets_at > now else None


def _free_pct(standing: Standing) -> float | None:
    quota = standing.quota
    if standing.ended_at is not None:
        return 100.0
    if quota.source not in (REPORTED, MEASURED) or quota.used_pct is None:
        return None
    return max(0.0, 100.0 - max(quota.used_pct, quota.about_pct or 0.0))


def _source_of(standing: Standing, now: float) -> str:
    quota = standing.quota
    if standing.ended_at is not None:
        return f"(nothing measured here since {words.clock_time(standing.ended_at, now)})"
    return f"({quota.source} {words.age(now - quota.at)})"


def _last_measured_end(ledger: Ledger, now: float) -> float | None:
    started_at = usage.last_window_start(ledger.usage, now)
    return None if started_at is None else started_at + usage.WINDOW_S


def _share_of_a_token(learned: Mapping[str, float], model: str) -> float | None:
    if model in learned:
        return learned[model]
    # Which model it will be is not known: the dearest one promises least.
    return max(learned.values(), default=None)
