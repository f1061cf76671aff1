"""What a job is called inside a scheduler: a name that tells whose it is, which one, and when it is due."""

from __future__ import annotations

import hashlib
import math
import os
import re
from typing import NamedTuple

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

    def prefix(self) -> str:
        """Return the beginning of every name, for a scheduler that can list by it."""
        return f"watchkeeper-{self.mark}-"


def owner_of(config: str) -> Owner:
    """Return the owner of the jobs that belong to the configuration directory `config`."""
    return Owner(hashlib.sha256(os.fsencode(os.path.abspath(config))).hexdigest()[:8])
