"""What words on a command line can mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config.file import all_values
from watchkeeper.config.model import options
from watchkeeper.config.problems import SettingsError
from watchkeeper.config.words import candidates, nested, value_of


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["on"], True),
        (["No"], False),
        (["200_000"], 200_000),
        (["2.5"], 2.5),
        (["[50, 80]"], [50, 80]),
        (['"50"'], "50"),
        (["basic"], "basic"),
        (["50", "80"], [50, 80]),
        (["a b", "c"], ["a b", "c"]),
        ([], []),
    ],
    ids=str,
)
def test_most_special_reading_comes_first(words: list[str], first: object) -> None:
    """Switches, numbers and TOML are tried before plain text."""
    assert first == next(candidates(words))


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_plain_text_is_always_a_reading(words: list[str]) -> None:
    """Whatever is written can be meant as it stands, and as a list."""
    readings = list(candidates(words))

    assert " ".join(words) in [each for each in readings if isinstance(each, str)]
    assert words in [each for each in readings if isinstance(each, list)]


def value_or_refusal(words: list[str], option: str) -> tuple[object, str]:
    try:
        return value_of(words, option, {}), ""
    except SettingsError as refusal:
        return None, str(refusal)


@given(st.lists(st.text(max_size=12), max_size=3), st.sampled_from(sorted(options())))
def test_any_words_are_taken_or_refused(words: list[str], option: str) -> None:
    """Whatever is typed, the option gets a value that it can have, or a sentence that names it says why not."""
    value, refusal = value_or_refusal(words, option)

    assert option in refusal or value == all_values(nested(option, value))[option]
