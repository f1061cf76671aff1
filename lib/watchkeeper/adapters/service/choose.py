"""Which service is used: the first that works here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.host import Host

from .failing import FailingService
from .launchd import LaunchdService
from .port import name_of
from .systemd import SystemdService

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .port import Service


def candidates(environ: Mapping[str, str], config: str) -> tuple[Service, ...]:
    """Return every service there is for the configuration directory `config`, in the order in which they are tried."""
    name, host = name_of(config), Host(environ)
    return (LaunchdService(name, host), SystemdService(name, host))


def choose(among: Sequence[Service]) -> Service:
    """Return the first that works, else one that says why none does."""
    reasons = []
    for each in among:
        reason = each.unavailable()
        if reason is None:
            return each
        reasons.append(f"{each.name}: {reason}")
    return FailingService("; ".join(reasons) or "this system has no service that Watchkeeper knows")
