"""Reading JSON that somebody else has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.automation.objects import object_in, object_of, value_of

DEEP = "[" * 100_000


@pytest.mark.parametrize("text", ["", "{", DEEP, b"\xff", "nul"], ids=["empty", "torn", "deep", "bytes", "word"])
def test_what_is_no_json_is_nothing(text: str | bytes) -> None:
    """Torn, endless or no text at all: nothing is read, and nothing is raised."""
    assert (None, {}) == (value_of(text), object_of(text))


@pytest.mark.parametrize(("text", "expected"), [('{"a": 1}', {"a": 1}), ("[1]", {}), ("null", {})])
def test_only_an_object_is_one(text: str, expected: dict[str, int]) -> None:
    """Another kind of value is not taken for an object."""
    assert expected == object_of(text)


def test_a_file_that_holds_no_object(tmp_path: Path) -> None:
    """A file that is missing, torn, too long or of another kind is None, and not an empty object."""
    path = tmp_path / "a.json"
    assert object_in(str(path), 100) is None
    for text, expected in (('{"a": 1}', {"a": 1}), ("[]", None), ("{", None), ("{" + " " * 99 + "}", None)):
        path.write_text(text, encoding="utf-8")

        assert expected == object_in(str(path), 100)
