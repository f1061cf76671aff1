"""Notices as terminal sequences: no text can make them do anything else."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.core.notice_sequence import notice_sequence, osc_9, osc_777, plain


def test_osc_9() -> None:
    """iTerm2's sequence has title and body in one text."""
    assert "\x1b]9;Watchkeeper: 80% used\x07" == osc_9("Watchkeeper", "80% used")


def test_osc_777() -> None:
    """rxvt's sequence has them apart, and no semicolon of theirs divides it."""
    assert "\x1b]777;notify;Watch, keeper;80% used, 1h left\x07" == osc_777("Watch; keeper", "80% used; 1h left")


def test_number_in_front_is_no_progress_bar() -> None:
    """A text that begins with a number would be another command of OSC 9."""
    assert not osc_9("", "4;1;50")[4:].startswith("4")


def test_the_terminal_decides() -> None:
    """VTE, rxvt and foot are given OSC 777, others OSC 9."""
    assert notice_sequence("a", "b", {"VTE_VERSION": "7600"}) == osc_777("a", "b")
    assert notice_sequence("a", "b", {"TERM": "foot-extra"}) == osc_777("a", "b")
    assert notice_sequence("a", "b", {"TERM": "xterm-256color"}) == notice_sequence("a", "b") == osc_9("a", "b")


@given(st.text(), st.text(), st.sampled_from([{}, {"VTE_VERSION": "1"}]))
def test_text_stays_text(title: str, body: str, environ: dict[str, str]) -> None:
    """There is one sequence with one end, whatever the text, and it can be written as UTF-8."""
    sequence = notice_sequence(title, body, environ)

    inside = sequence[2:-1]
    assert sequence.startswith("\x1b]")
    assert sequence.endswith("\x07")
    assert all(unicodedata.category(character) not in {"Cc", "Cs"} for character in inside)
    assert sequence.encode("utf-8")


@given(st.text(max_size=2000))
def test_plain_text_is_short_and_on_one_line(text: str) -> None:
    """A notice has one line of bounded length, and is plain already the second time."""
    once = plain(text)

    assert len(once) <= 240
    assert once.splitlines() in ([], [once])
    assert once == plain(once)
