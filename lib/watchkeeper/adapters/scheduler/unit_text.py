"""The text of a job's unit files for systemd, in the quoting of systemd.syntax(7) and systemd.service(5)."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from . import shell
from .port import Unschedulable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .port import Job

# Begins by deleting the job's own files ($1 to $4), so that it is started once whatever happens; $5 is the folder.
_SCRIPT = 'rm -f -- "$1" "$2" "$3" "$4"; cd -- "$5" && shift 5 && exec "$@"'


def timer(job: Job, at: float) -> str:
    """Return the timer. A time in UTC comes once; it is caught up on when the machine was off."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(math.ceil(at)))
    return f"""[Unit]
Description={shell.plain_line(job.label)}

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
    variables = [f"Environment={quoted(f'{name}={value}')}\n" for name, value in job.environment.items()]
    return f"""[Unit]
Description={shell.plain_line(job.label)}

[Service]
Type=oneshot
KillMode=process
{"".join(variables)}ExecStart={" ".join(quoted(word).replace("$", "$$") for word in words)}
"""


def quoted(word: str) -> str:
    """Return a word in double quotes that systemd reads as it is; only ExecStart= also reads `$`."""
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise Unschedulable("systemd takes no path that is not UTF-8") from error
    return f'"{"".join(map(_escaped, word))}"'


def _escaped(each: str) -> str:
    if each in '\\"':
        return f"\\{each}"
    if each == "%":
        return "%%"
    # Bytes, because the two longer forms are no older than systemd 229.
    return each if each.isprintable() else "".join(f"\\x{byte:02x}" for byte in each.encode())
