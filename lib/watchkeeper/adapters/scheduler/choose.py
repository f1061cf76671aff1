"""Which scheduler is used: the one that the settings name, else the first that works here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.host import Host

from .at import At
from .cron import Cron
from .failing import FailingScheduler
from .launchd import Launchd
from .naming import owner_of
from .none import NoScheduler
from .systemd import Systemd
from .task_scheduler import TaskScheduler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .port import Scheduler


def candidates(environ: Mapping[str, str], config: str) -> tuple[Scheduler, ...]:
    """Return every scheduler there is for the configuration directory `config`, in the order in which they are tried.

    The last one always works, and starts nothing.
    """
    owner, host = owner_of(config), Host(environ)
    return (
        Launchd(owner, host),
        TaskScheduler(owner, host),
        Systemd(owner, host),
        At(owner, host),
        Cron(owner, host),
        NoScheduler(),
    )


def choose(name: str, among: Sequence[Scheduler]) -> Scheduler:
    """Return the scheduler called `name`, whether it works or not; for `auto` the first that works."""
    if name == "auto":
        return next((each for each in among if each.unavailable() is None), NoScheduler())
    known = {each.name: each for each in among}
    return known.get(name) or FailingScheduler(f"there is no scheduler called {name}; there are {', '.join(known)}")
