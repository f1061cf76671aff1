"""The block with our estimate in a plan's file: put in, replaced, left out; not a byte of the rest is changed."""

from __future__ import annotations

import errno
import os
import re
import stat

from watchkeeper.core import whole_file

BEGIN = b"<!-- watchkeeper: estimate begins; written anew by /estimate-session --write -->"
END = b"<!-- watchkeeper: estimate ends -->"
_BLOCK = re.compile(
    rb"(?:\A|(?<=[\r\n]))<!-- watchkeeper: estimate begins\b[^\r\n]*-->[ \t]*(?:\r\n|\r|\n)"
    rb"(?:(?!<!-- watchkeeper: estimate (?:begins|ends)\b)[^\r\n]*(?:\r\n|\r|\n))*?"
    rb"<!-- watchkeeper: estimate ends -->[ \t]*(?:\r\n|\r|\n|\Z)"
)
_ENDING = re.compile(rb"\r\n|\r|\n")


def without(data: bytes) -> bytes:
    """Return a file's content with as many empty lines where our block stands, so that the lines keep their numbers."""
    return _BLOCK.sub(lambda match: b"\n" * len(_ENDING.findall(match[0])), data)


def with_block(data: bytes, lines: str) -> bytes:
    """Return a file's content with our block holding `lines`: in place of the one that is there, else at the end."""
    ending = _ending_of(data)
    text = lines.strip("\n").replace("\n", ending.decode()).encode("utf-8", "replace")
    block = ending.join((BEGIN, b"", text, b"", END))
    found = _BLOCK.search(data)
    if found is not None:
        after = _ENDING.findall(found[0])[-1] if found[0].endswith((b"\n", b"\r")) else b""
        return data[: found.start()] + block + after + data[found.end() :]
    if not data:
        return block + ending
    # A file need not end with a line's end.
    gap = ending if data.endswith((b"\n", b"\r")) else ending * 2
    return data + gap + block + ending


def _ending_of(data: bytes) -> bytes:
    """Return what the file's lines end with, most often."""
    endings = _ENDING.findall(data)
    return max(set(endings), key=endings.count) if endings else b"\n"


class Changed(Exception):
    """The file no longer holds what was read of it."""


def replace(path: str, before: bytes, after: bytes) -> None:
    """Put `after` in place of a file's content, whole or not at all; a link stays one, and the mode as it was.

    Raise Changed when the file no longer holds `before`, OSError when it cannot be written.
    """
    real = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(real).st_mode)
    if not mode & stat.S_IWUSR:
        # Replacing would need no leave of the file's own.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    def prepare(aside: str) -> None:
        os.chmod(aside, mode)
        with open(real, "rb") as file:
            if file.read() != before:
                raise Changed(path)

    whole_file.write(real, after, prepare)
