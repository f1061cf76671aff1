"""How full a session's context window is."""

from __future__ import annotations

from . import autocompact, state, usage
from .quota import CLOCK_SLACK_S, MEASURED, REPORTED, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from .autocompact import Control
    from .ledger import Ledger
else:
    from .named import NamedTuple

# Where the size is known from at which the client compacts by itself.
TOLD, LEARNED, ASSUMED, OFF = "told", "learned", "assumed", "off"


class Context(NamedTuple):
    """A session's context. `used_pct` is the share of the usable window: the model's less the compaction reserve."""

    used_tokens: int | None
    pending_tokens: int
    """Estimated growth by tool calls that no measured response holds yet; not part of `used_tokens`."""
    window_tokens: int | None
    usable_tokens: int | None
    used_pct: float | None
    source: str
    at: float
    model: str
    compacted_at: float
    compaction: str
    """Whether the client compacts at the usable window's end, and how that is known: TOLD, LEARNED, ASSUMED or OFF."""


def read_context(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    session_id: str,
    now: float,
    control: Control = autocompact.NOTHING_TOLD,
) -> Context:
    """Return how full the context of a session is: as its status line reported or its last response measured it.

    `control` is what the user has told the client of its automatic compaction.
    """
    row: dict[str, Any] = usage.session_row(ledger.usage, session_id)
    snapshot = state.snapshot_of(ledger.state, session_id)
    used: int | None = row.get("context_tokens")
    at = _past(row.get("context_at"), now)
    compacted_at = _past(row.get("compacted_at"), now)
    source = MEASURED if used is not None else UNKNOWN
    if snapshot is not None and snapshot.context_tokens is not None and snapshot.at >= at:
        used, at, source = snapshot.context_tokens, snapshot.at, REPORTED
    if at < compacted_at:
        # What was measured before a compaction says nothing of what is left after it.
        used, source, at = None, UNKNOWN, compacted_at
    model: str = (snapshot.model if snapshot else "") or row.get("model") or ""
    window = snapshot.window_tokens if snapshot is not None and snapshot.window_tokens else None
    if window is None and model:
        window = state.model_window_tokens(ledger.state, model)
        # What another session was told: a model may have windows of two sizes.
        window = None if window is not None and used is not None and used > window else window
    usable, compaction = _usable(ledger, settings, control, model, window) if window else (None, ASSUMED)
    pending = usage.pending_tokens(ledger.usage, session_id, row.get("context_at") or 0.0) if used is not None else 0
    used_pct = None if used is None or usable is None else 100.0 * used / usable
    return Context(used, pending, window, usable, used_pct, source, at or now, model, compacted_at, compaction)


def _past(at: float | None, now: float) -> float:
    # What is still to come was written before the clock was set back, so it is older than all that was written since.
    return at if at is not None and at <= now + CLOCK_SLACK_S else 0.0


def _usable(
    ledger: Ledger, settings: dict[str, dict[str, Any]], control: Control, model: str, window: int
) -> tuple[int, str]:
    learned = usage.fact(ledger.usage, reserve_fact(window))
    reserve = int(settings["context"]["reserve_tokens"] if learned is None else learned)
    usual = max(1, window - reserve)
    if not control.is_on:
        return usual, OFF
    told = autocompact.threshold_tokens(control, model, window)
    if told is not None:
        return told, TOLD
    return usual, ASSUMED if learned is None else LEARNED


def reserve_fact(window_tokens: int) -> str:
    """Return under which name the ledger keeps what was learned to be free at compactions in such a window."""
    return f"{usage.RESERVE_TOKENS} {window_tokens}"
