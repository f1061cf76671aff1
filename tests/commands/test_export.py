"""`export` writes what is stored as one JSON object."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.commands.scene import Scene, danger
from watchkeeper import export, mutes
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.schema import STATE, USAGE


def test_everything_is_there(scene: Scene) -> None:
    """Rows come out as objects by table, times with an offset."""
    danger(scene)

    stored = json.loads(scene.run("export").out)

    assert "2026-11-20T12:00:00+00:00" == stored["exported_at"]
    assert [160_500] == [
        sum(each["input_tokens"] + each["output_tokens"] + each["cache_creation_input_tokens"] for each in rows)
        for rows in [stored["usage"]["responses"]]
    ]
    assert 112 == len(stored["usage"]["tool_calls"])
    assert "2026-11-20T11:57:00+00:00" == max(each["at"] for each in stored["usage"]["responses"])
    assert {81.5, 61.2} == {each["used_pct"] for each in stored["state"]["reports"]}


def test_every_table_is_exported_or_left_out_on_purpose(scene: Scene) -> None:
    """A table that is added later is not forgotten."""
    left_out = {"facts", "jobs"}
    with scene.ledger as ledger:
        tables = {
            name
            for db in (ledger.usage, ledger.state)
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }

    assert tables - left_out == {name for names in export.TABLES.values() for name in names}
    assert (len(USAGE), len(STATE)) > (0, 0)


def test_no_piece_of_a_conversation_is_exported(scene: Scene) -> None:
    """The bytes that mark a place in a transcript stay here."""
    with scene.ledger as ledger, Transaction(ledger.usage) as db:
        db.execute(
            "INSERT INTO transcripts VALUES ('/t.jsonl', 'id', 1, 2, 3, 4, ?, 5)", (b"a secret of the conversation",)
        )

    out = scene.run("export").out

    assert "secret" not in out
    assert [5] == [each["skipped_lines"] for each in json.loads(out)["usage"]["transcripts"]]


def test_what_has_no_end_is_null(scene: Scene) -> None:
    """JSON knows no infinity."""
    with scene.ledger as ledger:
        mutes.mute(ledger, mutes.EVERYTHING, "/p", mutes.FOREVER)

    assert [{"project": "/p", "what": "everything", "until_at": None}] == json.loads(scene.run("export").out)["state"][
        "mutes"
    ]


def test_a_file_is_for_its_owner_alone(scene: Scene, tmp_path: Path) -> None:
    """--output writes a file that nobody else can read, and says so."""
    path = tmp_path / "stored.json"

    ran = scene.run("export", "--output", str(path), "--json")

    assert str(path) == json.loads(ran.out)["path"]
    assert "usage" in json.loads(path.read_text(encoding="utf-8"))
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_place_that_cannot_be_written_is_a_sentence(scene: Scene, tmp_path: Path) -> None:
    """Nothing half-written stays behind."""
    ran = scene.run("export", "--output", str(tmp_path / "nowhere" / "stored.json"))

    assert (1, "") == (ran.code, ran.out)
    assert "name another file with --output" in ran.err
    assert [] == list(tmp_path.glob("**/*.new"))


@pytest.mark.parametrize("colour", [False, True])
def test_the_said_sentence(scene: Scene, tmp_path: Path, colour: bool) -> None:
    """Without --json a sentence tells where it is."""
    out = scene.run("export", "--output", str(tmp_path / "x.json"), colour=colour).out

    assert "holds what is stored" in out
