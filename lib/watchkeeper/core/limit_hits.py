"""Limits that were hit: what a refusal's text states about the reset becomes a report."""

from __future__ import annotations

from . import state
from .ledger import Transaction
from .quota import SPAN_S, can_reset_at
from .records import LimitHit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .ledger import Ledger
    from .records import Fact


def among(facts: Iterable[Fact]) -> tuple[LimitHit, ...]:
    """Return the refusals among what transcript records said."""
    return tuple(fact for fact in facts if isinstance(fact, LimitHit))


def save(ledger: Ledger, hits: Iterable[LimitHit], account: str, now: float) -> None:
    """Store the resets that refusals state as reports of a full limit; what cannot be read or is over is left out."""
    reports = [report for report in (_report(hit, account, now) for hit in hits) if report is not None]
    news = [report for report in reports if state.is_news(ledger.state, report, now)]
    if news:
        with Transaction(ledger.state) as db:
            for report in news:
                state.save_report(db, report, now)


def _report(hit: LimitHit, account: str, now: float) -> state.Report | None:
    said_at = hit.at or now
    stated: tuple[str, float] | None = (hit.kind, hit.resets_at)
    if not hit.resets_at or (hit.kind in SPAN_S and not can_reset_at(hit.kind, hit.resets_at, said_at)):
        # Imported here because reading a time of day in a time zone is slow to import and rarely needed.
        from . import limit_message

        stated = limit_message.parse(hit.text, said_at)
    if stated is None or stated[0] not in SPAN_S or stated[1] <= now:
        return None
    return state.Report(account, stated[0], stated[1], 100.0, said_at, "message", hit.overage)
