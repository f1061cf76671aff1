"""Tests of core/payload.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.environment import User
from watchkeeper.core import paths, payload


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        pytest.param("95847ad0-d7c5-45bb-aa00-1664be934fc7", "95847ad0-d7c5-45bb-aa00-1664be934fc7", id="a session"),
        pytest.param("toolu_01AbC", "toolu_01AbC", id="a tool call"),
        pytest.param("../../etc/passwd", "", id="a path"),
        pytest.param("a b", "", id="a space"),
        pytest.param("x" * 129, "", id="too long"),
        pytest.param("\ud800", "", id="a lone surrogate"),
        pytest.param(7, "", id="a number"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_an_id_is_an_id_or_nothing(value: object, identifier: str) -> None:
    """Only letters, digits and a few signs make an id."""
    assert identifier == payload.identifier(value)


@given(st.binary())
def test_no_bytes_break_parsing(data: bytes) -> None:
    """Any bytes are an event or none."""
    payload.parse(data, "Stop")


def test_only_regular_files_among_the_transcripts_are_read(home: User, tmp_path: Path) -> None:
    """A transcript lies below projects/, ends in .jsonl and is a regular file."""
    where = paths.paths_in(str(home.config), home.environ)
    inside = home.config / "projects" / "-p" / "s.jsonl"
    inside.parent.mkdir(parents=True)
    inside.write_text("")
    outside = tmp_path / "s.jsonl"
    outside.write_text("")
    folder = home.config / "projects" / "-p" / "folder.jsonl"
    folder.mkdir()

    verdicts = [
        payload.is_transcript(path, where)
        for path in (
            str(inside),
            str(outside),
            str(folder),
            str(inside.parent / ".." / ".." / ".." / ".." / "s.jsonl"),
            str(inside.with_suffix(".txt")),
            "",
        )
    ]

    assert [True, False, False, False, False, False] == verdicts


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_is_no_transcript(home: User) -> None:
    """A FIFO that would hold a hook up for ever is not opened."""
    pipe = home.config / "projects" / "s.jsonl"
    pipe.parent.mkdir()
    os.mkfifo(pipe)

    assert not payload.is_transcript(str(pipe), paths.paths_in(str(home.config), home.environ))
