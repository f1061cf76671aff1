"""Tests of git.py."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.handoff.repository import GitFolder
from tests.support.environment import User
from watchkeeper import git


@pytest.fixture
def repository(real_processes: User, tmp_path: Path) -> GitFolder:
    return GitFolder(tmp_path / "proj")


def test_branch_commit_and_changes(repository: GitFolder) -> None:
    """Branch, last commit and what is not committed are told, files of any name among it."""
    head = repository.git("rev-parse", "HEAD")
    repository.write("README", "changed\n")
    repository.write("docs/ü b.txt", "new\n")

    seen = git.look(str(repository.path))

    assert seen is not None
    assert ("main", head, "First") == seen[:3]
    assert ("README", "docs/") == seen.changed
    assert seen.fingerprint


def test_a_clean_tree_has_no_fingerprint(repository: GitFolder) -> None:
    """Where all is committed there is nothing to compare."""
    seen = git.look(str(repository.path))

    assert seen is not None
    assert ((), "") == (seen.changed, seen.fingerprint)


def test_the_fingerprint_follows_the_content(repository: GitFolder) -> None:
    """Other changes have another fingerprint, the same changes have the same one again."""
    prints = []
    for text in ("one\n", "two\n", "one\n"):
        repository.write("README", text)
        seen = git.look(str(repository.path))
        assert seen is not None
        prints.append(seen.fingerprint)

    assert prints[0] == prints[2] != prints[1]


def test_looking_writes_nothing(repository: GitFolder) -> None:
    """Looking leaves the repository as it is, its index included."""
    repository.write("README", "changed\n")
    before = (repository.path / ".git" / "index").read_bytes()

    git.look(str(repository.path))

    assert before == (repository.path / ".git" / "index").read_bytes()


def test_a_repository_runs_nothing(repository: GitFolder) -> None:
    """A program that a repository's configuration names is not run."""
    trace = repository.path / "trace"
    repository.git("config", "core.fsmonitor", f"touch {trace}; false")

    git.look(str(repository.path))

    assert not trace.exists()


def test_no_repository(tmp_path: Path) -> None:
    """A folder without a repository, or one that is gone, has no state."""
    assert git.look(str(tmp_path)) is None
    assert git.look(str(tmp_path / "gone")) is None
    assert git.look("") is None
    assert git.look(str(tmp_path) + "\0") is None


def test_a_broken_repository(real_processes: User, tmp_path: Path) -> None:
    """What git cannot read is unknown."""
    (tmp_path / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")

    assert git.look(str(tmp_path)) is None


def test_a_folder_inside(repository: GitFolder) -> None:
    """From a folder below the top level all that is not committed is told, from the top level on."""
    repository.write("docs/a b.txt", "new\n")
    repository.write("README", "changed\n")

    seen = git.look(str(repository.path / "docs"), reads_files=False)

    assert seen is not None
    assert (("README", "docs/"), "") == (seen.changed, seen.fingerprint)


def test_before_the_first_commit(real_processes: User, tmp_path: Path) -> None:
    """A repository without a commit has a branch and what waits to be committed."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=trunk"], cwd=tmp_path, check=True)
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")

    seen = git.look(str(tmp_path))

    assert seen is not None
    assert ("trunk", "", "", ("a.py",)) == seen[:4]


def test_commits_since(repository: GitFolder) -> None:
    """The subjects of later commits come oldest first."""
    repository.write("a", "a")
    repository.commit("Second")
    repository.write("b", "b")
    repository.commit("Third")

    assert ["First", "Second", "Third"] == git.commits_since(str(repository.path), 0, 10)
    assert [] == git.commits_since(str(repository.path), 4e9, 10)


def test_states_that_git_reports() -> None:
    """Detached heads, repositories without a commit, renamed and conflicting files are read; escapes end inert."""
    status = "# branch.oid (initial)\0# branch.head (detached)\0u UU N... 1 2 3 4 a b c x\x1b[31my.txt\0? new file\0"

    seen = git.repository_of(status, "/nowhere", "subject")

    assert ("", "", "", ("x[31my.txt", "new file")) == seen[:4]
