"""Files that other programs read, such as a scheduler's: always whole, and for their owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile

from watchkeeper.core.whole_file import write

from .run import ProgramFailed

__all__ = ["put", "put_apart", "remove", "remove_apart", "write"]


def put(path: str, content: bytes) -> None:
    """Write the file at `path` for a program that is run next; raise ProgramFailed, as that program would."""
    try:
        write(path, content)
    except OSError as error:
        raise _cannot_be_written(path, error) from error


def put_apart(name: str, content: bytes, place: str | None = None) -> str:
    """Write a file called `name` in a folder of its own, made in `place` or where temporary files go; return its path.

    Raise ProgramFailed when that does not work; nothing is left then.
    """
    try:
        folder = tempfile.mkdtemp(prefix="watchkeeper-", dir=place)
    except OSError as error:
        raise _cannot_be_written(str(error.filename or place), error) from error
    path = os.path.join(folder, name)
    try:
        put(path, content)
    except BaseException:
        remove_apart(path)
        raise
    return path


def remove(path: str) -> bool:
    """Delete the file at `path` and return whether there was one; raise OSError."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def remove_apart(path: str) -> None:
    """Delete a file that was put apart, and its folder, as far as they are there."""
    with contextlib.suppress(OSError):
        remove(path)
        os.rmdir(os.path.dirname(path))


def _cannot_be_written(path: str, error: OSError) -> ProgramFailed:
    return ProgramFailed([os.path.basename(path)], f"{path} cannot be written ({error.strerror})")
