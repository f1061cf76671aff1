"""What a window runs, as a file for `sh` that only its user can read: for terminals that take no long or secret words.

The words that a program was started with are shown to every user of the machine, and tmux takes no more than 16 KB.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import tempfile
from typing import TYPE_CHECKING

from watchkeeper.adapters import files

from .words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .port import Opening

# A path without a letter that any of the user's shells could take for more.
FOLDER = "/tmp"  # noqa: S108 - a folder of our own is made in it, for us alone


@contextlib.contextmanager
def written(opening: Opening) -> Iterator[str]:
    """Write the file and yield its path; it is deleted when the terminal that is told of it fails."""
    folder = tempfile.mkdtemp(prefix="watchkeeper-", dir=FOLDER)
    path = os.path.join(folder, "start")
    try:
        files.write(path, script(opening))
        yield path
    except BaseException:
        # A terminal that was not told of it does not need it.
        files.remove(path)
        os.rmdir(folder)
        raise


def script(opening: Opening) -> bytes:
    """Return a script for `sh` that deletes itself and its folder and becomes the program."""
    return os.fsencode(f'rm -f -- "$0"\nrmdir -- "${{0%/*}}"\nexec {shlex.join(words(opening))}\n')
