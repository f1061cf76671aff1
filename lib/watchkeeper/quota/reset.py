"""Starting a fresh five-hour window by hand: a fact of its own, so that history stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.core import state, words
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import FIVE_HOUR
from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from watchkeeper.core.ledger import Ledger


def reset_quota(ledger: Ledger, account: str, at: float, now: float) -> None:
    """Store that a fresh window began at `at`; raise UserError for a time that is still to come.

    What was reported of the window before counts no more, until the client tells something new of it.
    """
    if at > now:
        raise UserError(f"{words.clock_time(at, now)} is still to come: a window can be started up to now.", 2)
    with Transaction(ledger.state) as db:
        state.save_hand_reset(db, at, state.latest_report(db, account, FIVE_HOUR, now))
