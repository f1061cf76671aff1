"""Reading transcripts in bulk. orjson decodes whole lines faster than Python searches them, so each one is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from watchkeeper.core import records, tail
from watchkeeper.core.gathered import Gathered

from .plain import plain_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchkeeper.core.tail import Position

    from .files import Transcript

CHUNK_BYTES = 1 << 20


class Progress(NamedTuple):
    """How far one transcript was read."""

    key: str
    session_id: str
    position: Position
    unreadable: int
    restarted: bool


class Reading(NamedTuple):
    """What several transcripts said. `failed` are those that could not be read."""

    gathered: Gathered
    progress: list[Progress]
    failed: list[str]


def read_all(wanted: Iterable[tuple[Transcript, Position]], tool_uses_since_at: float) -> Reading:
    """Return what each transcript has said since a position; those that have not changed are left out.

    Tool calls before `tool_uses_since_at` are history, which nothing asks for.
    """
    reading = Reading(Gathered(), [], [])
    for transcript, since in wanted:
        try:
            progress = read(transcript, since, reading.gathered, tool_uses_since_at)
        except OSError:
            reading.failed.append(transcript.key)
        else:
            reading.progress.extend([progress] if progress else [])
    reading.gathered.tool_uses = [use for use in reading.gathered.tool_uses if use[4] >= tool_uses_since_at]
    return reading


def read(transcript: Transcript, since: Position, gathered: Gathered, tool_uses_since_at: float) -> Progress | None:
    """Gather what a transcript has grown by; None when nothing changed. Raises OSError when it cannot be read."""
    unreadable = 0
    restarted = False
    most_bytes = CHUNK_BYTES
    position = since
    while chunk := tail.read_chunk(transcript.path, position, most_bytes):
        unreadable += _gather(chunk.data, transcript, gathered, tool_uses_since_at)
        restarted = restarted or chunk.restarted
        # A line that is longer than what was read.
        is_stuck = bool(chunk.left_bytes) and chunk.position.offset == position.offset
        most_bytes = most_bytes * 4 if is_stuck else CHUNK_BYTES
        position = chunk.position
        if not chunk.left_bytes:
            break
    if position is since:
        return None
    return Progress(transcript.key, transcript.session_id, position, unreadable, restarted)


def _gather(data: bytes, transcript: Transcript, gathered: Gathered, tool_uses_since_at: float) -> int:
    """Gather what the lines of `data` say; return how many could not be read, an unfinished last one not counted."""
    decode = orjson.loads
    unreadable = 0
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        line = data[start:end] if end >= 0 else data[start:]
        start = end + 1 or len(data)
        try:
            record = decode(line)
        except ValueError:
            if records.may_matter(line):
                facts, refused = records.read_selected((line,), transcript.session_id, transcript.is_agent)
                unreadable += bool(refused) and end >= 0
                for fact in facts:
                    gathered.add(fact)
            continue
        row = plain_row(record, transcript.is_agent)
        if row is not None and row[5] < tool_uses_since_at:
            gathered.add_response(row, record["cwd"], ())
            continue
        other = records.fact_of(record, transcript.session_id, transcript.is_agent)
        if other is not None:
            gathered.add(other)
    return unreadable
