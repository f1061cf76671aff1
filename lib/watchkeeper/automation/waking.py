"""The command that would wake the machine for a booking. It is shown and never run: it needs an administrator."""

from __future__ import annotations

import time

_AHEAD_S = 60.0


def waking_command(at: float, platform: str, job_name: str = "") -> str | None:
    """Return what a person types so that the machine is awake at `at`; None where nothing is known for `platform`.

    `platform` is as in sys.platform; `job_name` is the task's name, which Windows needs.
    """
    wake_at = at - _AHEAD_S
    if platform == "darwin":
        return f'sudo pmset schedule wake "{time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(wake_at))}"'
    if platform == "win32":
        settings = "(New-ScheduledTaskSettingsSet -WakeToRun -StartWhenAvailable)"
        return f"Set-ScheduledTask -TaskName '{job_name}' -Settings {settings}" if job_name else None
    if platform.startswith("linux"):
        return f"sudo rtcwake --mode no --time {wake_at:.0f}"
    return None
