"""Limits that were hit: what a refusal's text states about the reset becomes a report."""

from __future__ import annotations

from . import state
from .ledger import Transaction
from .quota import FIVE_HOUR, SEVEN_DAY
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
    # Imported here because reading a time of day in a time zone is slow to import and rarely needed.
    from . import limit_message

    stated = (hit.kind, hit.resets_at) if hit.resets_at else limit_message.parse(hit.text, hit.at or now)
    if stated is None or stated[0] not in (FIVE_HOUR, SEVEN_DAY) or stated[1] <= now:
        return None
    return state.Report(account, stated[0], stated[1], 100.0, hit.at or now, "message", hit.overage)
