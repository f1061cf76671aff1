"""A user's own systemd for tests: started in a mount namespace of its own, where the system's own is not in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.adapters import run as programs
from watchkeeper.adapters.run import Finished, ProgramFailed

_MANAGER = "/lib/systemd/systemd"
_RUNTIME = "/run/user/0"
_SCRIPT = f"mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system {_RUNTIME} && exec {_MANAGER} --user"
_WITHIN_S = 15.0


class UserManager:
    """The manager of a user whose home is `home`; `start` skips the test where none can run."""

    def __init__(self, home: Path) -> None:
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": _RUNTIME}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        lacking = [
            each for each in (_MANAGER, "systemctl", "unshare", "nsenter", "mount") if shutil.which(each) is None
        ]
        if sys.platform != "linux" or lacking or os.getuid() != 0:
            pytest.skip("a manager of systemd's needs systemd, util-linux and root")
        self._process = subprocess.Popen(
            ["unshare", "--mount", "/bin/sh", "-c", _SCRIPT],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        deadline = time.monotonic() + _WITHIN_S
        while self._state() not in {"running", "degraded"}:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.skip("this machine lets no manager of systemd's run")
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def run(self, argv: Sequence[str], **options: Any) -> Finished:
        """Run a program where the manager is, as adapters.run does."""
        if self._process is None:
            raise ProgramFailed(argv, "the manager does not run")
        inside = ["nsenter", f"--target={self._process.pid}", "--mount", *argv]
        return programs.run(inside, whole_environment=self.environ, **options)

    def _state(self) -> str:
        try:
            asked = ["systemctl", "--user", "is-system-running"]
            return self.run(asked, timeout_s=_WITHIN_S, accepted_codes=range(256)).stdout.strip()
        except ProgramFailed:
            return ""
