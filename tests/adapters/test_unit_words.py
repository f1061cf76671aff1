"""Words in a unit file, read back by the rules of systemd.syntax(7)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile import NOT_UTF8
from watchkeeper.adapters import unit_words
from watchkeeper.adapters.program import UnfitProgram


def test_unit_takes_no_broken_text() -> None:
    """systemd reads UTF-8 only: what is not is refused, since systemd would leave the line out."""
    with pytest.raises(UnfitProgram, match="UTF-8"):
        unit_words.quoted(NOT_UTF8)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_unit_words_read_back(word: str) -> None:
    """A word is read back as it was by the rules of systemd.syntax(7)."""
    quoted = unit_words.quoted(word)
    escapes = {"\\\\": b"\\", '\\"': b'"', "%%": b"%"}
    read = b"".join(
        escapes.get(each) or (bytes.fromhex(each[2:]) if each.startswith("\\x") else each.encode())
        for each in re.findall(r'\\x..|\\.|%.|[^\\%"]', quoted[1:-1], re.DOTALL)
    )

    assert '"' == quoted[0] == quoted[-1]
    assert word.encode() == read
    assert quoted.isprintable()


def test_only_the_command_doubles_a_dollar() -> None:
    """A service's command would have variables replaced in it, and a variable's value would not."""
    assert 'Environment="A=$b"\nExecStart="/bin/x" "$$b"' == unit_words.execution(["/bin/x", "$b"], {"A": "$b"})
