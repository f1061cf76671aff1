"""Doctor on what is stored: ledger, transcripts, settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.scene import Scene, moderate
from watchkeeper.config.file_system import Mount
from watchkeeper.core import schema
from watchkeeper.doctor import stored
from watchkeeper.doctor.finding import BROKEN, NOTE, OK, Finding


def about(topic: str, scene: Scene) -> list[Finding]:
    return [each for each in stored.findings(scene.app()) if each.topic == topic]


def test_a_sound_ledger(scene: Scene) -> None:
    """Both files are named with their size and schema."""
    moderate(scene)

    found = about("Ledger", scene)

    assert [OK, OK] == [each.state for each in found]
    assert "usage.db has" in found[0].text
    assert f"schema {len(schema.STATE)} of {len(schema.STATE)}" in found[1].text


def test_a_file_that_was_set_aside_is_named(scene: Scene) -> None:
    """A damaged ledger is kept, and whoever looks is told where."""
    moderate(scene)
    Path(scene.paths.state, "usage.db").write_bytes(b"no database at all" * 100)

    found = about("Ledger", scene)

    assert {OK, NOTE} == {each.state for each in found}
    assert any("is damaged" in each.text for each in found)
    assert any(each.text.startswith("usage.db.set-aside-") for each in found)


def test_skipped_lines_are_counted_and_named(scene: Scene) -> None:
    """A line that cannot be read is no secret."""
    folder = Path(scene.paths.projects, "-home-ada")
    folder.mkdir(parents=True)
    broken = '{"type":"assistant", "message": nonsense}\n'
    (folder / "a.jsonl").write_text(broken * 2, encoding="utf-8")

    found = about("Transcripts", scene)

    assert [OK, NOTE] == [each.state for each in found]
    assert found[0].text.startswith("1 in ")
    assert "2 lines could not be read" in found[1].text
    assert "a.jsonl (2)" in found[1].text


def test_transcripts_that_are_gone_stay_counted(scene: Scene) -> None:
    """The client sweeps old transcripts away; what was read from them stays."""
    folder = Path(scene.paths.projects, "-home-ada")
    folder.mkdir(parents=True)
    record = {"type": "assistant", "sessionId": "s", "timestamp": "2026-11-20T11:00:00Z"}
    (folder / "s.jsonl").write_text(json.dumps({**record, "message": {"id": "m", "usage": {"input_tokens": 3}}}) + "\n")
    about("Transcripts", scene)
    (folder / "s.jsonl").unlink()

    assert "1 of them are gone and stay counted" in about("Transcripts", scene)[0].text


@pytest.mark.parametrize(
    ("text", "states"),
    [
        pytest.param(None, [OK], id="no file"),
        pytest.param("[quota]\nplan = 'pro'\n", [OK], id="fine"),
        pytest.param("[quota]\nplan = 'gold'\n", [BROKEN], id="a wrong value"),
        pytest.param("[quota]\nplan = 'gold'\nweekly = 3\n", [BROKEN, BROKEN], id="two mistakes"),
        pytest.param("quota = [", [BROKEN], id="no TOML"),
    ],
)
def test_settings(scene: Scene, text: str | None, states: list[str]) -> None:
    """Every mistake in the settings is named."""
    if text is not None:
        path = Path(scene.paths.config_file)
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")

    assert states == [each.state for each in about("Settings", scene)]


def test_a_network_file_system_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger on a network is not safe, and doctor says what to do."""
    mount = Mount(str(scene.user.home), "nfs4", "server:/home")
    monkeypatch.setattr(stored, "mounted", lambda: [mount])

    found = about("Folder", scene)

    assert [BROKEN] == [each.state for each in found]
    assert "nfs4" in found[0].text
