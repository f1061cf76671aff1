"""Real child processes of Python in a made-up user's environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .environment import User


class PythonRunner:
    """Starts Python as `user`, below whose home it works unless it is told another folder."""

    def __init__(self, user: User) -> None:
        self._user = user

    def __call__(
        self,
        *arguments: str,
        stdin: str | bytes = b"",
        environ: Mapping[str, str] | None = None,
        cwd: Path | str | None = None,
        executable: str = sys.executable,
        timeout_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run `executable` with `arguments` to its end; `environ` is added to the user's.

        Its output is read as UTF-8 whatever it is. Raise subprocess.TimeoutExpired after `timeout_s`.
        """
        done = subprocess.run(
            [executable, *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env={**self._user.environ, **(environ or {})},
            cwd=cwd or self._user.home,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        stdout, stderr = (output.decode("utf-8", "backslashreplace") for output in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, stdout, stderr)
