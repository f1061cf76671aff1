"""Where a hook's process begins and ends: whatever happens inside, it exits 0 and prints nothing by accident."""

from __future__ import annotations

import os
import sys

from . import clock, detach, paths, payload, settings, store
from .ledger import Ledger
from .reply import encode
from .watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from .payload import Event
    from .pipeline import Outcome

_MOST_LOG_BYTES = 256 * 1024


def main(event_name: str) -> NoReturn:
    """Answer the hook `event_name` whose payload is on standard input; end the process."""
    environ = paths.environment()
    try:
        data = sys.stdin.buffer.read()
        if environ.get("WATCHKEEPER_OFF") != "1":
            output, jobs = run(event_name, data, watch(environ, clock.now()))
            _print(output)
            if jobs:
                detach.start_jobs(jobs)
    except BaseException as error:  # noqa: BLE001 - a hook never breaks the session
        log_failure(event_name, error, environ)
    leave()


def watch(environ: Mapping[str, str], now: float) -> Watch:
    """Return what a hook works with under the environment `environ`; the ledger is opened when first needed."""
    where = paths.paths_in(paths.config_dir(environ), environ)
    chosen = settings.load(where)
    return Watch(Ledger(settings.ledger_dir(where, chosen), now), chosen, where, environ, now)


def run(event_name: str, data: bytes, watch: Watch) -> tuple[str, tuple[str, ...]]:
    """Return what the hook prints for the payload `data`, and the background jobs it starts."""
    event = payload.parse(data, event_name)
    if event is None:
        return "", ()
    outcome = handled(event, watch)
    return encode(outcome.reply, event_name), outcome.jobs


def handled(event: Event, watch: Watch) -> Outcome:
    """Return the outcome of an event; a ledger file that turns out to be damaged is set aside first."""
    # Imported here because the status line, which begins and ends as a hook does, has nothing to do with it.
    from . import pipeline

    try:
        return pipeline.handle(watch, event)
    except Exception as error:
        if not (store.is_damage(error) and watch.ledger.recover()):
            raise
        return pipeline.handle(watch, event)


def leave() -> NoReturn:
    """End the process at once.

    Taking the interpreter apart and closing the ledger, which writes its log back into the file, would cost each hook
    more than its work; whoever opens the file next finds the log and goes on with it.
    """
    os._exit(0)


def log_failure(event_name: str, error: BaseException, environ: Mapping[str, str]) -> None:
    """Write one line about a bug to the log of hooks; a log that cannot be written is given up."""
    try:
        if isinstance(error, EOFError):
            # Of a module that is imported only when it is needed.
            from . import compiled_files

            compiled_files.remove_cut_short(compiled_files.folders())
        import traceback

        logs = paths.paths_in(paths.config_dir(environ), environ).logs
        os.makedirs(logs, mode=0o700, exist_ok=True)
        path = os.path.join(logs, "hooks.log")
        if os.path.exists(path) and os.path.getsize(path) > _MOST_LOG_BYTES:
            os.replace(path, path + ".1")
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"
        line = f"{clock.now():.0f} {event_name} {type(error).__name__} at {where}: {error!s:.300}"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as file:
            file.write(line.replace("\n", " ") + "\n")
    except Exception:  # noqa: BLE001 - there is nowhere left to tell
        pass


def _print(output: str) -> None:
    if output:
        sys.stdout.buffer.write(output.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
