"""The installer's only writer: whole files, moved into place, and their removal."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

from watchkeeper.core import whole_file

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""The modes of what is the user's alone: settings, the receipt, everything in the state folder."""


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def content_of(path: Path) -> bytes | None:
    """Return what the regular file at `path` holds, or None where there is none. A link is followed."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def head_of(path: Path, size_bytes: int) -> bytes:
    """Return how the regular file at `path` begins, nothing where there is none. A link is followed."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(size_bytes)
    except (OSError, ValueError):
        return b""


def write(path: Path, content: bytes, mode: int) -> None:
    """Put a whole file in place of what stands at `path`, with `mode`, keeping the owner of the file it replaces."""

    def prepare(aside: str) -> None:
        os.chmod(aside, mode)
        _keep_owner(path, aside)

    whole_file.write(str(path), content, prepare)


def mode_of(path: Path) -> int | None:
    """Return the permission bits of `path`, or None where nothing is."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def remove_tree(path: Path) -> None:
    """Delete the folder at `path` with all that is in it; of a link only the link."""
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def remove_empty(path: Path) -> None:
    """Delete the folder at `path` if nothing is in it."""
    with contextlib.suppress(OSError):
        path.rmdir()


def _keep_owner(path: Path, aside: str) -> None:
    if not hasattr(os, "chown"):
        return
    try:
        before, after = path.stat(), os.stat(aside)
    except OSError:
        return
    if (before.st_uid, before.st_gid) != (after.st_uid, after.st_gid):
        # Only root may give a file away; for anyone else the file stays theirs.
        with contextlib.suppress(OSError):
            os.chown(aside, before.st_uid, before.st_gid)
