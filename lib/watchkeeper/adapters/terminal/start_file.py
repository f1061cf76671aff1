"""What a window runs, as a file for `sh` that only its user can read.

The words that a program was started with are shown to every user of the machine, and tmux takes no more than 16 KB.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from typing import TYPE_CHECKING

from watchkeeper.adapters import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .port import Opening

# A path without a letter that any of the user's shells could take for more.
FOLDER = "/tmp"  # noqa: S108 - a folder of our own is made in it, for us alone
# A shell that holds these itself ends a script that changes them.
_OF_THE_SHELL = frozenset({"BASHOPTS", "BASH_VERSINFO", "EUID", "OPTIND", "PPID", "SHELLOPTS", "UID"})


@contextlib.contextmanager
def written(opening: Opening) -> Iterator[list[str]]:
    """Write the file and yield the words that run it; it is deleted when the terminal that is told of it fails.

    Raise ProgramFailed when it cannot be written.
    """
    path = files.put_apart("start", script(opening), FOLDER)
    try:
        yield ["/bin/sh", path]
    except BaseException:
        files.remove_apart(path)
        raise


def script(opening: Opening) -> bytes:
    """Return a script for `sh` that deletes itself and its folder and becomes the program.

    The variables are set by the shell itself, so that they are no program's words either.
    """
    lines = [
        'rm -f -- "$0"',
        'rmdir -- "${0%/*}"',
        *(_variable(name, value) for name, value in opening.environment.items()),
        # Not left to the terminal: tmux reads formats in it, and others know no option for it.
        f"cd -- {shlex.quote(opening.folder)} && exec {shlex.join(opening.argv)}",
    ]
    return os.fsencode("".join(f"{line}\n" for line in lines))


def _variable(name: str, value: str | None) -> str:
    change = f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
    return f'[ -n "${{{name}-}}" ] || {change}' if name in _OF_THE_SHELL else change
