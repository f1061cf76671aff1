"""The text of a job's unit files for systemd."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from watchkeeper.adapters import unit_words
from watchkeeper.adapters.program import plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .port import Job

# Begins by deleting the job's own files ($1 to $4), so that it is started once whatever happens; $5 is the folder.
_SCRIPT = 'rm -f -- "$1" "$2" "$3" "$4"; cd -- "$5" && shift 5 && exec "$@"'


def timer(job: Job, at: float) -> str:
    """Return the timer. A time in UTC comes once; it is caught up on when the machine was off."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(math.ceil(at)))
    return f"""[Unit]
Description={plain_line(job.label)}

[Timer]
OnCalendar={when} UTC
AccuracySec=1s
Persistent=true
RemainAfterElapse=no

[Install]
WantedBy=timers.target
"""


def service(job: Job, own_files: Sequence[str]) -> str:
    """Return the service; its four `own_files` are deleted as it begins. What the job has started outlives it."""
    words = ["/bin/sh", "-c", _SCRIPT, "watchkeeper", *own_files, job.folder, *job.argv]
    return f"""[Unit]
Description={plain_line(job.label)}

[Service]
Type=oneshot
KillMode=process
{unit_words.execution(words, job.environment)}
"""
