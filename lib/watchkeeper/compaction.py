"""What PreCompact does: tell the summariser what must survive, and keep the essentials for the time after it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from watchkeeper import packages
from watchkeeper.core import clock, detach, entry, paths, payload, state
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.watch import is_watching

if TYPE_CHECKING:
    from watchkeeper.core.payload import Event
    from watchkeeper.core.watch import Watch

EVENT = "PreCompact"
# Longer transcripts are not read through in the time that a hook has.
MOST_BYTES = 200 << 20


def main() -> NoReturn:
    """Answer the hook whose payload is on standard input: its plain output goes to the summariser."""
    environ = paths.environment()
    try:
        there = packages.make_importable()
        data = sys.stdin.buffer.read()
        event = payload.parse(data, EVENT)
        if event is not None and environ.get("WATCHKEEPER_OFF") != "1":
            watch = entry.watch(environ, clock.now())
            _, jobs = entry.run(EVENT, data, watch)
            steering = steer(watch, event) if there and is_watching(watch, event.cwd) else ""
            if steering:
                sys.stdout.buffer.write(steering.encode("utf-8", "replace"))
                sys.stdout.buffer.flush()
            if jobs:
                detach.start_jobs(jobs)
    except BaseException as error:  # noqa: BLE001 - a hook never breaks the session
        entry.log_failure(EVENT, error, environ)
    entry.leave()


def steer(watch: Watch, event: Event) -> str:
    """Return what the summariser is told about a session, and store what the model is told after the compaction."""
    from watchkeeper.context import pages

    path = event.transcript_path
    if not watch.settings["context"]["steer"] or not payload.is_transcript(path, watch.paths):
        return ""
    if os.path.getsize(path) > MOST_BYTES:
        return ""
    told = pages.steering_of(path, event.session_id, watch.paths)
    with Transaction(watch.ledger.state) as db:
        state.save_essentials(db, event.session_id, told.essentials, watch.now)
    return told.instructions
