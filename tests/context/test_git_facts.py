"""What git says is read from its answers, and asked for in a way that runs nothing of the repository's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper.context import git_facts
from watchkeeper.context.git_facts import GitFacts


@pytest.mark.parametrize(
    ("status", "commit", "expected"),
    [
        pytest.param(
            "## main...origin/main [ahead 1]\0 M a.py\0?? b c.py\0",
            "1a2b3c Fix it\n",
            GitFacts("main", "1a2b3c Fix it", ("a.py", "b c.py")),
            id="a branch with changes",
        ),
        pytest.param("## No commits yet on main\0", "", GitFacts("main", "", ()), id="no commit yet"),
        pytest.param("## HEAD (no branch)\0", "1a Fix", GitFacts("HEAD (no branch)", "1a Fix", ()), id="no branch"),
        pytest.param("## main\0R  new.py\0old.py\0A  x\0", "", GitFacts("main", "", ("new.py", "x")), id="renamed"),
        pytest.param("## m\0?? a\n\x1b[2Jb\0", "", GitFacts("m", "", ("a b",)), id="a hostile name"),
        pytest.param("", "", GitFacts("", "", ()), id="nothing"),
    ],
)
def test_answers(status: str, commit: str, expected: GitFacts) -> None:
    """Branch, commit and changed files, each on one line."""
    assert expected == git_facts.facts(status, commit)


def test_a_repository(real_processes: User) -> None:
    """The real git's answers are understood, and a repository's own monitor is not started."""
    folder = real_processes.home / "work"
    folder.mkdir()
    started = real_processes.home / "started"
    monitor = real_processes.home / "monitor.sh"
    monitor.write_text(f"#!/bin/sh\ntouch {started}\n", encoding="utf-8")
    monitor.chmod(0o700)
    for arguments in (["init", "-q", "-b", "trunk"], ["config", "core.fsmonitor", str(monitor)]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    (folder / "a.py").write_text("x = 1\n", encoding="utf-8")

    assert GitFacts("trunk", "", ("a.py",)) == git_facts.read(str(folder))
    assert not started.exists()


def test_no_repository(real_processes: User, tmp_path: Path) -> None:
    """Outside of one, and in a folder that is gone, there are no facts and no error."""
    assert git_facts.read(str(real_processes.home)) is None
    assert git_facts.read(str(tmp_path / "gone")) is None
