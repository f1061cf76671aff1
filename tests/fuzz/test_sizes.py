"""Size: twice as much is about twice the work, nesting has no end that hurts, and what is too long is refused."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import client, kept, people, programs
from tests.fuzz.inputs import DEEP
from watchkeeper.errors import UserError
from watchkeeper.estimates import plan_file
from watchkeeper.executor import task_list
from watchkeeper.handoff import said
from watchkeeper.transcripts import record_lines

READERS = {**client.READERS, **people.READERS, **kept.READERS, **programs.READERS}
# A piece that an input is made of, over and over. Each is where a reader that looks back would begin to.
PIECES = {
    "conversation": b'{"type":"user","message":{"content":"x"}}\n',
    "transcript": b'{"type":"assistant","uuid":"a"}{"type":"user"}\n',
    "stream of a run": b'{"type": "result"}\n',
    "plan": b"## Phase 1: a [b](c) (2h)\n- [ ] *c* `d`\n\n| a | b |\n|---|---|\n| x | 1h |\n",
    "block in a plan": b"<!-- watchkeeper: estimate begins -->\n",
    "handoff": b"## a\n```\n1. **b** (est. 5 tokens)\n",
    "handoff's parts": b"## Next session objectives\n1. **b**\n   - `c``\n",
    "handoff as JSON": b'"title": "x", ',
    "task list": b'[[tasks]]\nid = "a"\ncommand = ["b"]\n',
    "configuration": b"[quota]\nalerts = [\n50,\n",
    "calendar file": b"BEGIN:VEVENT\nSUMMARY:a\n",
    "crontab": b"# m # watchkeeper-a watchkeeper-\n",
    "git's status": b"? a\0",
    "text with secrets": b"key=a.b-c password: ",
    "names in code": b"from a import b\nnpm install ",
}
_SIZES = (8_000, 16_000)


def work_of(read: Callable[[], object]) -> int:
    """How many calls of functions, Python's and others, a reader makes."""
    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event.endswith("call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", PIECES)
def test_work_grows_with_the_size_and_no_faster(name: str, tmp_path: Path) -> None:
    """Twice the input takes little more than twice the calls."""
    reader, piece = READERS[name], PIECES[name]
    work = []
    for size in (_SIZES[0], *_SIZES):
        # The first time imports what is needed.
        data = piece * (size // len(piece))
        work.append(work_of(functools.partial(reader.feed, data, tmp_path)))

    assert work[2] < 2.3 * work[1] + 500


@pytest.mark.parametrize("piece", [b"[", b"*", b"`", b"\\", b"[a](", b"<", b"> ", b"- ", b"| "])
def test_a_plan_of_nothing_but_marks_is_read(piece: bytes) -> None:
    """What Markdown would nest without end is read as a plan, or refused in a sentence."""
    READERS["plan"].feed(piece * (100_000 // len(piece)), Path())


def test_a_crontab_of_hashes_is_read() -> None:
    """A line without end in which a job could begin anywhere is looked through once."""
    programs.READERS["crontab"].read("# " * 500_000 + "\n" + programs.CRONTAB, Path())


def test_a_line_of_many_records_is_read(tmp_path: Path) -> None:
    """Records that lost the line ends between them are found again where they stand, however many."""
    record = '{"type":"user","uuid":"ü","x":"' + "é" * 50 + '"}\u2028 '
    path = tmp_path / "t.jsonl"
    path.write_text(record * 10_000 + "\n", encoding="utf-8")
    found = list(record_lines.read(str(path)))

    assert 10_000 == len(found)
    last = found[-1]
    assert [last.record] == list(record_lines.read_at(str(path), [(last.offset, last.length)]))


def test_what_is_longer_than_a_bound_is_refused(tmp_path: Path) -> None:
    """Plans, task lists and handoffs beyond their bound are refused in a sentence that names it, and not read."""
    path = tmp_path / "t.toml"
    with path.open("wb") as file:
        file.truncate(task_list.MOST_BYTES + 1)
    with pytest.raises(UserError, match="larger than 8 MB"):
        task_list.read(str(path))
    with pytest.raises(UserError, match="up to 1 MB"):
        plan_file.load(str(path))
    with pytest.raises(UserError, match="longer than 256 KB"):
        said.parse('"title": "' + "x" * said.MOST_CHARACTERS + '"')


@pytest.mark.parametrize("name", READERS)
def test_nesting_without_end(name: str, tmp_path: Path) -> None:
    """JSON in JSON in JSON ends in no RecursionError, whatever is read from it."""
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")):
        READERS[name].feed(opening * DEEP + b"1" + closing * DEEP, tmp_path)
