"""The records of one transcript, each with its place; what the client records of its requests is passed over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from watchkeeper.core.decoder import decode_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Copies of what was sent to the API: nothing of them is read back, and they are most of a new client's transcript.
_RECORDED_REQUEST = b'{"type":"api-request'
_RECORDED_TYPES = "api-request"
_BUFFER_BYTES = 1 << 20


class Placed(NamedTuple):
    """A record and the bytes that hold it; the record of a line that cannot be read is None."""

    offset: int
    length: int
    record: dict[str, Any] | None


def read(path: str, most_bytes: int | None = None, linked_only: bool = False) -> Iterator[Placed]:
    """Yield the records of the transcript `path` in their order, at most those in its first `most_bytes`.

    Where a newline was lost a line holds several. An unfinished last line is left out unless it is whole. With
    `linked_only` records without a uuid may be passed over. Raises OSError when the file cannot be read.
    """
    with open(path, "rb", buffering=_BUFFER_BYTES) as file:
        offset = 0
        for line in file:
            start, offset = offset, offset + len(line)
            if most_bytes is not None and offset > most_bytes:
                return
            if line.startswith(_RECORDED_REQUEST) or (linked_only and b'"uuid"' not in line and b"\\u" not in line):
                continue
            is_last = not line.endswith(b"\n")
            for placed in _records_of(line, start):
                if not is_recorded_request(placed.record) and not (is_last and placed.record is None):
                    yield placed


def read_at(path: str, places: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Yield the records at the given offsets and lengths, which `read` has found before.

    One that has gone since, because the file was replaced, is left out.
    """
    with open(path, "rb", buffering=_BUFFER_BYTES) as file:
        for offset, length in places:
            file.seek(offset)
            record = _value_of(file.read(length))
            if isinstance(record, dict):
                yield record


def encoded(record: dict[str, Any]) -> bytes:
    """Return a record as the line that holds it, newline included; raise ValueError when JSON cannot express it."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # Half of a surrogate pair can only be written as an escape.
        return json.dumps(record, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def is_recorded_request(record: dict[str, Any] | None) -> bool:
    """Return whether a record is a recording of a request or of a part of one."""
    kind = None if record is None else record.get("type")
    return isinstance(kind, str) and kind.startswith(_RECORDED_TYPES)


def _records_of(line: bytes, start: int) -> Iterator[Placed]:
    value = _value_of(line)
    if isinstance(value, dict):
        yield Placed(start, len(line), value)
    elif value is not None or line.strip():
        found = list(_glued(line, start)) if value is None else []
        yield from found or [Placed(start, len(line), None)]


def _value_of(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except ValueError:
        pass
    # The client is less strict: it takes half surrogate pairs, and broken UTF-8 for what it may have meant.
    text = data.decode("utf-8", "replace").strip(" \t\r\n")
    try:
        value, end = decode_at(text, 0)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def _glued(line: bytes, start: int) -> Iterator[Placed]:
    """Yield the objects that follow one another on a line, up to what cannot be read."""
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
    position = before = 0
    while position < len(text):
        try:
            value, end = decode_at(text, position)
        except (ValueError, RecursionError):
            return
        if not isinstance(value, dict):
            return
        length = len(text[position:end].encode("utf-8", "surrogateescape"))
        # Once more from its bytes, so that both ways of reading it agree.
        record = _value_of(line[before : before + length])
        if isinstance(record, dict):
            yield Placed(start + before, length, record)
        while end < len(text) and text[end].isspace():
            end += 1
        before += len(text[position:end].encode("utf-8", "surrogateescape"))
        position = end
