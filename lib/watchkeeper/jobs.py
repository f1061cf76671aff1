"""Background jobs that hooks start: none of them may delay a hook, and none of them has anybody to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core import clock, entry, paths, settings, state
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
    with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
        sampler.take(ledger, chosen, where, now)


def _refresh(where: Paths, now: float, _: str) -> None:
    from .context import reserve
    from .quota import growth_fit, learning
    from .transcripts import refresh, retention

    chosen = settings.load(where)
    with Ledger(settings.ledger_dir(where, chosen), now) as ledger:
        refresh.refresh(ledger, where, chosen, now)
        retention.prune(ledger, chosen, now)
        learning.learn(ledger, chosen, now)
        reserve.learn(ledger)
        with Transaction(ledger.state) as db:
            learns = state.claim_job(db, "learn", growth_fit.LEARN_INTERVAL_S, now)
        if learns:
            own = ledger.usage.execute("SELECT path FROM transcripts WHERE path LIKE '%' || session_id || '.jsonl'")
            growth_fit.learn(ledger, [row[0] for row in own], now)


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


_JOBS: dict[str, Callable[[Paths, float, str], None]] = {
    "sample": _sample,
    "refresh": _refresh,
    "compile": _compile,
    "notify": _notify,
    "draft": _draft,
}
