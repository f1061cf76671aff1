"""The files of launchd's agents, read back."""

from __future__ import annotations

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile import HOSTILE, NOT_UTF8
from watchkeeper.adapters import launchctl
from watchkeeper.adapters.program import UnfitProgram


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))), st.sampled_from(HOSTILE))
def test_property_list_reads_back(words: list[str], value: str) -> None:
    """Whatever the words are, the file is read back to them, in XML or where that cannot hold them in binary."""
    read = plistlib.loads(launchctl.agent("x", ["/opt/python", *words], {"A": value}))

    assert ["/opt/python", *words] == read["ProgramArguments"]
    assert value == read["EnvironmentVariables"]["A"]


@pytest.mark.parametrize(("argv", "value"), [(["/bin/x", NOT_UTF8], ""), (["/bin/x"], NOT_UTF8)], ids=["word", "value"])
def test_property_list_takes_no_broken_text(argv: list[str], value: str) -> None:
    """A path that macOS cannot have is refused."""
    with pytest.raises(UnfitProgram, match="UTF-8"):
        launchctl.agent("x", argv, {"A": value})
