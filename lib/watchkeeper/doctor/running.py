"""What runs and what is known: figures that are unknown and why, notices, failures of hooks, mutes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.adapters.notifier import choose
from watchkeeper.adapters.scheduler import choose as choose_scheduler
from watchkeeper.adapters.scheduler.none import NoScheduler
from watchkeeper.adapters.terminal import choose as choose_terminal
from watchkeeper.core import words
from watchkeeper.core.account import API
from watchkeeper.mutes import watching
from watchkeeper.readings.machine import machine_view
from watchkeeper.readings.status import status

from .finding import Finding, broken, note, ok

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watchkeeper.adapters.notifier.port import Notifier
    from watchkeeper.adapters.scheduler.port import Scheduler
    from watchkeeper.adapters.terminal.port import Terminal
    from watchkeeper.app import App

_RECENT_S = 7 * 86400.0
_MOST_FAILURES = 3
_MOST_LOG_BYTES = 64 * 1024


def findings(
    app: App,
    notifiers: Sequence[Notifier] | None = None,
    schedulers: Sequence[Scheduler] | None = None,
    terminals: Sequence[Terminal] | None = None,
) -> Iterator[Finding]:
    """Yield what is found; the adapters of each kind are all that there are unless they are given."""
    yield from _watching(app)
    yield from _figures(app)
    yield from _status_lines(app)
    yield from _notifiers(app, choose.candidates(app.environ) if notifiers is None else notifiers)
    every_scheduler = choose_scheduler.candidates(app.environ, app.paths.config) if schedulers is None else schedulers
    yield from _schedulers(app, every_scheduler)
    yield from _terminals(app, choose_terminal.candidates(app.environ) if terminals is None else terminals)
    yield from _failures(app)


def _watching(app: App) -> Iterator[Finding]:
    found = watching(app.ledger, app.settings, app.environ, app.project, app.now)
    if found["state"] == "on":
        yield ok("Watching", "On.")
        return
    until = "" if found["until_at"] is None else f" until {words.clock_time(found['until_at'], app.now)}"
    yield note("Watching", f"{found['state'].capitalize()} {found['place']}{until}; {found['why']}.")


def _figures(app: App) -> Iterator[Finding]:
    view = status(app)
    quota = view["quota"]
    if quota["used_pct"] is None:
        yield note("Quota", f"Unknown. {quota['why_unknown']}")
    else:
        yield ok(
            "Quota", f"{quota['source'].capitalize()} {words.age(quota['age_s'])}: {words.share(quota['used_pct'])}."
        )
    if view["session"]["id"] is not None and view["context"]["used_pct"] is None:
        yield note(
            "Context",
            "Its share is unknown for this session: the status line, which tells the window, has not run in it.",
        )
    machine = machine_view(app)
    if machine["level"] == "unknown":
        yield note("Machine", "Not looked at in the last ten minutes: hooks start a look while you work.")
    else:
        heat = "; no sensor for the temperature can be read" if machine["cpu_temp_c"] is None else ""
        yield ok("Machine", f"{machine['level'].capitalize()}, seen {words.age(machine['age_s'])}{heat}.")


def _status_lines(app: App) -> Iterator[Finding]:
    since_at = app.now - _RECENT_S
    rows = app.ledger.usage.execute(
        "SELECT session_id FROM sessions WHERE attended = 1 AND account != ? AND last_at >= ?", (API, since_at)
    ).fetchall()
    told = {row[0] for row in app.ledger.state.execute("SELECT session_id FROM snapshots")}
    without = [session_id for (session_id,) in rows if session_id not in told]
    if without:
        yield note(
            "Status line",
            f"{len(without)} of {len(rows)} sessions of the last week never ran it (VS Code's panel has none): the "
            "limits are not reported there.",
        )


def _notifiers(app: App, notifiers: Sequence[Notifier]) -> Iterator[Finding]:
    if not app.settings["notices"]["desktop"]:
        yield note("Notices", "Desktop notices are switched off in the settings.")
    used = choose.chosen(app.settings, notifiers)
    reason = used.unavailable()
    if reason is not None:
        yield broken("Notices", f"{used.name} is chosen and does not work: {reason}.")
    else:
        yield ok(
            "Notices", f"{used.name} shows desktop notices." if used.name != "none" else "No desktop notices are shown."
        )
    yield from _others("Notices", notifiers, used.name)


def _schedulers(app: App, schedulers: Sequence[Scheduler]) -> Iterator[Finding]:
    wanted = app.settings["automation"]["scheduler"]
    used = choose_scheduler.choose(wanted, schedulers)
    reason = used.unavailable()
    if reason is not None:
        yield broken("Scheduler", f"{wanted} is chosen and does not work: {reason}.")
    elif used.name != NoScheduler.name:
        yield ok("Scheduler", f"{used.name} starts booked sessions.")
    elif wanted == used.name:
        yield ok("Scheduler", "Booked sessions are started by hand, as the settings say.")
    else:
        yield note("Scheduler", "Nothing here can start a session at its time: it has to be started by hand.")
    yield from _others("Scheduler", schedulers, used.name)


def _terminals(app: App, terminals: Sequence[Terminal]) -> Iterator[Finding]:
    wanted = app.settings["automation"]["terminal"]
    used = choose_terminal.choose(wanted, terminals)
    reason = used.unavailable()
    if reason is None:
        yield ok("Terminal", f"Booked sessions open in {used.name}.")
    elif wanted != "auto":
        yield broken("Terminal", f"{wanted} is chosen and does not work: {reason}.")
    else:
        yield note("Terminal", "No terminal can be opened from here: a booked session can only be headless.")
    yield from _others("Terminal", terminals, used.name)


def _others(topic: str, adapters: Sequence[Notifier | Scheduler | Terminal], used: str) -> Iterator[Finding]:
    for each in adapters:
        reason = each.unavailable()
        if reason is not None and each.name != used:
            yield ok(topic, f"{each.name}: {reason}.")


def _failures(app: App) -> Iterator[Finding]:
    recent = [
        line for line in _log_lines(os.path.join(app.paths.logs, "hooks.log")) if _at(line) >= app.now - _RECENT_S
    ]
    if not recent:
        yield ok("Hooks", "No failure in the last week.")
        return
    yield note("Hooks", f"{len(recent)} failures in the last week, the last ones of {app.paths.logs}/hooks.log:")
    for line in recent[-_MOST_FAILURES:]:
        at, _, what = line.partition(" ")
        yield note("Hooks", f"{words.clock_time(float(at), app.now)} {what}")


def _log_lines(path: str) -> list[str]:
    try:
        with open(path, "rb") as log:
            log.seek(max(0, os.path.getsize(path) - _MOST_LOG_BYTES))
            return log.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _at(line: str) -> float:
    try:
        return float(line.partition(" ")[0])
    except ValueError:
        return 0.0
