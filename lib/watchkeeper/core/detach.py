"""Starting a background job that outlives the hook."""

from __future__ import annotations

import os
import sys

from . import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def job_command(jobs: Sequence[str], bundle: str, interpreter: str) -> list[str]:
    """Return the argument list that runs background jobs (see `watchkeeper.jobs`) from `bundle`."""
    main = os.path.join(bundle, "lib", "watchkeeper", "__main__.py")
    return [interpreter, "-I", "-X", "utf8", main, "job", *jobs]


def start_jobs(jobs: Sequence[str]) -> None:
    """Start background jobs in a process of their own, cut off from this one's terminal, output and session."""
    # Imported here because it takes milliseconds and most hooks start nothing.
    import subprocess

    apart: dict[str, object] = {"start_new_session": True}
    if os.name == "nt":
        apart = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined]
    subprocess.Popen(  # type: ignore[call-overload]
        job_command(jobs, paths.bundle_root(), sys.executable),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        **apart,
    )
