"""Tests of core/decoder.py: it reads JSON as the json package does."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.processes import PythonRunner
from tests.support.tree import LIBRARY
from tests.transcripts.samples import json_values
from watchkeeper.core.decoder import decode, decode_at


def same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


@given(json_values(), st.sampled_from([None, 2]), st.booleans())
def test_values_come_back(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Every value is read as json.loads reads it, from text and from bytes."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert same(value, decode(text))
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert same(value, decode(f" \t\r\n{text} \n".encode()))


@given(st.binary(max_size=40) | st.text(alphabet='{}[]",:0123456789.eE+-truefalsn\\u ', max_size=30).map(str.encode))
def test_what_json_refuses_is_refused(data: bytes) -> None:
    """Anything else raises what json.loads raises, a ValueError."""
    try:
        expected = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        with pytest.raises((ValueError, RecursionError)):
            decode(data)
    else:
        assert same(expected, decode(data))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_javascript_knows_is_read(word: str) -> None:
    """The numbers that are none are read as json.loads reads them."""
    value = decode(word)

    assert not math.isfinite(value)
    assert str(json.loads(word)) == str(value)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    """A text nested deeper than the interpreter can follow is refused."""
    with pytest.raises((RecursionError, ValueError)):
        decode("[" * 200_000)


def test_a_value_is_read_where_it_stands() -> None:
    """decode_at tells where a value ends, and refuses a place where none starts."""
    assert ({"a": 1}, 9) == decode_at('x {"a":1}{"b":2}', 2)
    with pytest.raises(ValueError, match="no JSON value at 0"):
        decode_at("x", 0)


def test_what_is_no_json_is_an_error_in_hooks_too(run_python: PythonRunner) -> None:
    """In a process that has not imported the json package, as a hook has not, every malformed text is a ValueError."""
    script = f"""if True:
        import sys
        sys.path.insert(0, {str(LIBRARY.parent)!r})
        from watchkeeper.core.decoder import decode
        for text in ('{{"a" 1}}', "[1,]", "{{", "nope", '"a', '"\\\\q"', "[1 2]", ""):
            try:
                decode(text)
            except ValueError:
                print("refused")
    """

    done = run_python("-I", "-S", "-c", script)

    assert (["refused"] * 8, "") == (done.stdout.splitlines(), done.stderr)


def test_the_json_package_serves_where_the_scanner_is_missing(run_python: PythonRunner) -> None:
    """On a Python without CPython's scanner, or with another one, decoding works the same."""
    script = f"""if True:
        import sys
        sys.path.insert(0, {str(LIBRARY.parent)!r})
        sys.modules["_json"] = None
        from watchkeeper.core.decoder import decode
        print(decode(b'{{"a": [1, 2.5, null, "\\\\u00e9"]}}'), "json" in sys.modules)
    """

    done = run_python("-I", "-S", "-c", script)

    assert ("{'a': [1, 2.5, None, 'é']} True", "") == (done.stdout.strip(), done.stderr)
