"""Tests of transcripts/scan.py: bulk reading finds what line by line reading finds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.transcripts.samples import json_values, line, lines, odd_records, response, spelled
from watchkeeper.core.gathered import Gathered
from watchkeeper.core.records import may_matter, read_selected
from watchkeeper.core.tail import START, Position
from watchkeeper.transcripts import files, scan
from watchkeeper.transcripts.files import Transcript
from watchkeeper.transcripts.scan import Reading, read_all

LATER = NOON + 1e9


def transcript(path: Path, is_agent: bool = False) -> Transcript:
    found = files.at(str(path), "the file's")
    assert found is not None
    return found._replace(is_agent=is_agent)


def read(path: Path, since: Position = START, is_agent: bool = False, tool_uses_since_at: float = LATER) -> Reading:
    return read_all([(transcript(path, is_agent), since)], tool_uses_since_at)


def gathered(data: bytes, is_agent: bool = False) -> tuple[dict[str, Any], int]:
    """What the line by line reader makes of the same bytes."""
    whole = Gathered()
    facts, refused = read_selected([each for each in data.split(b"\n") if may_matter(each)], "the file's", is_agent)
    for fact in facts:
        whole.add(fact)
    return vars(whole), len(refused)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scanned")


@st.composite
def transcripts(draw: st.DrawFn) -> bytes:
    """Lines of every kind, well-formed or not, each ending with a newline."""
    made = []
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["record", "spelled", "value", "bytes", "cut", "glued"]))
        if kind == "bytes":
            made.append(draw(st.binary(max_size=30)).replace(b"\n", b""))
            continue
        record = draw(odd_records() if kind != "value" else json_values())
        try:
            text = draw(spelled(record)) if kind == "spelled" else line(record)[:-1]
        except UnicodeEncodeError:
            continue
        cut = draw(st.integers(0, len(text))) if kind == "cut" else len(text)
        made.append(text[:cut] + (text if kind == "glued" else b""))
    return b"".join(each + b"\n" for each in made)


@given(transcripts(), st.booleans(), st.sampled_from([100, 1 << 20]))
def test_bulk_reading_finds_what_line_by_line_reading_finds(
    folder: Path, data: bytes, is_agent: bool, chunk_bytes: int
) -> None:
    """Whatever the lines hold and however few bytes are read at once, facts and unreadable lines are the same."""
    path = folder / "any.jsonl"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "CHUNK_BYTES", chunk_bytes)
        reading = read(path, is_agent=is_agent, tool_uses_since_at=0.0)
    expected, unreadable = gathered(data, is_agent)

    assert expected == vars(reading.gathered)
    assert [unreadable] == [progress.unreadable for progress in reading.progress]
    assert len(data) == reading.progress[0].position.offset


def test_a_line_of_many_megabytes_is_read(tmp_path: Path) -> None:
    """A line may be longer than what is read at once, also at the end of the file."""
    long = response("long", (1, 2, 3, 4), content="x" * (scan.CHUNK_BYTES * 5))
    path = tmp_path / "long.jsonl"
    path.write_bytes(lines(response("m1", (1, 1, 1, 1)), long, response("m2", (2, 2, 2, 2))) + line(long)[:-1])

    assert ["m1", "long", "m2"] == list(read(path).gathered.responses)


def test_an_unfinished_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """A half-written last line is no error, and its response is there once the rest is."""
    whole = line(response("m1", (1, 2, 3, 4)))
    path = tmp_path / "half.jsonl"
    path.write_bytes(whole[:200])
    first = read(path)
    path.write_bytes(whole)
    second = read(path, first.progress[0].position)

    assert ({}, 0) == (first.gathered.responses, first.progress[0].unreadable)
    assert ["m1"] == list(second.gathered.responses)


def test_only_recent_tool_calls_are_kept(tmp_path: Path) -> None:
    """History leaves its tool calls out; those of the open window are kept."""
    call = [{"type": "tool_use", "id": "toolu", "name": "Bash", "input": {}}]
    records = [response(f"m{at:.0f}", (1, 1, 1, 1), at, content=call) for at in (NOON - 10, NOON + 10)]
    path = tmp_path / "calls.jsonl"
    path.write_bytes(lines(*records))

    assert [("toolu", "s1", "", "Bash", NOON + 10)] == read(path, tool_uses_since_at=NOON).gathered.tool_uses


def test_nothing_new_is_left_out(tmp_path: Path) -> None:
    """A transcript that has not changed is not told of."""
    path = tmp_path / "still.jsonl"
    path.write_bytes(lines(response("m1", (1, 1, 1, 1))))
    position = read(path).progress[0].position

    assert [] == read(path, position).progress


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A transcript that is gone before its turn does not keep the others from being read."""
    path = tmp_path / "there.jsonl"
    path.write_bytes(lines(response("m1", (1, 1, 1, 1))))
    gone = transcript(path)._replace(path=str(tmp_path / "gone"), key="gone")
    reading = read_all([(gone, START), (transcript(path), START)], LATER)

    assert (["gone"], ["m1"]) == (reading.failed, list(reading.gathered.responses))


def test_a_shrunken_transcript_is_read_anew(tmp_path: Path) -> None:
    """A transcript that was cut is read from its beginning, and that is told."""
    path = tmp_path / "cut.jsonl"
    path.write_bytes(lines(response("m1", (1, 1, 1, 1)), response("m2", (1, 1, 1, 1))))
    position = read(path).progress[0].position
    path.write_bytes(lines(response("m3", (1, 1, 1, 1))))
    os.utime(path, (1, 1))
    reading = read(path, position)

    assert (["m3"], True) == (list(reading.gathered.responses), reading.progress[0].restarted)
