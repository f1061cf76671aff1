"""A workspace's folder, its files and its history."""

from __future__ import annotations

import json
import os
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.app import App
from watchkeeper.errors import UserError
from watchkeeper.monitor import workspace
from watchkeeper.monitor.workspace import Workspace, workspace_of

PATHS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).map(lambda text: f"/{text}")
SAFE = set(string.ascii_lowercase + string.digits + "-")


@given(PATHS)
def test_folder_name_is_plain(project: str) -> None:
    """Whatever a project is called, its folder's name is short and of letters, digits and dashes alone."""
    slug = workspace.slug_of(project)

    assert set(slug) <= SAFE
    assert 0 < len(slug) <= 49
    assert "/base" == os.path.dirname(workspace_of(project, "/base").folder)


@given(st.lists(PATHS, unique=True, min_size=2, max_size=20))
def test_projects_share_no_folder(projects: list[str]) -> None:
    """Two projects never have one folder, however alike their names are."""
    assert len(projects) == len({workspace.slug_of(project) for project in projects})


@pytest.mark.parametrize(
    "project",
    ["/a/../../etc", "/x/$(touch y)", "/x/a\nb", "/x/a\r", "/x/a\n", "/x/" + "n" * 300, "/x/\udcff", "/"],
    ids=["dots", "shell", "line", "return", "line at the end", "long", "bytes", "root"],
)
def test_hostile_names_are_kept_as_they_are(tmp_path: Path, project: str) -> None:
    """The folder remembers which project it is of, to the byte."""
    where = workspace_of(project, str(tmp_path))
    where.write("a", "b\n")

    assert [where] == list(workspace.kept(str(tmp_path)))
    assert [where.folder] == [str(path) for path in tmp_path.iterdir()]


def test_files_are_the_owners_alone(where: Workspace) -> None:
    """Nobody else reads what is kept of a session."""
    where.write("token_warning.txt", "x\n")
    where.note({"at": 1.0})

    modes = {path.name: path.stat().st_mode & 0o777 for path in Path(where.folder).iterdir()}
    assert os.name == "nt" or {0o600} == set(modes.values())


needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@needs_modes
def test_the_folder_is_the_owners_alone(where: Workspace) -> None:
    """Nobody else puts anything into a workspace, however it was made."""
    os.makedirs(where.folder)
    os.chmod(where.folder, 0o777)
    where.write("a", "b\n")

    assert 0o700 == os.stat(where.folder).st_mode & 0o777


def _linked(where: Workspace) -> None:
    os.rename(where.folder, f"{where.folder}.elsewhere")
    os.symlink(f"{where.folder}.elsewhere", where.folder)


def _piped(where: Workspace) -> None:
    os.unlink(where.path("project.txt"))
    os.mkfifo(where.path("project.txt"))


@needs_modes
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda where: os.chmod(where.folder, 0o777), id="open to all"),
        pytest.param(lambda where: os.chmod(where.path("project.txt"), 0o620), id="a file of the group"),
        pytest.param(_linked, id="link"),
        pytest.param(_piped, id="pipe"),
    ],
)
def test_what_others_may_have_made_is_not_kept(where: Workspace, change: Callable[[Workspace], None]) -> None:
    """A workspace counts only where its owner alone can have put it there."""
    where.write("a", "b\n")
    change(where)

    assert [] == list(workspace.kept(os.path.dirname(where.folder)))


@needs_modes
def test_nothing_is_written_into_a_strangers_folder(where: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody else has made the folder, a link in it could lead the writing anywhere."""
    where.write("a", "b\n")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    assert [] == list(workspace.kept(os.path.dirname(where.folder)))
    with pytest.raises(UserError, match="somebody else"):
        where.write("a", "c\n")
    with pytest.raises(UserError, match="somebody else"):
        where.note({"at": 1.0})
    assert "b\n" == Path(where.path("a")).read_text(encoding="utf-8")


def test_a_folder_that_was_renamed_is_nobodys(where: Workspace, tmp_path: Path) -> None:
    """A copy of a workspace, or one under another name, is not taken for the project's."""
    where.write("a", "b\n")
    os.rename(where.folder, f"{where.folder}-copy")

    assert [] == list(workspace.kept(os.path.dirname(where.folder)))
    assert [] == list(workspace.kept(str(tmp_path / "missing")))


def test_history_forgets_its_older_half(where: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history stays within bounds and holds whole lines, the newest among them."""
    monkeypatch.setattr(workspace, "_MOST_HISTORY_BYTES", 2_000)
    for number in range(500):
        where.note({"number": number})

    path = Path(where.path(workspace.HISTORY))
    numbers = [json.loads(line)["number"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert path.stat().st_size <= 2_100
    assert list(range(numbers[0], 500)) == numbers


def test_a_workspace_is_found_by_folder_or_name(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, the name of a workspace that is kept, or nothing for this folder."""
    base, project = str(tmp_path / "base"), tmp_path / "my-app"
    project.mkdir()
    monkeypatch.chdir(project)
    here = workspace.find(app, base, "")
    here.write("a", "b\n")

    assert str(project) == here.project
    assert here == workspace.find(app, base, str(project))
    assert here == workspace.find(app, base, "my-app")
    assert here == workspace.find(app, base, os.path.basename(here.folder))


def test_a_workspace_that_cannot_be_told(app: App, tmp_path: Path) -> None:
    """An unknown name, and one that two projects have, are told to be given as a folder."""
    base = str(tmp_path)
    for each in ("/one/my-app", "/two/my-app"):
        workspace_of(each, base).write("a", "b\n")

    with pytest.raises(UserError, match="Several workspaces"):
        workspace.find(app, base, "my-app")
    with pytest.raises(UserError, match="no folder and no workspace"):
        workspace.find(app, base, "other")
