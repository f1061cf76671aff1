"""Which service is used: the first that works here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from watchkeeper.adapters import run as programs

from .failing import FailingService
from .launchd import LaunchdService
from .port import name_of
from .systemd import SystemdService

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .port import Service


def candidates(environ: Mapping[str, str], config: str) -> tuple[Service, ...]:
    """Return every service there is for the configuration directory `config`, in the order in which they are tried."""
    name = name_of(config)
    find = partial(programs.find, search_path=environ.get("PATH"))
    return (LaunchdService(name, environ, find=find), SystemdService(name, environ, find=find))


def choose(among: Sequence[Service]) -> Service:
    """Return the first that works, else one that says why none does."""
    reasons = []
    for each in among:
        reason = each.unavailable()
        if reason is None:
            return each
        reasons.append(f"{each.name}: {reason}")
    return FailingService("; ".join(reasons) or "this system has no service that Watchkeeper knows")
