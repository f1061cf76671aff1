"""What the hooks at a session's start and end do beyond the watch: give the handoff that waits, and settle it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from watchkeeper.core import clock, detach, entry, paths, payload
from watchkeeper.core.reply import SILENCE, Reply, encode, joined
from watchkeeper.core.watch import is_watching
from watchkeeper.handoff import hook

if TYPE_CHECKING:
    from watchkeeper.core.payload import Event
    from watchkeeper.core.watch import Watch


def main(event_name: str) -> NoReturn:
    """Answer the hook `event_name` whose payload is on standard input; end the process."""
    environ = paths.environment()
    try:
        event = payload.parse(sys.stdin.buffer.read(), event_name)
        if event is not None and environ.get("WATCHKEEPER_OFF") != "1":
            watch = entry.watch(environ, clock.now())
            outcome = entry.handled(event, watch)
            reply = outcome.reply
            try:
                reply = joined(reply, _about_handoffs(watch, event))
            except Exception as error:  # noqa: BLE001 - what the watch has to say is said all the same
                entry.log_failure(f"{event_name} handoff", error, environ)
            sys.stdout.buffer.write(encode(reply, event_name).encode("utf-8", "replace"))
            sys.stdout.buffer.flush()
            if outcome.jobs:
                detach.start_jobs(outcome.jobs)
    except BaseException as error:  # noqa: BLE001 - a hook never breaks the session
        entry.log_failure(event_name, error, environ)
    entry.leave()


def _about_handoffs(watch: Watch, event: Event) -> Reply:
    if not is_watching(watch, event.cwd):
        return SILENCE
    return hook.at_start(watch, event) if event.name == "SessionStart" else hook.at_end(watch, event)
