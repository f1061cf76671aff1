"""Learning at which size the client compacts by itself: what it keeps free of the window is not usable."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from watchkeeper.core import state, usage
from watchkeeper.core.ledger import Transaction

if TYPE_CHECKING:
    from watchkeeper.core.ledger import Ledger

FEWEST_COMPACTIONS = 3
_LATEST = 50


def learn(ledger: Ledger) -> int | None:
    """Store and return the median of what was free of the window at the latest automatic compactions, in tokens.

    None while there are too few of them in windows whose size is known.
    """
    rows = ledger.usage.execute(
        "SELECT c.pre_tokens, s.model FROM compactions c JOIN sessions s USING (session_id)"
        " WHERE c.trigger = 'auto' AND c.pre_tokens > 0 ORDER BY c.at DESC LIMIT ?",
        (_LATEST,),
    )
    free = []
    for pre_tokens, model in rows:
        window = state.model_window_tokens(ledger.state, model)
        # A compaction in the lower half of the window was set by the user, and says nothing of the client's own.
        if window and window / 2 <= pre_tokens <= window:
            free.append(window - pre_tokens)
    if len(free) < FEWEST_COMPACTIONS:
        return None
    reserve = int(statistics.median(free))
    with Transaction(ledger.usage) as db:
        usage.save_fact(db, usage.RESERVE_TOKENS, reserve)
    return reserve
