"""Running the status line that was there before ours, with the same input and its output unchanged."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile

from . import paths

TIMEOUT_S = 4.0


class OtherLine:
    """The user's own status line, started on the client's JSON.

    The command is a shell string because that is what the client's `statusLine.command` is; it is the user's own text
    from the settings, run as the client would run it, and nothing is put into it.
    """

    def __init__(self, command: str, data: bytes) -> None:
        """Start it; one that cannot be started prints nothing."""
        self._process: subprocess.Popen[bytes] | None = None
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
            )

    def output(self) -> bytes:
        """Return what it printed, as a whole line; nothing when it failed or took too long."""
        if self._process is None:
            return b""
        try:
            output, _ = self._process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return b""
        if self._process.returncode != 0 or not output:
            return b""
        return output if output.endswith(b"\n") else output + b"\n"


def shell_command(command: str, system: str) -> list[str]:
    """Return the argument list that runs a status line command as the client does (Git Bash on Windows)."""
    return ["bash" if system == "nt" else "/bin/sh", "-c", command]
