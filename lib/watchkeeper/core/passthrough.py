"""Running the status line that was there before ours, with the same input and its output unchanged."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile

from . import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

TIMEOUT_S = 4.0
# How long an ended one is waited for: what has left its group may hold its output open.
_GRACE_S = 0.5


class OtherLine:
    """The user's own status line, started on the client's JSON.

    The command is a shell string because that is what the client's `statusLine.command` is; it is the user's own text
    from the settings, run as the client would run it, and nothing is put into it.
    """

    def __init__(self, command: str, data: bytes) -> None:
        """Start it; one that cannot be started prints nothing."""
        self._process: subprocess.Popen[bytes] | None = None
        # The client ends the group of a status line that is in its way; the other one is in a group of its own.
        self._before = signal.signal(signal.SIGTERM, self._leave)
        # A file, since a pipe that nobody reads would hold up whoever fills it.
        with tempfile.TemporaryFile() as told, contextlib.suppress(OSError):
            told.write(data)
            told.seek(0)
            self._process = subprocess.Popen(
                shell_command(command, os.name),
                stdin=told,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Should it run ours in turn, that one prints nothing and starts no other.
                env={**paths.environment(), paths.BESIDE: "1"},
                # A process group of its own, so that what it starts can be ended with it.
                start_new_session=os.name != "nt",
            )

    def output(self) -> bytes:
        """Return what it printed, as a whole line; nothing when it failed or took too long."""
        if self._process is None:
            return b""
        try:
            output, _ = self._process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=_GRACE_S)
            return b""
        finally:
            signal.signal(signal.SIGTERM, self._before)
        if self._process.returncode != 0 or not output:
            return b""
        return output if output.endswith(b"\n") else output + b"\n"

    def _end(self) -> None:
        """End it with everything that it has started and that has not left its group."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _leave(self, number: int, _: object) -> NoReturn:
        self._end()
        os._exit(128 + number)


def shell_command(command: str, system: str) -> list[str]:
    """Return the argument list that runs a status line command as the client does (Git Bash on Windows)."""
    return ["bash" if system == "nt" else "/bin/sh", "-c", command]
