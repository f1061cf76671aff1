from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.wiring import shell_words

WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=1, max_size=4)


@given(words=WORDS)
def test_whatever_is_quoted_is_read_back(words: list[str]) -> None:
    """A command line with each word quoted is one plain command of these words."""
    assert words == shell_words.of(f" {shlex.join(words)}\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("~/bin/line --fancy", ["~/bin/line", "--fancy"]),
        ("\"/a b\"/c 'd e' $HOME", ["/a b/c", "d e", "$HOME"]),
        ("a\\ b '|' \";&\"", ["a b", "|", ";&"]),
    ],
)
def test_a_plain_command(line: str, words: list[str]) -> None:
    """Quotes and escapes of any kind are understood."""
    assert words == shell_words.of(line)


MORE = ["a; b", "a|b", "a && b", "a &", "a >b", "a <b", "(a)", "a $(b)", "a `b`", 'a "$(b)"', 'a "`b`"', "a\nb", "a #b"]
OPEN = ["a 'b", 'a "b']


@pytest.mark.parametrize("line", ["", *MORE, *OPEN])
def test_more_than_a_plain_command(line: str) -> None:
    """Lists, pipes, redirections, substitutions, comments and open quotes are none that could be taken apart."""
    assert [] == shell_words.of(line)


def test_roughly() -> None:
    """In any text at all there are words to look at."""
    assert ["a b", "c;"] == shell_words.roughly("'a b' c;")
    assert ["no", "'end"] == shell_words.roughly("no 'end")
