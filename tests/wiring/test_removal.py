from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.wiring.machine import Machine
from tests.wiring.test_installation import MINE
from watchkeeper.errors import UserError
from watchkeeper.wiring import settings_text

DATA = ("config.toml", "usage.db", "state.db", "logs/hooks.log")
DOCUMENTS = (
    "session-handoffs/a.md",
    "session-reports/a.md",
    "session-tracking/a.json",
    "project-memory/p/a.md",
    "calendar/session-q1.ics",
    "ml-model/estimation-model.json",
)


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"data")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(json.dumps(MINE, indent=2) + "\n", id="as the client writes"),
        pytest.param('{"a":1.0e5,\r\n"hooks" : { } , "b":"\\u00e9"}', id="as nobody writes"),
        pytest.param("{ }", id="empty"),
        pytest.param('\ufeff{\n\t"a": []\n}', id="byte order mark"),
    ],
)
def test_everything_is_as_it_was(machine: Machine, settings: str) -> None:
    """Installed, installed again and uninstalled, every byte of the user's is what it was."""
    machine.write_settings(settings)
    before = machine.tree()
    machine.install()
    machine.install()

    assert machine.uninstall()

    assert before == machine.tree()


def test_nothing_was_there(machine: Machine) -> None:
    """Where no settings were, none stay behind, and no folder either."""
    machine.config.parent.mkdir(parents=True)
    machine.install()

    machine.uninstall()

    assert {} == machine.tree()


def test_the_bytes_come_back_after_an_update(machine: Machine) -> None:
    """The saved settings are those before the first installation, also after entries were rewired."""
    content = machine.write_settings(MINE)
    machine.client_answer = "2.1.138"
    machine.install()
    machine.client_answer = "2.1.329"
    machine.install()

    machine.uninstall()

    assert content == machine.client_settings.read_bytes()


@pytest.mark.parametrize("arguments", [{"indent": 2}, {"indent": 4, "sort_keys": True}, {}], ids=str)
def test_changed_settings_lose_only_ours(machine: Machine, arguments: dict[str, int]) -> None:
    """After the client rewrote its settings, no backup goes over them: ours are taken out, and the user hears it."""
    machine.write_settings(MINE)
    machine.install()
    changed = {**machine.wired(), "enabledPlugins": {"x@y": True}, "model": "sonnet"}
    machine.write_settings(json.dumps(changed, **arguments))  # type: ignore[arg-type]

    machine.uninstall()

    assert {**MINE, "enabledPlugins": {"x@y": True}, "model": "sonnet"} == machine.wired()
    assert (
        f"{machine.client_settings} has changed since, so only our 9 entries go; all else in it stays as it is."
        in machine.said
    )


def test_settings_changed_between_two_runs(machine: Machine) -> None:
    """What the user changed after the first run survives the second run and the removal."""
    machine.write_settings(MINE)
    machine.install()
    machine.write_settings({**machine.wired(), "model": "sonnet"})
    machine.client_answer = "2.1.138"
    machine.install()

    machine.uninstall()

    assert {**MINE, "model": "sonnet"} == machine.wired()


def test_unwired_before_anything_is_deleted(machine: Machine) -> None:
    """Live sessions apply settings at once, so the entries go first; when they cannot, everything stays."""
    machine.write_settings(MINE)
    machine.install()
    machine.client_settings.write_bytes(machine.client_settings.read_bytes() + b"// mine\n")
    before = machine.tree()

    with pytest.raises(UserError, match="has comments"):
        machine.uninstall()

    assert before == machine.tree()


def test_settings_that_hold_nothing_of_ours_are_no_obstacle(machine: Machine) -> None:
    """Settings that cannot be edited, and in which nothing of ours is, are left alone."""
    machine.install()
    machine.write_settings("{} // mine")

    assert machine.uninstall()

    assert "{} // mine" == machine.client_settings.read_text(encoding="utf-8")
    assert not machine.place.state.exists()


def test_data_stays(machine: Machine) -> None:
    """Figures, settings and documents stay, and the user hears which and where."""
    machine.install()
    put(machine.place.state, *DATA)
    put(machine.config, *DOCUMENTS, "calendar/mine.ics")

    machine.uninstall()

    place = machine.place
    assert {".gitignore", "config.toml", "usage.db", "state.db", "logs"} == {
        path.name for path in place.state.iterdir()
    }
    assert all((machine.config / name).exists() for name in DOCUMENTS)
    folders = ("session-handoffs", "session-reports", "session-tracking", "project-memory")
    single = (os.path.join("calendar", "session-q1.ics"), os.path.join("ml-model", "estimation-model.json"))
    state = (f"watchkeeper/{name}" for name in ("config.toml", "logs", "state.db", "usage.db"))
    what = ", ".join([*state, *folders, *single])
    assert f"These stay in {machine.config} (uninstall --purge deletes them): {what}." == machine.said[-1]


def test_purge(machine: Machine) -> None:
    """A purge takes figures and documents, too, and nothing of the user's own beside them."""
    machine.write_settings(MINE)
    put(machine.config, "calendar/mine.ics", "projects/p/s.jsonl", "commands/mine.md")
    before = machine.tree()
    machine.install()
    put(machine.place.state, *DATA)
    put(machine.config, *DOCUMENTS)

    assert machine.uninstall(purge=True)

    assert before == machine.tree()


def test_a_dry_run_deletes_nothing(machine: Machine) -> None:
    """A dry run says what would go, the entries first."""
    machine.write_settings(MINE)
    machine.install()
    before, machine.said = machine.tree(), []

    assert machine.uninstall(dry_run=True)

    assert before == machine.tree()
    assert f"Would put back, byte for byte, the former {machine.client_settings}." == machine.said[0]


def test_settings_that_were_not_there_are_deleted(machine: Machine) -> None:
    """Where nobody had settings, nothing is said to be put back."""
    machine.install()
    machine.said = []

    assert machine.uninstall()

    assert f"Delete, since nothing but ours is in it, {machine.client_settings}" == machine.said[0]
    assert not machine.client_settings.exists()


def test_edited_commands_stay(machine: Machine) -> None:
    """A command file that the user changed is theirs now."""
    machine.install()
    edited = machine.place.client_commands / "session-status.md"
    edited.write_bytes(b"edited")

    machine.uninstall()

    assert [edited] == list(machine.place.client_commands.iterdir())
    assert f"{edited} was changed by you and stays." in machine.said


def test_the_passed_through_status_line_is_forgotten(machine: Machine) -> None:
    """The settings that stay do not name a status line that runs by itself again."""
    machine.write_settings(MINE)
    machine.install()

    machine.uninstall()

    assert {"status_line.passthrough": ""} == machine.settings


def test_without_a_receipt(machine: Machine) -> None:
    """With the receipt gone, our entries are still found and taken out, and the product is deleted."""
    machine.write_settings({"model": "opus"})
    machine.install()
    machine.place.receipt.write_bytes(b"damaged")

    machine.uninstall()

    assert {"model": "opus"} == machine.wired()
    assert not machine.place.state.exists()


def test_nothing_installed(machine: Machine) -> None:
    """Where nothing is, nothing happens, and a second removal is no error."""
    content = machine.write_settings(MINE)
    before = machine.tree()

    assert machine.uninstall()

    assert content == machine.client_settings.read_bytes()
    assert before == machine.tree()
    assert [f"There is nothing of Watchkeeper to take out of {machine.config}."] == machine.said


def test_what_cannot_be_deleted_is_said(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in use stays and is named; the rest is done, and the exit says that it is not all."""
    machine.write_settings(MINE)
    machine.install()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "in use", str(path))

    monkeypatch.setattr("watchkeeper.wiring.files.remove_tree", refuse)

    assert not machine.uninstall()

    assert json.loads(machine.client_settings.read_text(encoding="utf-8")) == MINE
    assert any(sentence.startswith(f"Could not delete {machine.place.environment}") for sentence in machine.said)


def test_a_link_is_refused(machine: Machine, tmp_path: Path) -> None:
    """A state folder that leads elsewhere is not emptied."""
    (tmp_path / "elsewhere" / "app").mkdir(parents=True)
    machine.config.mkdir(parents=True)
    (machine.config / "watchkeeper").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UserError, match="watchkeeper is a link"):
        machine.uninstall()

    assert (tmp_path / "elsewhere" / "app").exists()


def test_a_status_line_set_later_stays(machine: Machine) -> None:
    """The status line that the user chose after the installation is the one that stays."""
    machine.write_settings(MINE)
    machine.install()
    machine.write_settings({**machine.wired(), "statusLine": {"type": "command", "command": "newer"}})

    machine.uninstall()

    assert {**MINE, "statusLine": {"type": "command", "command": "newer"}} == machine.wired()
    assert 0 == settings_text.count_ours(machine.wired(), machine.place.state_folders)
