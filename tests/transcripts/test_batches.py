"""Tests of transcripts/batches.py and workers.py: reading in parts, here or by processes, is reading in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.transcripts.samples import lines, response, write
from watchkeeper.core.gathered import Gathered
from watchkeeper.core.tail import START, Position
from watchkeeper.transcripts import batches, files, workers
from watchkeeper.transcripts.scan import Reading, read_all

if TYPE_CHECKING:
    from watchkeeper.transcripts.batches import Batch


@pytest.fixture
def wanted(tmp_path: Path) -> Batch:
    """Twelve transcripts in which later ones repeat a response of earlier ones."""
    for number in range(12):
        records = [response(f"m{number // 2}", (number, 1, 1, 1), sessionId=f"s{number}")]
        write(tmp_path / "p" / f"s{number}.jsonl", lines(*records), NOON + number)
    return [(transcript, START) for transcript in files.find(str(tmp_path))]


def joined(readings: Iterator[tuple[int, Reading]]) -> tuple[dict[str, object], int]:
    whole = Gathered()
    total_bytes = 0
    for bytes_read, reading in readings:
        whole.join(reading.gathered)
        total_bytes += bytes_read
    return vars(whole), total_bytes


@pytest.mark.parametrize("batch_bytes", [1, 1000, 1 << 30])
def test_parts_make_the_whole(wanted: Batch, monkeypatch: pytest.MonkeyPatch, batch_bytes: int) -> None:
    """However the work is divided, every byte is accounted for and the first session owns a response."""
    monkeypatch.setattr(batches, "_BATCH_BYTES", batch_bytes)
    whole, total_bytes = joined(batches.read(wanted, NOON + 1e9))

    assert sum(transcript.size for transcript, _ in wanted) == total_bytes == batches.unread_bytes(wanted)
    owners = {row[0]: (row[2], row[6]) for row in whole["responses"].values()}  # type: ignore[attr-defined]
    assert {f"m{number}": (f"s{number * 2}", number * 2 + 1) for number in range(6)} == owners


def test_processes_read_the_same(wanted: Batch, monkeypatch: pytest.MonkeyPatch, real_processes: User) -> None:
    """What worker processes read is what this one would have read, in the same order."""
    monkeypatch.setattr(batches, "_BATCH_BYTES", 1)
    here = joined(batches.read(wanted, NOON + 1e9))
    monkeypatch.setattr(batches, "WORTH_BYTES", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    assert here == joined(batches.read(wanted, NOON + 1e9))


def test_what_processes_leave_is_read_here(wanted: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """When worker processes are ended from outside, the rest is read without them."""
    monkeypatch.setattr(batches, "_BATCH_BYTES", 1)
    here = joined(batches.read(wanted, NOON + 1e9))
    monkeypatch.setattr(batches, "WORTH_BYTES", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def ended_early(parts: Sequence[Batch], *_: object) -> Iterator[Reading]:
        yield from (read_all(part, NOON + 1e9) for part in parts[:3])

    monkeypatch.setattr(workers, "read_in_parallel", ended_early)

    assert here == joined(batches.read(wanted, NOON + 1e9))


def test_a_system_without_processes_is_no_error(wanted: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes cannot be started none of the parts is read by them, and nothing is raised."""

    def refuse(*_: object) -> None:
        raise PermissionError("no semaphores here")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", refuse)

    assert [] == list(workers.read_in_parallel([wanted], 2, 0.0))


def test_little_is_read_without_processes(wanted: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting processes is left out where it would take longer than reading."""
    monkeypatch.setattr(batches, "_BATCH_BYTES", 1)
    monkeypatch.setattr(workers, "read_in_parallel", lambda *_: pytest.fail("processes were started"))

    assert 12 == sum(1 for _ in batches.read(wanted, 0.0))


def test_a_shrunken_transcript_counts_whole(wanted: Batch) -> None:
    """What is left to read is what was added, or everything where a transcript has become shorter."""
    transcript, _ = wanted[0]

    for offset, expected in ((0, transcript.size), (10, transcript.size - 10), (10**6, transcript.size)):
        assert expected == batches.unread_bytes([(transcript, Position(1, 1, 1, offset, b""))])


def test_processes_are_forked_only_while_nothing_else_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with several threads may not be forked; other systems do not fork."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    alone = workers.start_method()
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    in_company = workers.start_method()
    monkeypatch.setattr("sys.platform", "darwin")

    assert ("fork", "spawn", "spawn") == (alone, in_company, workers.start_method())
