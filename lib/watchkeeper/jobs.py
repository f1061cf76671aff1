"""Background jobs that hooks start: none of them may delay a hook, and none of them has anybody to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core import autocompact, clock, due_lines, entry, paths, settings, state
from .core.ledger import Ledger, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .core.paths import Paths


def main(jobs: Sequence[str]) -> int:
    """Run the named jobs one after the other; one that fails is logged and does not keep the next from running."""
    environ = paths.environment()
    for job in jobs:
        try:
            run(job, environ, clock.now())
        except Exception as error:  # noqa: BLE001 - the log is all that a background job has
            entry.log_failure(f"job {job.partition('=')[0]}", error, environ)
    return 0


def run(job: str, environ: Mapping[str, str], now: float) -> None:
    """Run one job, `name` or `name=argument`; raise KeyError for an unknown one."""
    name, _, argument = job.partition("=")
    where = paths.paths_in(paths.config_dir(environ), environ)
    _JOBS[name](where, now, argument)


def _sample(where: Paths, now: float, _: str) -> None:
    from .resources import sampler

    chosen = settings.load(where)
    try:
        with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
            sampler.take(ledger, chosen, where, now)
    finally:
        _track(where, now, "")


def _refresh(where: Paths, now: float, _: str) -> None:
    from .context import reserve
    from .estimates import history
    from .quota import growth_fit, learning
    from .transcripts import refresh, retention

    chosen = settings.load(where)
    with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
        refresh.refresh(ledger, where, chosen, now)
        retention.prune(ledger, chosen, now)
        learning.learn(ledger, chosen, now)
        reserve.learn(ledger, autocompact.read(where, paths.environment()))
        with Transaction(ledger.state) as db:
            learns = state.claim_job(db, "learn", growth_fit.LEARN_INTERVAL_S, now)
        if learns:
            own = ledger.usage.execute("SELECT path FROM transcripts WHERE path LIKE '%' || session_id || '.jsonl'")
            growth_fit.learn(ledger, [row[0] for row in own], now)
        if chosen["estimates"]["history"]:
            history.import_history(ledger, where, now)


def _compile(where: Paths, now: float, _: str) -> None:
    from .config import compiled

    compiled.compile_settings(where)


def _notify(where: Paths, now: float, text: str) -> None:
    from .adapters.notifier import choose

    choose.notify(settings.load(where), "Watchkeeper", text)


def _draft(where: Paths, now: float, argument: str) -> None:
    from .handoff import checkpoint

    reason, _, session_id = argument.partition(":")
    chosen = settings.load(where)
    with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
        checkpoint.refresh(ledger, chosen, where, paths.environment(), session_id, reason, now)
    if chosen["automation"]["auto_schedule"]:
        _book(reason, session_id)
    if chosen["session_monitor"]["auto_terminate"]:
        _end(reason, session_id)


def _book(reason: str, session_id: str) -> None:
    from .app import App, Surroundings
    from .automation import auto, doors

    if reason in auto.REASONS:
        app = App(Surroundings.of_this_process())
        with app.ledger:
            auto.book_next(app, session_id, doors.real(app))


def _end(reason: str, session_id: str) -> None:
    from .app import App, Surroundings
    from .monitor import asking

    if reason in asking.UNASKED_REASONS:
        app = App(Surroundings.of_this_process())
        with app.ledger:
            asking.request_unasked(app, session_id)


def _track(where: Paths, now: float, _: str) -> None:
    chosen = settings.load(where)
    with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
        if due_lines.is_any_followed(ledger.state, now - due_lines.WAITS_S):
            from .estimates import session_end

            session_end.follow_all(ledger, chosen, where, paths.environment(), now)


def _report(where: Paths, now: float, session_id: str) -> None:
    from .estimates import session_end

    chosen = settings.load(where)
    with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
        session_end.settle(ledger, chosen, where, paths.environment(), session_id, now)


_JOBS: dict[str, Callable[[Paths, float, str], None]] = {
    "sample": _sample,
    "refresh": _refresh,
    "compile": _compile,
    "notify": _notify,
    "draft": _draft,
    "track": _track,
    "report": _report,
}
