from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.wiring.machine import COMMAND_FILE, Machine
from watchkeeper.errors import UserError
from watchkeeper.wiring import files, hook_entries, receipt, status_line_entry

MINE = {
    "model": "opus",
    "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "echo hi"}]}], "PreToolUse": []},
    "statusLine": {"type": "command", "command": "~/bin/line --fancy", "padding": 1, "refreshInterval": 10},
    "permissions": {"allow": ["Bash(ls:*)"]},
}


def test_a_bare_machine(machine: Machine) -> None:
    """Everything is in its place: bundle, environment, command, slash commands, hooks, status line, receipt."""
    assert machine.install()

    place = machine.place
    assert 1 == machine.environments_made
    assert (machine.checkout / "hooks/stop.py").read_bytes() == (place.app / "hooks/stop.py").read_bytes()
    assert str(place.python) in place.launcher.read_text(encoding="utf-8")
    assert {"session-status.md", "context-status.md"} == {path.name for path in place.client_commands.iterdir()}
    assert {*hook_entries.SCRIPTS} == machine.wired()["hooks"].keys()
    assert status_line_entry.is_written(machine.wired()["statusLine"])
    assert "*\n" == (place.state / ".gitignore").read_text(encoding="utf-8")
    found = receipt.read(place.receipt)
    assert found is not None
    assert ("0.1.0", "exec", "2.1.329", str(machine.python)) == (
        found.version,
        found.hook_form,
        found.client_version,
        found.interpreter,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_modes(machine: Machine) -> None:
    """What holds data is for the user alone; the command can be run."""
    machine.install()

    place = machine.place
    assert [0o700, 0o600, 0o600, 0o755] == [
        files.mode_of(path) for path in (place.state, place.receipt, place.client_settings, place.launcher)
    ]


@pytest.mark.parametrize("settings", [None, MINE], ids=["bare", "with settings"])
def test_a_second_run_changes_nothing(machine: Machine, settings: Any) -> None:
    """Installed again, every file is what it was, and the user hears that there is nothing to do."""
    if settings:
        machine.write_settings(settings)
    machine.install()
    before, machine.said = machine.tree(), []

    assert not machine.install()

    assert before == machine.tree()
    assert [f"Watchkeeper 0.1.0 is installed in {machine.place.state}; there is nothing to change."] == machine.said


def test_a_dry_run_changes_nothing(machine: Machine) -> None:
    """A dry run says each action, in order, and does none."""
    machine.write_settings(MINE)
    before = machine.tree()

    assert machine.install(dry_run=True)

    assert before == machine.tree()
    assert 0 == machine.environments_made
    assert {} == machine.settings
    place = machine.place
    assert [
        f"Would make the folder {place.state}.",
        f"Would make the folder {place.client_commands}.",
        f"Would write a .gitignore to {place.state}.",
        f"Would write 12 files of the bundle to {place.app}.",
        f"Would compile {place.app / 'lib'} for {machine.python}.",
        f"Would make the virtual environment {place.environment} (there is none yet; this takes a minute).",
        f"Would write the command `watchkeeper` to {place.launcher.parent}.",
        f"Would write the script that answers PreCompact to {place.launcher.parent}.",
        'Would set status_line.passthrough = "~/bin/line --fancy".',
        f"Would write the receipt to {place.state}.",
        f"Would write /context-status, /session-status to {place.client_commands}.",
        f"Would wire the hooks and the status line in {place.client_settings}.",
    ] == [sentence for sentence in machine.said if sentence.startswith("Would")]


def test_the_users_settings_are_kept(machine: Machine) -> None:
    """Hooks and settings of the user's stay, and the status line goes on as it was set up, beside ours."""
    machine.write_settings(MINE)

    machine.install()

    wired = machine.wired()
    assert MINE["hooks"]["Stop"][0] == wired["hooks"]["Stop"][0]  # type: ignore[index]
    assert (MINE["model"], MINE["permissions"]) == (wired["model"], wired["permissions"])
    assert {"padding": 1, "refreshInterval": 10}.items() <= wired["statusLine"].items()
    assert {"status_line.passthrough": "~/bin/line --fancy"} == machine.settings


def test_a_status_line_that_looks_like_an_option(machine: Machine) -> None:
    """Whatever the user's status line is, it arrives as one value."""
    machine.write_settings({"statusLine": {"type": "command", "command": "--x 'y' $(z)"}})

    machine.install()

    assert [["config", "set", "--", "status_line.passthrough", "--x 'y' $(z)"]] == [
        words[5:] for words in machine.ran if "config" in words
    ]


def test_without_the_passthrough_nothing_is_wired(machine: Machine) -> None:
    """A status line that cannot be remembered is not taken over."""
    content = machine.write_settings(MINE)
    machine.fails = lambda words: "no such key" if "config" in words else None

    with pytest.raises(
        UserError, match=r"status_line\.passthrough could not be set \(no such key\), so nothing is wired"
    ):
        machine.install()

    assert content == machine.client_settings.read_bytes()


def test_the_chosen_plan_is_set(machine: Machine) -> None:
    """The plan that the user named is set by the installed command; when that fails, they hear how to do it."""
    machine.install(choices=[("quota.plan", "pro")])
    assert {"quota.plan": "pro"} == machine.settings

    machine.fails = lambda words: "out of order" if "config" in words else None
    machine.install(choices=[("quota.plan", "team")])

    assert (
        f"The plan is not saved: run {machine.place.launcher} config set quota.plan team (out of order)" in machine.said
    )


@pytest.mark.parametrize(
    ("answer", "form"),
    [("2.1.139 (Claude Code)", "exec"), ("2.1.138 (Claude Code)", "shell"), ("no idea", "shell")],
)
def test_the_form_that_the_client_knows(machine: Machine, answer: str, form: str) -> None:
    """An older or unknown client gets hooks as command lines, and is told why when it is unknown."""
    machine.client_answer = answer

    machine.install()

    handler = machine.wired()["hooks"]["Stop"][0]["hooks"][0]
    assert (form == "exec") == ("args" in handler)
    assert (answer == "no idea") == any(sentence.startswith("Unknown: which Claude Code") for sentence in machine.said)


def test_a_newer_client_gets_the_better_form(machine: Machine) -> None:
    """Once the client knows the exec form, the next run rewires, and no entry stands twice."""
    machine.client_answer = "2.1.138"
    machine.write_settings(MINE)
    machine.install()
    machine.client_answer = "2.1.329"

    machine.install()

    assert [1 + (event == "Stop") for event in hook_entries.SCRIPTS] == [
        len(machine.wired()["hooks"][event]) for event in hook_entries.SCRIPTS
    ]
    assert "args" in machine.wired()["hooks"]["Stop"][1]["hooks"][0]


def test_an_update(machine: Machine) -> None:
    """A new version replaces what changed, removes what is stale, and leaves settings that are right as they are."""
    machine.write_settings(MINE)
    machine.install()
    settings = machine.client_settings.read_bytes()
    (machine.checkout / "hooks/stop.py").write_text("print('new')\n", encoding="utf-8")
    (machine.checkout / "lib/watchkeeper/core/entry.py").write_text("# new\n", encoding="utf-8")
    (machine.checkout / "commands/context-status.md").unlink()
    (machine.checkout / "README.md").unlink()
    machine.put({"commands/weekly.md": COMMAND_FILE.format(name="weekly"), "requirements.lock": "rich==16\n"})

    assert machine.install()

    place = machine.place
    assert "print('new')\n" == (place.app / "hooks/stop.py").read_text(encoding="utf-8")
    assert not (place.app / "README.md").exists()
    assert {"session-status.md", "weekly.md"} == {path.name for path in place.client_commands.iterdir()}
    assert 2 == machine.environments_made
    assert settings != machine.client_settings.read_bytes()
    assert "^(watchkeeper:)?(session-status|weekly)$" == machine.wired()["hooks"]["UserPromptExpansion"][0]["matcher"]
    assert not machine.install()


def test_settings_that_the_client_rewrote_are_left_alone(machine: Machine) -> None:
    """Entries that are all there need no writing, wherever the client put them."""
    machine.write_settings(MINE)
    machine.install()
    rewritten = json.dumps({**machine.wired(), "theme": "dark"}, indent=4, sort_keys=True)
    machine.write_settings(rewritten)

    assert not machine.install()

    assert rewritten == machine.client_settings.read_text(encoding="utf-8")


def test_a_repair(machine: Machine) -> None:
    """What was damaged since is put right by the next run."""
    machine.install()
    place = machine.place
    good = {**machine.tree(), ".claude/watchkeeper/receipt.json": ""}
    (place.app / "hooks/stop.py").write_bytes(b"damaged")
    (place.app / "lib/stray.py").touch()
    place.launcher.unlink()
    (place.client_commands / "session-status.md").unlink()
    place.client_settings.write_bytes(b"{}\n")

    assert machine.install()

    assert good == {**machine.tree(), ".claude/watchkeeper/receipt.json": ""}


def test_the_users_own_commands_are_kept(machine: Machine) -> None:
    """A command of the user's is neither overwritten nor answered by us, and the user hears of it."""
    machine.config.joinpath("commands").mkdir(parents=True)
    mine = machine.config / "commands" / "session-status.md"
    mine.write_bytes(b"my own")

    machine.install()

    assert b"my own" == mine.read_bytes()
    assert "^(watchkeeper:)?(context-status)$" == machine.wired()["hooks"]["UserPromptExpansion"][0]["matcher"]
    assert any(sentence.startswith("You have a /session-status of your own") for sentence in machine.said)
    assert not machine.install()


@pytest.mark.parametrize(
    "command",
    [
        "python3 /home/u/code/watchkeeper/app/hooks/mine.py",
        "python3 /home/u/code/watchkeeper/app/hooks/stop.py",
        "cd /x && ./watchkeeper/app/hooks/stop.py",
    ],
)
def test_hooks_that_only_resemble_ours_are_kept(machine: Machine, command: str) -> None:
    """A hook of the user's is theirs, whatever the folder of its script is called."""
    mine = {"hooks": [{"type": "command", "command": command}]}
    content = machine.write_settings({"hooks": {"Stop": [mine]}})

    machine.install()
    assert mine == machine.wired()["hooks"]["Stop"][0]
    machine.client_answer = "2.1.138"
    machine.install()
    assert [mine] == machine.wired()["hooks"]["Stop"][:-1]
    machine.uninstall()

    assert content == machine.client_settings.read_bytes()


def test_edited_commands_are_kept(machine: Machine) -> None:
    """Changes that the user made to one of our command files survive the next run."""
    machine.install()
    edited = machine.place.client_commands / "session-status.md"
    edited.write_bytes(b"edited")

    assert not machine.install()

    assert b"edited" == edited.read_bytes()
    assert "You have changed session-status.md: your text of /session-status is kept." in machine.said


def test_what_the_user_should_know(machine: Machine) -> None:
    """Hooks that are switched off and a second wiring are mentioned."""
    machine.write_settings({"disableAllHooks": True, "enabledPlugins": {"watchkeeper@watchkeeper": True, "x@y": True}})

    machine.install()

    assert [
        "Your settings have disableAllHooks: nothing is watched until that is taken out.",
        "Watchkeeper is wired as a plugin, too. That is harmless, and one of the two is enough.",
    ] == machine.said[-3:-1]


def test_what_nobody_can_know_yet(machine: Machine) -> None:
    """Right after the first installation the user hears what is unknown, and only then."""
    machine.install()
    assert machine.said[-1].startswith("Unknown so far: your plan and how much of it is used.")
    assert machine.said[-1].endswith(f"{machine.place.launcher} config set quota.plan NAME")

    machine.install()
    assert "Unknown so far" not in machine.said[-1]

    other = Machine(machine.checkout.parent / "other")
    other.install(choices=[("quota.plan", "pro")])
    assert other.said[-1].startswith("Unknown so far: how much of your quota is used.")


def test_where_the_command_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after the first installation the user hears how to type the command, unless the shell finds it already."""
    folder = str(machine.place.launcher.parent)
    machine.install()
    assert f"To type `watchkeeper` in a terminal, put this folder on your PATH: {folder}" in machine.said

    found = Machine(machine.checkout.parent / "found")
    monkeypatch.setattr(
        Machine, "environ", {**found.environ, "PATH": f"{found.programs}{os.pathsep}{found.place.launcher.parent}"}
    )
    found.install()
    assert not [sentence for sentence in found.said if "on your PATH" in sentence]


def test_an_interrupted_run_is_finished_by_the_next(machine: Machine) -> None:
    """Whatever step fails, nothing is wired before all of it is there, and the next run ends like a first one."""
    content = machine.write_settings(MINE)
    for step in ("compileall", "config"):
        machine.fails = lambda words, step=step: "killed" if step in words else None  # type: ignore[misc]
        try:
            machine.install()
        except UserError:
            assert content == machine.client_settings.read_bytes()
    machine.fails = lambda _: None
    machine.install()
    healed = machine.tree()

    fresh = Machine(machine.config.parent.parent / "other")
    fresh.write_settings(MINE)
    fresh.install()

    assert sorted(healed) == sorted(fresh.tree())


HOSTILE = [
    "with space",
    "quo'te\"s",
    "$(touch pwned)",
    "ünïcödé",
    "a;b&c|d",
    "-dash",
    "$HOME",
    "%PATH%",
    "{x}",
    "back\\slash",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows allows none of these names")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_paths(tmp_path: Path, name: str) -> None:
    """Whatever the configuration directory is called, it is wired, recognised and taken out again."""
    machine = Machine(tmp_path, tmp_path / "home" / name)
    content = machine.write_settings(MINE)
    before = machine.tree()

    machine.install()
    assert (
        f"{machine.config}/watchkeeper/app/hooks/stop.py" == machine.wired()["hooks"]["Stop"][1]["hooks"][0]["args"][-1]
    )
    assert not machine.install()
    machine.uninstall()

    assert content == machine.client_settings.read_bytes()
    assert before == machine.tree()


def test_installing_from_the_installed_copy(machine: Machine) -> None:
    """`update` works when the checkout is gone: the installed bundle is its own source."""
    machine.install()
    before = machine.tree()
    machine.checkout = machine.place.app

    assert not machine.install()

    assert before == machine.tree()
