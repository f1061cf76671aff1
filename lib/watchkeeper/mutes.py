"""Muting: alerts for a while, or everything until it is switched on again, everywhere or in one project."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from .core.ledger import Transaction
from .errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .app import App
    from .core.ledger import Ledger

ALERTS, EVERYTHING = "alerts", "everything"
EVERYWHERE = ""
FOREVER = math.inf
_ENDS_IT = "`watchkeeper on` ends it"


class Mute(NamedTuple):
    """What is muted in a project, or EVERYWHERE, until when."""

    project: str
    what: str
    until_at: float


def mute(ledger: Ledger, what: str, project: str, until_at: float) -> None:
    """Mute ALERTS or EVERYTHING in a project until `until_at`, in place of what was muted so before."""
    with Transaction(ledger.state) as db:
        db.execute("INSERT OR REPLACE INTO mutes VALUES (?,?,?)", (project, what, until_at))


def unmute(ledger: Ledger, projects: Sequence[str]) -> None:
    """End what is muted in these projects (EVERYWHERE is one of them only if it is named)."""
    with Transaction(ledger.state) as db:
        db.executemany("DELETE FROM mutes WHERE project = ?", [(project,) for project in projects])


def mutes_in_force(ledger: Ledger, now: float) -> list[Mute]:
    """Return what is muted now, in a steady order."""
    rows = ledger.state.execute("SELECT project, what, until FROM mutes WHERE until > ? ORDER BY project, what", (now,))
    return [Mute(*row) for row in rows]


def watching(
    ledger: Ledger, settings: dict[str, dict[str, Any]], environ: Mapping[str, str], project: str, now: float
) -> dict[str, Any]:
    """Return whether Watchkeeper watches in a project: `on`, `snoozed` (no alerts) or `off`; where, why, until when."""
    here = [each for each in mutes_in_force(ledger, now) if each.project in (EVERYWHERE, project)]
    off = [each for each in here if each.what == EVERYTHING]
    if environ.get("WATCHKEEPER_OFF") == "1":
        return _watching("off", "in this process", "WATCHKEEPER_OFF=1 is set")
    if not settings["watch"]["enabled"]:
        return _watching("off", "everywhere", "`watchkeeper config set watch.enabled true` ends it")
    if project and project in settings["watch"]["projects_off"]:
        return _watching("off", "in this project", "`watchkeeper config show watch` says so")
    if off:
        place = "everywhere" if any(each.project == EVERYWHERE for each in off) else "in this project"
        return _watching("off", place, _ENDS_IT, max(each.until_at for each in off))
    if here:
        last = max(here, key=lambda each: (each.until_at, each.project == EVERYWHERE))
        place = "everywhere" if last.project == EVERYWHERE else "in this project"
        return _watching("snoozed", place, _ENDS_IT, last.until_at)
    return _watching("on", None, None)


def watching_view(app: App) -> dict[str, Any]:
    """Return whether Watchkeeper watches here, and what is muted in other projects."""
    here = app.project
    elsewhere = [each for each in mutes_in_force(app.ledger, app.now) if each.project not in (EVERYWHERE, here)]
    return {
        "now_at": app.now,
        "project": here or None,
        "watching": watching(app.ledger, app.settings, app.environ, here, app.now),
        "elsewhere": [
            {"project": each.project, "what": each.what, "until_at": _finite(each.until_at)} for each in elsewhere
        ],
    }


def place(app: App, only_here: bool) -> str:
    """Return EVERYWHERE, or with `only_here` the project of the current folder. Raise UserError when that is gone."""
    here = app.project if only_here else EVERYWHERE
    if only_here and not here:
        raise UserError("The current folder is gone: change into the project and try again.")
    return here


def _finite(at: float | None) -> float | None:
    return None if at is None or math.isinf(at) else at


def _watching(state: str, place: str | None, why: str | None, until_at: float | None = None) -> dict[str, Any]:
    return {"state": state, "place": place, "why": why, "until_at": _finite(until_at)}
