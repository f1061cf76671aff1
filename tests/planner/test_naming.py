"""Ids are short, plain, and never taken twice."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.planner.model import PlannedSession
from watchkeeper.planner.naming import id_for


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Testing", "testing", id="one word"),
        pytest.param("Fix the login bug", "fix-the-login", id="first words"),
        pytest.param("Implementation - Part 2/3", "implementation", id="a long word alone"),
        pytest.param("Naïve Façade", "naive-facade", id="accents"),
        pytest.param("日本語", "session", id="no plain letter"),
        pytest.param("../../etc/passwd", "etc-passwd", id="a path"),
        pytest.param("x" * 99, "x" * 16, id="one long word"),
        pytest.param("None", "none-2", id="a word of the options"),
        pytest.param("", "session", id="empty"),
    ],
)
def test_ids(name: str, expected: str) -> None:
    """An id is made of the first words of the name."""
    assert expected == id_for(name, ())


def test_a_taken_id_gets_a_number() -> None:
    """Sessions of the same name are told apart."""
    assert "testing-3" == id_for("Testing", {"testing", "testing-2"})


@given(names=st.lists(st.text(max_size=40), max_size=12))
def test_every_name_has_an_id(names: list[str]) -> None:
    """Whatever sessions are called, their ids differ, are plain and make a file's name."""
    taken: list[str] = []
    for name in names:
        taken.append(id_for(name, taken))

    assert len(taken) == len(set(taken))
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", each) for each in taken)
    assert taken == [PlannedSession(id=each, name="x").id for each in taken]
