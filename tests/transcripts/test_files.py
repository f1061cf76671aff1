"""Tests of transcripts/files.py: every transcript is found, wherever the client keeps it and whatever lies beside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from watchkeeper.transcripts import files
from watchkeeper.transcripts.files import Transcript

PLACES = {
    "-home-dev/0f0e.jsonl": ("0f0e", False),
    "-home-dev/agent-77.jsonl": ("agent-77", True),
    "-home-dev/0f0e/subagents/agent-a1.jsonl": ("0f0e", True),
    "-home-dev/0f0e/subagents/workflows/w1/agent-a2.jsonl": ("0f0e", True),
    "-home-dev/0f0e/deeper/by/far/x.jsonl": ("0f0e", True),
    "loose.jsonl": ("loose", False),
}


def written(folder: Path, name: str, at: float = 1.0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"{}\n")
    os.utime(path, (at, at))
    return path


@pytest.mark.parametrize(("name", "expected"), PLACES.items(), ids=PLACES)
def test_each_place_says_whose_a_transcript_is(tmp_path: Path, name: str, expected: tuple[str, bool]) -> None:
    """The path says which session a transcript belongs to, and whether it is a sub-agent's."""
    path = written(tmp_path, name)
    (found,) = files.find(str(tmp_path))

    assert expected == (found.session_id, found.is_agent)
    assert (str(path), 3, 10**9) == (found.path, found.size, found.modified_ns)
    assert os.stat(path).st_ino == found.inode


def test_the_longest_untouched_comes_first(tmp_path: Path) -> None:
    """Transcripts are in the order of their last change, so that an original is before its copy."""
    for at, name in ((3.0, "a/3.jsonl"), (1.0, "b/1/subagents/agent-1.jsonl"), (2.0, "a/2.jsonl")):
        written(tmp_path, name, at)

    assert [1, 2, 3] == [each.modified_ns // 10**9 for each in files.find(str(tmp_path))]


def test_other_files_are_none(tmp_path: Path) -> None:
    """Only regular files whose name ends as a transcript's are transcripts; a folder of that name is looked into."""
    written(tmp_path, "p/notes.txt")
    written(tmp_path, "p/s.jsonl.bak")
    inside = written(tmp_path, "p/folder.jsonl/s.jsonl")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "p" / "pipe.jsonl")

    assert [str(inside)] == [each.path for each in files.find(str(tmp_path))]


def test_no_projects_are_no_error(tmp_path: Path) -> None:
    """Where the client has never run there is nothing."""
    assert [] == files.find(str(tmp_path / "absent"))
    assert [] == files.find(str(written(tmp_path, "a file")))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_of_projects_are_followed_and_loops_end(tmp_path: Path) -> None:
    """A linked project is read once however many links lead to it, and a dead or circular one is left out."""
    projects = tmp_path / "projects"
    written(projects, "p/s.jsonl")
    written(tmp_path / "elsewhere", "t.jsonl")
    (projects / "linked").symlink_to(tmp_path / "elsewhere")
    (projects / "again").symlink_to(tmp_path / "elsewhere")
    (projects / "p" / "loop").symlink_to(projects)
    (projects / "p" / "dead.jsonl").symlink_to(tmp_path / "absent")
    (projects / "p" / "self.jsonl").symlink_to(projects / "p" / "self.jsonl")

    assert ["s.jsonl", "t.jsonl"] == sorted(os.path.basename(each.path) for each in files.find(str(projects)))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_lead_to_no_other_files(tmp_path: Path) -> None:
    """A link below a project, or one to a folder that holds the transcripts, does not open the rest of the disk."""
    projects = tmp_path / "projects"
    written(projects, "p/s.jsonl")
    written(tmp_path / "elsewhere", "t.jsonl")
    (projects / "p" / "out").symlink_to(tmp_path / "elsewhere")
    (projects / "above").symlink_to(tmp_path)
    (projects / "root").symlink_to("/")

    assert ["s.jsonl"] == [os.path.basename(each.path) for each in files.find(str(projects))]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_hostile_names_can_be_stored(tmp_path: Path) -> None:
    """A name that is no valid text is found, and its key can be stored."""
    folder = os.fsencode(tmp_path / "p")
    os.mkdir(folder)
    for name in (b"\xff\xfe.jsonl", b"new\nline.jsonl", "ünïcode.jsonl".encode(), b"'; DROP TABLE responses;--.jsonl"):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"{}\n")
    found = files.find(str(tmp_path))

    assert 4 == len({each.key for each in found})
    for each in found:
        each.key.encode()
        each.session_id.encode()
        assert os.path.exists(each.path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_what_may_not_be_read_is_left_out(bound_folder: Path) -> None:
    """A folder without permission hides what is in it, and nothing else."""
    written(bound_folder, "closed/s.jsonl")
    written(bound_folder, "open/t.jsonl")
    (bound_folder / "closed").chmod(0)
    found = files.find(str(bound_folder))
    (bound_folder / "closed").chmod(0o700)

    assert ["t"] == [each.session_id for each in found]


def test_a_known_path_is_looked_up(tmp_path: Path) -> None:
    """A path that the ledger knows is a transcript as long as a file is there."""
    path = str(written(tmp_path, "s.jsonl"))
    expected = Transcript(path, path, "s1", False, os.stat(path).st_ino, 3, 10**9)

    assert expected == files.at(path, "s1")
    assert [None, None, None] == [files.at(key, "s1") for key in (path + "x", str(tmp_path), "\0")]
