"""Learning at which size the client compacts by itself: what it keeps free of the window is not usable."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from watchkeeper.core import autocompact, usage
from watchkeeper.core.context import reserve_fact
from watchkeeper.core.ledger import Transaction

if TYPE_CHECKING:
    from watchkeeper.core.autocompact import Control
    from watchkeeper.core.ledger import Ledger

FEWEST_COMPACTIONS = 3
# Of a window's latest so many, so that a change of the client's shows soon; among so many of all windows.
_LATEST, _LOOKED_AT = 5, 200


def learn(ledger: Ledger, control: Control = autocompact.NOTHING_TOLD) -> dict[int, int]:
    """Store and return, for each size of window, the median of what was free of it at the latest compactions.

    Those that the client began by itself count, in windows whose size is known; fewer than `FEWEST_COMPACTIONS` say
    nothing. Nor does any while the user's own `control` decides where the client compacts: that is reckoned.
    """
    if control != autocompact.NOTHING_TOLD:
        return {}
    windows = {
        model: window
        for model, window in ledger.state.execute("SELECT model, window_tokens FROM model_windows")
        if window > 0
    }
    free: dict[int, list[int]] = {window: [] for window in windows.values()}
    rows = ledger.usage.execute(
        "SELECT c.pre_tokens, s.model FROM compactions c JOIN sessions s USING (session_id)"
        " WHERE c.trigger = 'auto' AND c.pre_tokens > 0 ORDER BY c.at DESC LIMIT ?",
        (_LOOKED_AT,),
    )
    for pre_tokens, model in rows:
        window = windows.get(model, 0)
        # A compaction in the lower half of the window was set by the user, and says nothing of the client's own.
        if window / 2 <= pre_tokens <= window and len(free[window]) < _LATEST:
            free[window].append(window - pre_tokens)
    learned = {window: int(statistics.median(each)) for window, each in free.items() if len(each) >= FEWEST_COMPACTIONS}
    if learned:
        with Transaction(ledger.usage) as db:
            for window, reserve in learned.items():
                usage.save_fact(db, reserve_fact(window), reserve)
    return learned
