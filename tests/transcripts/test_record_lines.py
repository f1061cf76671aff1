"""Records are read one by one with their places, whatever the lines between them are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchkeeper.transcripts import record_lines


def write(folder: Path, data: bytes) -> str:
    path = folder / "s.jsonl"
    path.write_bytes(data)
    return str(path)


def test_each_record_is_found_again_at_its_place(tmp_path: Path) -> None:
    """Offset and length lead back to the same record, also behind wide characters and on a shared line."""
    path = write(tmp_path, '{"uuid":"ä€🎉"}\n{"uuid":"b"}{"uuid":"c"} \n\n{"uuid":"d"}'.encode())

    placed = list(record_lines.read(path))

    again = record_lines.read_at(path, [(each.offset, each.length) for each in placed])
    assert ["ä€🎉", "b", "c", "d"] == [record["uuid"] for record in again]
    assert ["ä€🎉", "b", "c", "d"] == [each.record["uuid"] for each in placed if each.record]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b'{"a":1}\n{"b":', [{"a": 1}], id="a torn end is no line yet"),
        pytest.param(b'{"a":1}\n{"b":\n{"c":2}\n', [{"a": 1}, None, {"c": 2}], id="a torn line in between is one"),
        pytest.param(
            b'{"a":1}\n[1]\n"text"\nnull\n', [{"a": 1}, None, None, None], id="what is no object is unreadable"
        ),
        pytest.param(b'{"a":1}{"b":\n', [{"a": 1}], id="what follows on a line is salvaged up to the tear"),
        pytest.param(b'{"a":"\\ud800"}\n', [{"a": "\ud800"}], id="half a surrogate pair"),
        pytest.param(b'{"a":"\xff"}\n', [{"a": "\ufffd"}], id="broken UTF-8"),
        pytest.param('{"a":"\u2028"}\n'.encode(), [{"a": "\u2028"}], id="a line separator is no line end"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_lines_of_every_kind(tmp_path: Path, data: bytes, expected: list[object]) -> None:
    """What cannot be read counts, and keeps nothing else from being read."""
    assert expected == [placed.record for placed in record_lines.read(write(tmp_path, data))]


def test_recordings_of_requests_are_passed_over(tmp_path: Path) -> None:
    """They are most of a transcript and nothing is read back from them, however they are written."""
    data = b'{"type":"api-request","uuid":"a"}\n{"uuid":"b","type":"api-request-blob"}\n{"uuid":"c","type":"user"}\n'

    assert [{"uuid": "c", "type": "user"}] == [placed.record for placed in record_lines.read(write(tmp_path, data))]


def test_only_what_was_there_at_first_is_read(tmp_path: Path) -> None:
    """A transcript that grows meanwhile is read up to the size it had."""
    path = write(tmp_path, b'{"a":1}\n{"a":2}\n')

    assert [{"a": 1}] == [placed.record for placed in record_lines.read(path, most_bytes=12)]


@pytest.mark.parametrize(
    "record", [{"a": "\ud800", "b": 1}, {"a": 2**70}, {"ü": "\u2028 \x00", "f": 1.5}], ids=["surrogate", "big", "plain"]
)
def test_what_is_written_reads_the_same(record: dict[str, object]) -> None:
    """A record survives being written."""
    line = record_lines.encoded(record)

    assert record == json.loads(line)
    assert (1, True) == (line.count(b"\n"), line.endswith(b"\n"))


def test_what_json_cannot_say_is_refused() -> None:
    """A number that is none is not written as something else."""
    with pytest.raises(ValueError, match="JSON"):
        record_lines.encoded({"a": "\ud800", "b": float("nan")})
