"""What the system itself can withhold from a program: room on the disk, and an administrator's rights."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Linux: prctl's number for it, and CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
_DROP_FROM_BOUNDING_SET = 24
_PAST_PERMISSIONS = (1, 2)


def write_at_most(size_bytes: int) -> Callable[[], None]:
    """Return what lets a process write no byte of a file behind the first `size_bytes`."""
    if sys.platform == "win32":
        raise AssertionError(size_bytes)
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


def obey_permissions() -> None:
    """Have the program that this process becomes held back by permissions, also where it is root's."""
    if sys.platform == "linux" and os.geteuid() == 0:
        import ctypes

        system = ctypes.CDLL(None)
        for capability in _PAST_PERMISSIONS:
            if system.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
                raise PermissionError("This root cannot give up its rights")


@contextlib.contextmanager
def small_file_system(folder: Path, kilobytes: int) -> Iterator[None]:
    """Have `folder` be a file system of that size; skip the test, or fail in CI on Linux, where none can be mounted."""
    as_root = [] if _is_root() else ["sudo", "-n"]
    owner = f"size={kilobytes}k,mode=700" + ("" if _is_root() else f",uid={os.getuid()},gid={os.getgid()}")
    if not _done([*as_root, "mount", "-t", "tmpfs", "-o", owner, "none", str(folder)]):
        reason = "nobody here may mount a small file system"
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield
    finally:
        # Whatever still looks at it keeps it until it ends.
        assert _done([*as_root, "umount", "--lazy", str(folder)])


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _done(words: list[str]) -> bool:
    return shutil.which(words[0]) is not None and not subprocess.run(words, check=False, capture_output=True).returncode
