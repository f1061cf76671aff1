"""What is wanted is read leniently, and refused in a sentence that says what to write."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import UserError
from watchkeeper.planner.wanted import checked


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"tokens": "45k"}, {"estimated_tokens": 45_000}),
        ({"tokens": "~45,000 tokens"}, {"estimated_tokens": 45_000}),
        ({"estimated_tokens": 45_000}, {"estimated_tokens": 45_000}),
        ({"tokens": "15-20k"}, {"low_tokens": 15_000, "estimated_tokens": 17_500, "high_tokens": 20_000}),
        ({"tokens": "8k to 12k"}, {"low_tokens": 8_000, "estimated_tokens": 10_000, "high_tokens": 12_000}),
        ({"tokens": None}, {"estimated_tokens": None}),
        ({"hours": "1.5"}, {"hours": 1.5}),
        ({"hours": "90m"}, {"hours": 1.5}),
        ({"hours": "3h"}, {"hours": 3.0}),
        ({"hours": 4}, {"hours": 4.0}),
        ({"priority": "HIGH"}, {"priority": "high"}),
        ({"priority": "medium"}, {"priority": "normal"}),
        ({"priority": 1}, {"priority": "critical"}),
        ({"priority": "4"}, {"priority": "low"}),
        ({"priority": None}, {"priority": "normal"}),
        ({"objective": "one"}, {"objectives": ("one",)}),
        ({"objectives": ["one", " ", "two\nlines"]}, {"objectives": ("one", "two lines")}),
        ({"after": "first"}, {"after": ("first",)}),
        ({"title": "Other"}, {"name": "Other"}),
        ({"name": "a\x1b[31mred\x1b[0m\x07\nname"}, {"name": "ared name"}),
    ],
    ids=repr,
)
def test_what_is_understood(told: dict[str, Any], expected: dict[str, Any]) -> None:
    """Numbers, ranges, hours and words are taken as people write them."""
    wanted = checked({"name": "x", **told})

    assert expected == {name: getattr(wanted, name) for name in expected}


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            {"tokens": True},
            "tokens must be a whole number of tokens from 1 to 100,000,000 such as 45000 or 45k, not true.",
        ),
        (
            {"hours": True},
            "hours must be more than 0 and at most 5, the length of a window (split longer work), not true.",
        ),
        ({"tokens": -5}, "tokens must be a whole number of tokens from 1 to 100,000,000 such as 45000 or 45k, not -5."),
        ({"tokens": 0}, "tokens must be a whole number"),
        ({"tokens": "lots"}, 'not "lots"'),
        ({"tokens": 10**12}, "tokens must be a whole number of tokens from 1 to 100,000,000"),
        ({"tokens": "20k-15k"}, "low_tokens must be at most estimated_tokens"),
        ({"low_tokens": 5}, "low_tokens and high_tokens belong together"),
        ({"hours": 6}, "hours must be more than 0 and at most 5, the length of a window (split longer work), not 6."),
        ({"hours": 0}, "hours must be more than 0"),
        ({"hours": "nan"}, "hours must be more than 0"),
        ({"hours": "a while"}, 'not "a while"'),
        ({"priority": "soon"}, 'priority must be critical, high, normal or low, not "soon".'),
        ({"priority": 9}, "priority must be critical"),
        ({"name": ""}, "name must be a line of at most 120 characters that is not empty"),
        ({"name": "\x1b[2J\x07"}, "name must be a line"),
        ({"name": "x" * 121}, "name must be a line of at most 120"),
        ({"objectives": ["x" * 501]}, "an objective must be at most 500 characters long."),
        ({"objectives": ["x"] * 51}, "objective must be a text, or a list of at most 50"),
        ({"objectives": [["x"]]}, "objective must be a text"),
        ({"id": "../x"}, 'id must be lower-case letters, digits and single hyphens, not "../x".'),
        ({"after": [5]}, "after must be ids of other sessions"),
        ({"after": ["x"] * 51}, "a session can wait for at most 50 others"),
        ({"prority": "high"}, "prority is no key of a session; did you mean priority?"),
        ({"zzzzz": "high"}, "zzzzz is no key of a session; the keys are id, name"),
        ({"na\ud800me": "x"}, "na?me is no key of a session; did you mean name?"),
    ],
    ids=repr,
)
def test_what_is_refused(told: dict[str, Any], sentence: str) -> None:
    """One sentence names what must stand there, and what stood there."""
    with pytest.raises(UserError) as refused:
        checked({"name": "x", **told})

    assert sentence in str(refused.value)
    assert str(refused.value).isprintable()


def test_one_among_several_is_named() -> None:
    """In a list it is said which one is meant."""
    with pytest.raises(UserError, match=r"^Session 3: hours must be"):
        checked({"name": "x", "hours": -1}, "Session 3")


def test_what_was_not_said_is_known() -> None:
    """An edit changes only what was given."""
    assert {"hours", "objectives"} == checked({"hours": 3, "objective": "x"}).model_fields_set


@given(
    told=st.dictionaries(
        st.sampled_from(
            ["name", "tokens", "hours", "priority", "objectives", "after", "at", "id", "agent", "\x1b", "project"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
            max_leaves=3,
        ),
    )
)
def test_nothing_else_comes_of_nonsense(told: dict[str, Any]) -> None:
    """Any JSON is either taken, or refused in a sentence."""
    with contextlib.suppress(UserError):
        checked(told)
