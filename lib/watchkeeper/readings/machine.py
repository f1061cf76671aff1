"""The machine as it was seen last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import state
from watchkeeper.core.quota import UNKNOWN
from watchkeeper.resources import levels

if TYPE_CHECKING:
    from watchkeeper.app import App

FRESH_S = 600.0
_SHOWN = ("ram_available_gb", "ram_total_gb", "cpu_temp_c", "load_pct", "battery_pct", "disk_free_gb")


def machine_view(app: App) -> dict[str, Any]:
    """Return the latest look at the machine; one that is older than `FRESH_S` says nothing of now."""
    sample = state.latest_sample(app.ledger.state, app.now)
    if sample is None or not 0 <= app.now - sample.at < FRESH_S:
        return {**dict.fromkeys(_SHOWN), "level": UNKNOWN, "reasons": [], "age_s": None}
    level, reasons = levels.level_of(sample, app.settings["resources"])
    seen = {name: getattr(sample, name) for name in _SHOWN}
    return {**seen, "level": level, "reasons": list(reasons), "age_s": app.now - sample.at}
