"""What no system may be asked to run, and how a person is told of what it runs."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.adapters.program import check, plain_line

ROOT = os.path.abspath(os.sep)
PROGRAM = os.path.join(ROOT, "opt", "python")


@pytest.mark.parametrize(
    ("argv", "environment", "folder", "said"),
    [
        ((), {}, ROOT, "a job needs absolute paths"),
        (("python",), {}, ROOT, "a job needs absolute paths"),
        ((PROGRAM,), {}, "here", "a job needs absolute paths"),
        ((PROGRAM,), {"A=B": ""}, ROOT, "a job cannot have variables called A=B"),
        ((PROGRAM,), {"": None}, ROOT, "a job cannot have variables"),
        ((PROGRAM, "\0"), {}, ROOT, "a job holds no NUL"),
        ((PROGRAM,), {"A": "\0"}, ROOT, "a job holds no NUL"),
        ((PROGRAM,), {}, ROOT + "\0", "a job holds no NUL"),
    ],
    ids=["nothing", "no path", "folder", "name", "no name", "word", "value", "folder's NUL"],
)
def test_refused(argv: tuple[str, ...], environment: dict[str, str | None], folder: str, said: str) -> None:
    """Each thing that no system takes is named."""
    with pytest.raises(ValueError, match=re.escape(said)):
        check("a job", argv, environment, folder)


def test_taken() -> None:
    """Any text is a word, and a variable may be one that is taken away."""
    check("a job", (PROGRAM, "", "\n", "$(id)"), {"_A1": "\n", "B": None}, ROOT)


def test_label_is_one_harmless_line() -> None:
    """What a person is shown holds nothing that any of the formats could take for more."""
    assert "Next session: it s 100 id" == plain_line("Next\nsession: it's\t100% $(id)\x00;`'\"")


@given(st.text())
def test_any_label_is_plain(label: str) -> None:
    """Letters, digits and four signs are left, with single spaces between words."""
    assert all(each.isalnum() or each in " .,:-" for each in plain_line(label))
    assert " ".join(plain_line(label).split()) == plain_line(label)
