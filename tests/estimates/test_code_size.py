"""The size of a project is counted by git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper.estimates import code_size


def git(folder: Path, user: User, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=user.environ, check=True, capture_output=True)


def test_source_lines_of_tracked_files(real_processes: User, tmp_path: Path) -> None:
    """Source files count, untracked, foreign, binary and other files do not."""
    project = tmp_path / "project"
    (project / "vendor").mkdir(parents=True)
    files = {"a.py": "x\n" * 5, "b c.ts": "y\n\nz", "vendor/v.py": "v\n" * 9, "data.json": "{}\n", "pic.py": "\0\n" * 4}
    for name, text in files.items():
        (project / name).write_text(text, encoding="utf-8")
    git(project, real_processes, "init", "-q")
    git(project, real_processes, "add", ".")
    (project / "new.py").write_text("n\n" * 7, encoding="utf-8")

    assert 8 == code_size.lines_of_code(str(project))


def test_without_git(tmp_path: Path) -> None:
    """Without a repository the size is not known."""
    assert code_size.lines_of_code(str(tmp_path)) is None
    assert code_size.lines_of_code("") is None


@pytest.mark.parametrize(("counted", "total"), [("", 0), ("a\x005\nb\x007\n", 12), ("a\nb\x005\n", 5), ("a\x00x\n", 0)])
def test_total(counted: str, total: int) -> None:
    """The numbers behind the zeros add up, whatever files are called."""
    assert total == code_size.total_of(counted)
