"""A job as text for `sh`, where a scheduler takes nothing else: every word quoted, so that all of it stays data."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .port import Job


def command(job: Job, quote: Callable[[str], str] = shlex.quote) -> str:
    """Return the command that turns the shell into the job's program, in its folder and with its variables."""
    variables = [f"export {name}={quote(value)}" for name, value in job.environment.items()]
    words = " ".join(map(quote, job.argv))
    return " && ".join([f"cd {quote(job.folder)}", *variables, f"exec {words}"])
