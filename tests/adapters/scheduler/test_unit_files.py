"""The unit files on the disk when systemd, or the disk, refuses."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.adapters.scheduler.systems import SystemdSystem
from tests.support.clock import NOON
from watchkeeper.adapters import files
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Job
from watchkeeper.adapters.scheduler.systemd import Systemd
from watchkeeper.core import whole_file

JOB = Job("x", NOON + 60, (os.path.abspath("true"),), os.path.abspath(os.sep))
OWNER = Owner("0a1b2c3d")


def test_unit_that_systemd_refuses_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer that was not started does not wait on the disk for the next login."""
    system = SystemdSystem(tmp_path)
    scheduler = Systemd(OWNER, system.host("linux"))
    answer = system.answer
    monkeypatch.setattr(
        system, "answer", lambda argv, *rest: Finished(1, "", "no") if "enable" in argv else answer(argv, *rest)
    )

    with pytest.raises(ProgramFailed, match="code 1"):
        scheduler.schedule(JOB, NOON)

    assert [] == [path.name for path in tmp_path.rglob("*watchkeeper*")]
    assert not scheduler.cancel("x")


def test_unit_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Where the unit files cannot be put, that is told as a failure."""
    (tmp_path / ".config").write_bytes(b"")
    system = SystemdSystem(tmp_path)

    with pytest.raises(ProgramFailed, match=r"\.config"):
        Systemd(OWNER, system.host("linux")).schedule(JOB, NOON)


def test_full_disk_leaves_no_half_of_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is room for the service and none for its timer, neither is left."""

    def write(path: str, content: bytes) -> None:
        if path.endswith(".timer"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        whole_file.write(path, content)

    monkeypatch.setattr(files, "write", write)

    with pytest.raises(ProgramFailed, match="No space left"):
        Systemd(OWNER, SystemdSystem(tmp_path).host("linux")).schedule(JOB, NOON)

    assert [] == [path.name for path in tmp_path.rglob("*watchkeeper*")]
