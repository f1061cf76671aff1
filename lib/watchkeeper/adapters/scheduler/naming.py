"""What a job is called inside a scheduler: a name that tells whose it is, which one, and when it is due."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters.directory_mark import mark_of

from .port import Booked, soonest_first

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"watchkeeper-([0-9a-f]{8})-([A-Za-z0-9][A-Za-z0-9-]{0,63})\.([0-9]{1,11})")


class Owner(NamedTuple):
    """A configuration directory's jobs; those of another one are never touched.

    The due time is part of the name, so that a job that books itself again has another one while it runs.
    """

    mark: str

    def name(self, job_id: str, at: float) -> str:
        """Return the name of a job that is due at `at`, in full seconds: letters, digits, dashes and a dot."""
        return f"watchkeeper-{self.mark}-{job_id}.{math.ceil(at)}"

    def read(self, name: str) -> tuple[str, float] | None:
        """Return id and due time of one of the owner's names, None for any other text."""
        found = _NAME.fullmatch(name)
        return (found[2], float(found[3])) if found and found[1] == self.mark else None

    def names_of(self, job_id: str, names: Iterable[str]) -> set[str]:
        """Return those of `names` that the owner's job of this id goes by."""
        return {name for name in names if (self.read(name) or ("",))[0] == job_id}

    def booked(self, names: Iterable[str]) -> list[Booked]:
        """Return the owner's jobs among `names`, held by a scheduler that is there again after a restart."""
        found = map(self.read, names)
        return soonest_first([Booked(*each, survives_restart=True) for each in found if each is not None])

    def prefix(self) -> str:
        """Return the beginning of every name, for a scheduler that can list by it."""
        return f"watchkeeper-{self.mark}-"


def owner_of(config: str) -> Owner:
    """Return the owner of the jobs that belong to the configuration directory `config`."""
    return Owner(mark_of(config))
