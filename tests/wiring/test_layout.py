from __future__ import annotations

import os
from pathlib import Path

import pytest

from watchkeeper.wiring import layout


def test_places(tmp_path: Path) -> None:
    """All of ours is below <config>/watchkeeper; the user's own files are beside it."""
    place = layout.layout_in(str(tmp_path), {"HOME": "/home/dev"}, windows=False)

    state = tmp_path / "watchkeeper"
    assert (tmp_path / "settings.json", tmp_path / "commands") == (place.client_settings, place.client_commands)
    assert (state / "app", state / "receipt.json") == (place.app, place.receipt)
    assert (state / "venv/bin/python", state / "bin/watchkeeper") == (place.python, place.launcher)
    assert state / "app/lib/watchkeeper/__main__.py" == place.entry


def test_places_on_windows(tmp_path: Path) -> None:
    """Windows has other names for the interpreter and the launcher."""
    place = layout.layout_in(str(tmp_path), {"HOME": "/home/dev"}, windows=True)

    assert ("Scripts/python.exe", "bin/watchkeeper.cmd") == (
        place.python.relative_to(place.environment).as_posix(),
        place.launcher.relative_to(place.state).as_posix(),
    )


@pytest.mark.parametrize(("config", "is_default"), [("/home/dev/.claude", True), ("/home/dev/other", False)])
def test_default_is_what_the_client_finds_by_itself(config: str, is_default: bool) -> None:
    """~/.claude is the default, also when the variable names it."""
    for environ in ({}, {"CLAUDE_CONFIG_DIR": config}):
        place = layout.layout_in(config, {"HOME": "/home/dev", "USERPROFILE": "/home/dev", **environ})

        assert is_default == place.is_default


@pytest.mark.parametrize("name", ["a`b", "a\nb", "a\tb", "a\udc80b", "a\x7fb"])
def test_names_that_no_file_can_carry_are_refused(tmp_path: Path, name: str) -> None:
    """A backtick ends an injected command, and a line break ends a line of the launcher."""
    assert "its name has a backtick, a control character or bytes that are not UTF-8" == layout.unusable(
        str(tmp_path / name)
    )


@pytest.mark.parametrize("name", ["plain", "with space", "quo'te\"s", "$(touch pwned)", "ünï", "missing/below"])
def test_other_names_are_fine(tmp_path: Path, name: str) -> None:
    """Spaces, quotes, dollars and letters of any alphabet are nothing special, nor is a folder still to be made."""
    assert layout.unusable(str(tmp_path / name)) is None


def test_a_file_is_no_configuration_directory(tmp_path: Path) -> None:
    """A file in the directory's place is refused."""
    (tmp_path / "file").touch()

    assert "it is not a folder" == layout.unusable(str(tmp_path / "file"))


@pytest.mark.parametrize("name", ["watchkeeper", "watchkeeper/app", "watchkeeper/venv", "watchkeeper/bin"])
def test_links_and_files_in_our_places_are_refused(tmp_path: Path, name: str) -> None:
    """Where our folders belong, a link or a file of somebody else's is not written through or over."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(tmp_path)
    assert f"{path} is a link" == layout.unusable(str(tmp_path))

    path.unlink()
    path.touch()
    assert f"{path} is not a folder" == layout.unusable(str(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize(
    ("config", "spelled"),
    [
        (
            "/home/dev/.claude",
            ["/home/dev/.claude/watchkeeper", *(f"{home}/.claude/watchkeeper" for home in ("~", "$HOME", "${HOME}"))],
        ),
        ("/elsewhere", ["/elsewhere/watchkeeper"]),
    ],
)
def test_spellings_of_the_state_folder(config: str, spelled: list[str]) -> None:
    """A command line may name a folder in the user's home by it."""
    assert spelled == list(layout.layout_in(config, {"HOME": "/home/dev"}).state_folders)
