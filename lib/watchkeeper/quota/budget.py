"""What may be planned with: the quota less the reserve that is kept for saving work when it runs short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.quota import MEASURED, UNKNOWN

if TYPE_CHECKING:
    from watchkeeper.core.quota import Quota

# The smallest plan for which the reserve of 10,000 tokens was given; larger ones keep the same share.
_BASE_LIMIT_TOKENS = 200_000


class Budget(NamedTuple):
    """The five-hour limit seen from what is still to be done. Unknown numbers are None."""

    limit_tokens: int | None
    used_tokens: int
    """Counted by this machine in the window; what else the account used is in `used_pct` alone."""
    used_pct: float | None
    reserve_tokens: int
    remaining_tokens: int | None
    """What is left above the reserve; None where no limit in tokens is known."""
    remaining_pct: float | None
    """The same as a share of the limit, at least 0."""
    resets_at: float | None
    source: str
    at: float


def budget_of(quota: Quota, used_tokens: int, settings: dict[str, dict[str, Any]]) -> Budget:
    """Return the budget that a quota leaves; `used_tokens` are those measured in its window."""
    limit = quota.limit_tokens or None
    reserve = reserve_tokens(settings, limit)
    remaining = remaining_pct = None
    if quota.used_pct is not None and quota.source != UNKNOWN:
        remaining_pct = max(0.0, 100.0 - quota.used_pct - settings["quota"]["reserve_pct"])
        if limit is not None:
            used = used_tokens if quota.source == MEASURED else round(limit * quota.used_pct / 100.0)
            remaining = max(0, limit - used - reserve)
    return Budget(
        limit,
        used_tokens,
        quota.used_pct,
        reserve,
        remaining,
        remaining_pct,
        quota.window.resets_at,
        quota.source,
        quota.at,
    )


def reserve_tokens(settings: dict[str, dict[str, Any]], limit_tokens: int | None) -> int:
    """Return the tokens that are kept back of a limit: 10,000 of 200,000 by default, and where no limit is known."""
    reserve_pct: float = settings["quota"]["reserve_pct"]
    return round((limit_tokens or _BASE_LIMIT_TOKENS) * reserve_pct / 100.0)
