"""Reading what a transcript has grown by: from an offset, through truncation, replacement and half-written lines."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from .named import NamedTuple

ANCHOR_BYTES = 64

_MOST_AT_ONCE_BYTES = 1 << 20
# Windows would read line ends of its own otherwise.
_READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class Position(NamedTuple):
    """How far a transcript was read. `anchor` is what stood before the offset, to notice a rewritten file."""

    inode: int
    size: int
    modified_ns: int
    offset: int
    anchor: bytes


START = Position(0, 0, 0, 0, b"")


class Chunk(NamedTuple):
    """What was read of a transcript since a position, in lines, and the position after it."""

    data: bytes
    """Lines with their newlines; at the end of the file also a last one without."""
    position: Position
    left_bytes: int
    """How much of the file is still unread, an unfinished last line not counted."""
    restarted: bool
    """The file was truncated or replaced, and was read from its beginning."""


class Growth(NamedTuple):
    """A chunk as its single lines."""

    lines: list[bytes]
    position: Position
    left_bytes: int
    restarted: bool


def read_growth(path: str, since: Position, most_bytes: int) -> Growth | None:
    """Return the lines that `path` has grown by, as `read_chunk` reads them."""
    chunk = read_chunk(path, since, most_bytes)
    if chunk is None:
        return None
    return Growth([line for line in chunk.data.split(b"\n") if line], chunk.position, chunk.left_bytes, chunk.restarted)


def read_chunk(path: str, since: Position, most_bytes: int) -> Chunk | None:
    """Return what `path` has grown by since a position, reading at most `most_bytes`; None when nothing changed.

    A last line without its newline is returned too, since it may be whole, but stays before the offset: reading it
    again later must do no harm. Of a line longer than `most_bytes` nothing is returned. Raises OSError when the file
    cannot be read.
    """
    descriptor = os.open(path, _READ_ONLY)
    try:
        status = os.fstat(descriptor)
        if (status.st_ino, status.st_size, status.st_mtime_ns) == since[:3]:
            return None
        offset = since.offset
        restarted = False
        if offset:
            same_file = status.st_ino == since.inode and status.st_size >= offset
            if not same_file or _before(descriptor, offset, len(since.anchor)) != since.anchor:
                offset = 0
                restarted = True
            os.lseek(descriptor, offset, os.SEEK_SET)
        data = _read(descriptor, min(most_bytes, status.st_size - offset))
    finally:
        os.close(descriptor)
    end = data.rfind(b"\n") + 1
    reached = offset + end
    anchor = data[max(0, end - ANCHOR_BYTES) : end]
    if len(anchor) < ANCHOR_BYTES and offset:
        anchor = (since.anchor + anchor)[-ANCHOR_BYTES:]
    if offset + len(data) >= status.st_size:
        return Chunk(data, Position(status.st_ino, status.st_size, status.st_mtime_ns, reached, anchor), 0, restarted)
    # What is left over must not look read: the next look has to find the file changed.
    position = Position(status.st_ino, reached, 0, reached, anchor)
    return Chunk(data[:end], position, status.st_size - reached, restarted)


def last_bytes(path: str, most_bytes: int) -> bytes:
    """Return the end of a file, nothing when it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            os.lseek(file.fileno(), max(0, size - most_bytes), os.SEEK_SET)
            return _read(file.fileno(), most_bytes)
    except OSError:
        return b""


def _before(descriptor: int, offset: int, length: int) -> bytes:
    os.lseek(descriptor, max(0, offset - length), os.SEEK_SET)
    return _read(descriptor, length)


def _read(descriptor: int, most_bytes: int) -> bytes:
    parts = []
    left = most_bytes
    while left > 0:
        part = os.read(descriptor, min(left, _MOST_AT_ONCE_BYTES))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
