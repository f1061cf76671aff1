"""Views as JSON: times with an offset, nothing unknown but null, nothing raw that a terminal would obey."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.render import json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=True),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.floats(0, 4e9))
def test_times_survive_a_round_trip_to_the_second(at: float) -> None:
    """A time as ISO 8601 names the second it was."""
    assert int(at) == datetime.fromisoformat(json_text.iso(at)).timestamp()


def test_times_carry_the_local_offset(time_zone: Callable[[str], None]) -> None:
    """Moments are told in the user's zone."""
    time_zone("Europe/Berlin")

    assert "2026-11-20T13:00:00+01:00" == json_text.iso(1_795_176_000.0)


@pytest.mark.parametrize("variable", ["XYZ-99", "XYZ+24", "XYZ-167:59:59"])
def test_a_zone_a_day_or_more_from_utc_is_told_in_utc(variable: str, time_zone: Callable[[str], None]) -> None:
    """The variable TZ allows what ISO 8601 cannot say: the moment is told all the same."""
    time_zone(variable)

    assert "2026-11-20T12:00:00+00:00" == json_text.iso(1_795_176_000.0)


@given(VALUES)
def test_any_view_is_json_and_printable(value: Any) -> None:
    """Whatever a view holds, the text parses and holds no character that a terminal would obey."""
    text = json_text.of({"value": value})

    assert "value" in json.loads(text)
    assert text.replace("\n", "").isprintable()


def test_foreign_text_comes_back_as_it_was() -> None:
    """Escaping changes the spelling, not the value."""
    hostile = "\x1b]0;pwned\x07 é 漢 \u202e \x9b31m"

    assert hostile == json.loads(json_text.of({"cwd": hostile}))["cwd"]


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_no_number_is_null(value: float) -> None:
    """JSON knows no infinity."""
    assert {"until_at": None} == json.loads(json_text.of({"until_at": value}))


def test_names_of_moments() -> None:
    """`at` and `*_at` are moments, `now_at` is called now; other numbers stay numbers."""
    view = {"now_at": 0, "booking": {"at": 60.0}, "age_s": 60.0, "weights": [1.00004999]}

    parsed = json.loads(json_text.of(view))

    assert {"now", "booking", "age_s", "weights"} == set(parsed)
    assert 60 == datetime.fromisoformat(parsed["booking"]["at"]).timestamp()
    assert (60.0, [1.0]) == (parsed["age_s"], parsed["weights"])
