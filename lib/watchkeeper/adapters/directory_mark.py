"""What tells the jobs and services of one configuration directory from those of another."""

from __future__ import annotations

import hashlib
import os


def mark_of(config: str) -> str:
    """Return eight hexadecimal digits that are the directory's own, however its path is spelled."""
    return hashlib.sha256(os.fsencode(os.path.abspath(config))).hexdigest()[:8]
