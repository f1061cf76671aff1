from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper.wiring import command_files, files, programs

CALL = command_files.PLUGIN_CALL
BUNDLE = {
    "commands/session-status.md": f"Run `{CALL} session-status`.\n".encode(),
    "commands/session_status.py": b"",
    "commands/Not A Command.md": b"",
    "commands/sub/other.md": b"",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "commands").mkdir()
    return tmp_path


def compared(config: Path, written: dict[str, str] | None = None) -> command_files.Commands:
    app, launcher = config / "watchkeeper/app", config / "watchkeeper/bin/watchkeeper"
    return command_files.compared(BUNDLE, app, launcher, config, written or {})


def test_names() -> None:
    """A slash command is a Markdown file that stands directly in commands/ and has a plain name."""
    assert ["session-status"] == command_files.names_in(BUNDLE)


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    "folder",
    ["/home/dev", "/with space", "/quo'te\"s", "/$(touch pwned)", "/back\\slash", "/ünï", "/a;b&c|d", "/$HOME"],
)
def test_paths_are_quoted_for_the_shell(real_processes: User, folder: str) -> None:
    """What stands in a command line of a command file is one word for a shell, whatever the path is."""
    launcher = f"{folder}/bin/watchkeeper"
    text = command_files.installed_text(f'{CALL} x "${{CLAUDE_PLUGIN_ROOT}}/templates"', f"{folder}/app", launcher)

    printed = programs.run(["/bin/sh", "-c", f"printf '%s\\n' {text}"], folder=str(real_processes.home)).output

    assert [launcher, "x", f"{folder}/app/templates"] == printed.splitlines()


def test_a_command_is_written_once(config: Path) -> None:
    """A command that is missing has to be written; one that is there with our text has not."""
    first = compared(config)
    command_files.command_path(config, "session-status").write_bytes(first.texts["session-status"])

    assert ("session-status",) == first.to_write
    assert b"${CLAUDE_PLUGIN_ROOT}" not in first.texts["session-status"]
    assert () == compared(config).to_write
    assert ["session-status"] == [*compared(config).texts]


def test_an_earlier_text_of_ours_is_replaced(config: Path) -> None:
    """A file that still has what an earlier version wrote is brought up to date."""
    command_files.command_path(config, "session-status").write_bytes(b"earlier")

    found = compared(config, {"session-status": files.sha256(b"earlier")})

    assert ("session-status",) == found.to_write


def test_the_users_own_command_is_left_alone(config: Path) -> None:
    """A command of that name which we did not write is the user's."""
    command_files.command_path(config, "session-status").write_bytes(b"mine")

    found = compared(config)

    assert (("session-status",), {}, ()) == (found.foreign, found.texts, found.to_write)


def test_the_users_own_skill_is_left_alone(config: Path) -> None:
    """A skill of that name goes before a command, so that the name is the user's."""
    skill = config / "skills" / "session-status" / "SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_bytes(b"mine")

    assert ("session-status",) == compared(config).foreign


def test_a_link_is_left_alone(config: Path, tmp_path: Path) -> None:
    """A link leads to a file of somebody else's."""
    target = tmp_path / "dotfiles.md"
    target.write_bytes(compared(config).texts["session-status"])
    command_files.command_path(config, "session-status").symlink_to(target)

    assert ("session-status",) == compared(config).foreign


def test_an_edited_command_is_kept(config: Path) -> None:
    """Ours with changes of the user's stays as it is, and stays ours to answer."""
    command_files.command_path(config, "session-status").write_bytes(b"edited")

    found = compared(config, {"session-status": files.sha256(b"earlier")})

    assert (("session-status",), (), ()) == (found.edited, found.to_write, found.foreign)


def test_a_stale_command_is_removed_unless_edited(config: Path) -> None:
    """A command that this version does not have goes, if it is still what was written."""
    command_files.command_path(config, "old-one").write_bytes(b"old")
    command_files.command_path(config, "old-two").write_bytes(b"edited")

    found = compared(config, {"old-one": files.sha256(b"old"), "old-two": files.sha256(b"old")})

    assert ("old-one",) == found.to_remove
