"""Dividing what is to be read into parts that are read one after the other, in order, here or by worker processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .scan import read_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watchkeeper.core.tail import Position

    from .files import Transcript
    from .scan import Reading

    Batch = Sequence[tuple[Transcript, Position]]

# Reading less than this takes no longer than starting processes.
WORTH_BYTES = 24 << 20
_MOST_WORKERS = 4
_BATCH_BYTES = 8 << 20


def read(wanted: Batch, tool_uses_since_at: float) -> Iterator[tuple[int, Reading]]:
    """Yield part for part, in the order of `wanted`, how many bytes there were to read and what they said."""
    parts = list(_divided(wanted))
    done = 0
    workers = min(os.cpu_count() or 1, _MOST_WORKERS, len(parts))
    if workers > 1 and unread_bytes(wanted) >= WORTH_BYTES:
        from .workers import read_in_parallel

        for part, reading in zip(parts, read_in_parallel(parts, workers, tool_uses_since_at), strict=False):
            done += 1
            yield unread_bytes(part), reading
    for part in parts[done:]:
        yield unread_bytes(part), read_all(part, tool_uses_since_at)


def unread_bytes(wanted: Batch) -> int:
    """Return how many bytes there are to read."""
    return sum(_unread_bytes(transcript, since) for transcript, since in wanted)


def _divided(wanted: Batch) -> Iterator[Batch]:
    part: list[tuple[Transcript, Position]] = []
    size_bytes = 0
    for transcript, since in wanted:
        part.append((transcript, since))
        size_bytes += _unread_bytes(transcript, since)
        if size_bytes >= _BATCH_BYTES:
            yield part
            part = []
            size_bytes = 0
    if part:
        yield part


def _unread_bytes(transcript: Transcript, since: Position) -> int:
    return transcript.size - since.offset if transcript.size >= since.offset else transcript.size
