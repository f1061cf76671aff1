"""The ledger against real transcripts that others have published, and the answer key that lies beside them."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache
from typing import Any

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.transcripts.samples import KINDS, SHARED, History, needs_shared, write
from watchkeeper.core.records import PROGRESS
from watchkeeper.transcripts import batches

pytestmark = needs_shared

FOLDER = SHARED / "transcripts"
SERIES = sorted((FOLDER / "_growth_series").glob("*/")) if FOLDER.exists() else []


@cache
def expected() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return entries


def kinds_of(usage: dict[str, int] | None) -> tuple[int, ...]:
    return tuple((usage or {}).get(kind, 0) for kind in KINDS)


def sums(history: History, where: str) -> tuple[int, ...]:
    columns = ", ".join(f"ifnull(sum({kind}), 0)" for kind in KINDS)
    return tuple(history.rows(f"SELECT {columns} FROM responses WHERE {where}")[0])


@pytest.mark.parametrize("part", range(8))
def test_every_transcript_equals_the_answer_key(home: User, part: int) -> None:
    """Each published transcript, alone in a ledger, gives the sums of the key; the progress records' come on top."""
    wrong = []
    for index, entry in enumerate(expected()[part::8]):
        user = home._replace(config=home.home / f"config{index}")
        history = History(user)
        name = "agent-x.jsonl" if "agent-" in entry["file"] else "s.jsonl"
        write(history.projects / "p" / name, (FOLDER / entry["file"]).read_bytes())
        history.refresh()
        found = sums(history, f"rank > {PROGRESS}"), sums(history, f"rank = {PROGRESS}")
        key = (
            kinds_of(entry["usage_last_record_per_message"]),
            kinds_of(entry.get("usage_only_in_progress_records")),
        )
        if found != key:
            wrong.append((entry["file"], found, key))

    assert [] == wrong


@pytest.mark.parametrize("series", SERIES, ids=lambda path: path.name)
@pytest.mark.parametrize("cuts", [1, 3], ids=["whole snapshots", "in thirds"])
def test_a_growing_session_equals_fresh_reads(home: User, series: Any, cuts: int) -> None:
    """A session read as it grew gives after each step what a fresh reading of that snapshot gives."""
    growing = History(home)
    for index, snapshot in enumerate(sorted(series.glob("*.jsonl"))):
        data = snapshot.read_bytes()
        path = growing.projects / "p" / "s.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        have = path.stat().st_size if path.exists() else 0
        for cut in range(1, cuts + 1):
            path.write_bytes(data[: have + (len(data) - have) * cut // cuts])
            growing.refresh()
        fresh = History(home._replace(config=home.home / f"fresh{index}"))
        write(fresh.projects / "p" / "s.jsonl", data)
        fresh.refresh()

        for statement in (
            "SELECT * FROM responses ORDER BY message_id",
            "SELECT session_id, started_at, last_at, model, context_tokens, context_at, compacted_at FROM sessions",
            "SELECT * FROM compactions",
            "SELECT * FROM windows",
            "SELECT offset, size, skipped_lines FROM transcripts",
        ):
            assert fresh.rows(statement) == growing.rows(statement), (snapshot.name, statement)


def test_processes_read_them_as_one_does(home: User, real_processes: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once, read by worker processes, give what this process reads: each response, session, window."""
    for index, entry in enumerate(expected()):
        write(History(home).projects / "p" / f"s{index}.jsonl", (FOLDER / entry["file"]).read_bytes(), NOON + index)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    tables = ("responses", "sessions", "agents", "compactions", "windows", "transcripts")
    found = []
    for worth_bytes in (1 << 40, 1):
        monkeypatch.setattr(batches, "WORTH_BYTES", worth_bytes)
        history = History(home)
        refreshed = history.refresh()
        found.append((refreshed, [history.rows(f"SELECT * FROM {table}") for table in tables]))
        shutil.rmtree(history.paths.state)

    assert found[0] == found[1]
    assert len(found[0][1][0]) == found[0][0].responses > 1000
