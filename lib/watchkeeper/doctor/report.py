"""All findings together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.wiring import programs

from . import installed, running, stored
from .finding import BROKEN, NOTE

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.wiring.programs import Run


def report(app: App, run: Run = programs.run) -> dict[str, Any]:
    """Return what doctor shows: the findings in order, and how many of them are notes and broken."""
    found = [*installed.findings(app, run), *stored.findings(app), *running.findings(app)]
    return {
        "now_at": app.now,
        "findings": [each._asdict() for each in found],
        "notes": sum(each.state == NOTE for each in found),
        "broken": sum(each.state == BROKEN for each in found),
    }
