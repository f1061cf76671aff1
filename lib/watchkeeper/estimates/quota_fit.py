"""Whether work fits: what is left of the five-hour quota now, a whole window of it, and how likely each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.account import account_key
from watchkeeper.core.quota import ESTIMATED, MEASURED, UNKNOWN, measured_tokens, read_quota

from . import interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

    from .interval import Interval

# Below this share what one percent takes cannot be told from the tokens that were used.
_LEAST_USED_PCT = 5.0


class Room(NamedTuple):
    """The five-hour quota in tokens. None is unknown."""

    limit_tokens: float | None
    left_tokens: float | None
    source: str
    resets_at: float | None


def room_of(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    environ: Mapping[str, str],
    now: float,
    account: str | None = None,
) -> Room:
    """Return what the account's window holds and what is left of it.

    Without a limit in tokens the used share and the tokens that made it tell one: an estimate, and called so.
    """
    known = account_key(paths, environ) if account is None else account
    quota = read_quota(ledger, settings, known, now)
    resets_at = quota.window.resets_at
    limit, source = float(quota.limit_tokens or 0), quota.source
    if not limit and quota.used_pct is not None and quota.used_pct >= _LEAST_USED_PCT:
        used = measured_tokens(ledger.usage, settings, quota.account, quota.window, now)
        limit, source = 100.0 * used / quota.used_pct, ESTIMATED
    if not limit:
        return Room(None, None, UNKNOWN, resets_at)
    if quota.used_pct is None:
        return Room(limit, None, UNKNOWN, resets_at)
    if quota.source == MEASURED:
        used = measured_tokens(ledger.usage, settings, quota.account, quota.window, now)
        return Room(limit, max(0.0, limit - used), MEASURED, resets_at)
    return Room(limit, max(0.0, limit * (100.0 - quota.used_pct) / 100.0), source, resets_at)


def fits(estimate: Interval, tokens: float | None, buffer_pct: float) -> dict[str, Any]:
    """Return whether an estimate, and its middle with the buffer, fit into so many tokens, and the probability."""
    if tokens is None:
        return {"tokens": None, "fits": None, "fits_high": None, "probability": None}
    buffered = estimate.mid_tokens * (1.0 + buffer_pct / 100.0)
    return {
        "tokens": round(tokens),
        "fits": buffered <= tokens,
        "fits_high": estimate.high_tokens <= tokens,
        "probability": interval.probability_within(estimate, tokens),
    }
