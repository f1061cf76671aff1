from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.wiring import json_text

KEYS = st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
LAYOUTS: dict[str, dict[str, Any]] = {
    "two spaces": {"indent": 2},
    "tabs": {"indent": "\t"},
    "four spaces": {"indent": 4},
    "one line": {},
    "no space at all": {"separators": (",", ":")},
}


@pytest.fixture(params=[*LAYOUTS.values()], ids=[*LAYOUTS])
def layout(request: pytest.FixtureRequest) -> dict[str, Any]:
    arguments: dict[str, Any] = request.param
    return arguments


@given(settings=OBJECTS, value=VALUES, arguments=st.sampled_from(list(LAYOUTS.values())), is_ascii=st.booleans())
def test_a_member_is_added_and_removed_again(
    settings: dict[str, Any], value: Any, arguments: dict[str, Any], is_ascii: bool
) -> None:
    """An added member is there, as the last one, and its removal gives the same text back."""
    settings.pop("hooks", None)
    text = json.dumps(settings, ensure_ascii=is_ascii, **arguments) + "\n"

    added = json_text.appended(text, (), value, key="hooks")

    assert [*settings.items(), ("hooks", value)] == list(json.loads(added).items())
    assert text == json_text.removed(added, ("hooks",))


@given(items=st.lists(VALUES, max_size=4), value=VALUES, arguments=st.sampled_from(list(LAYOUTS.values())))
def test_an_element_is_added_and_removed_again(items: list[Any], value: Any, arguments: dict[str, Any]) -> None:
    """An element added to a list deep inside is its last, and its removal gives the same text back."""
    text = json.dumps({"a": {"b": items}, "c": 1}, **arguments)

    added = json_text.appended(text, ("a", "b"), value)

    assert {"a": {"b": [*items, value]}, "c": 1} == json.loads(added)
    assert text == json_text.removed(added, ("a", "b", len(items)))


@given(settings=OBJECTS.filter(bool), data=st.data(), arguments=st.sampled_from(list(LAYOUTS.values())))
def test_removing_a_member_leaves_the_others(
    settings: dict[str, Any], data: st.DataObject, arguments: dict[str, Any]
) -> None:
    """What is removed is gone; the others, and their order, stay."""
    key = data.draw(st.sampled_from(sorted(settings)))
    text = json.dumps(settings, **arguments)

    expected = [(name, value) for name, value in settings.items() if name != key]

    assert expected == list(json.loads(json_text.removed(text, (key,))).items())


def test_a_new_member_follows_the_layout(layout: dict[str, Any]) -> None:
    """A member that is added is laid out like what stands there already."""
    before: dict[str, Any] = {"model": "opus", "env": {"A": "1"}}
    after = {**before, "hooks": {"Stop": [1]}}
    if "separators" in layout:
        layout = {}

    assert json.dumps(after, **layout) == json_text.appended(
        json.dumps(before, **layout), (), {"Stop": [1]}, key="hooks"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{\n  "a" : 1.0e5,   "b":"\\u00e9\\/",\n\n  "c": [ ]\n}', id="odd spacing, numbers and escapes"),
        pytest.param('{\r\n  "a": 1\r\n}\r\n', id="lines of Windows"),
        pytest.param('\ufeff{\n  "a": 1\n}\n', id="byte order mark"),
        pytest.param('  {"a": {"x": "{[,]}"}}  ', id="brackets in strings"),
        pytest.param("{}", id="empty object"),
        pytest.param('{"a": 123456789012345678901234567890}', id="long number"),
        pytest.param('{"a": "\\ud800"}', id="lone surrogate"),
    ],
)
def test_every_other_byte_stays(text: str) -> None:
    """Whatever the text looks like, adding and removing changes nothing else in it."""
    added = json_text.appended(text, (), {"k": ["v"]}, key="hooks")

    assert {"k": ["v"]} == json_text.parsed(added)["hooks"]
    assert text == json_text.removed(added, ("hooks",))


def test_new_lines_are_of_the_same_kind() -> None:
    """A file with the line ends of Windows gets no others."""
    added = json_text.appended('{\r\n  "a": 1\r\n}\r\n', (), {"k": ["v"]}, key="hooks")

    assert added.count("\r\n") == added.count("\n")


def test_a_value_is_replaced_in_place() -> None:
    """Only the value's own text changes, and its source can be put back as it was."""
    text = '{"statusLine": {"command": "a\\u0062", "padding": 1.50}, "x": 1}'
    source = json_text.raw(text, ("statusLine", "command"))

    replaced = json_text.replaced(text, ("statusLine", "command"), '"ours"')

    assert '{"statusLine": {"command": "ours", "padding": 1.50}, "x": 1}' == replaced
    assert text == json_text.replaced(replaced, ("statusLine", "command"), source)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('{\n  // mine\n  "a": 1\n}', "has comments, which are not JSON", id="line comment"),
        pytest.param('{/* mine */ "a": 1}', "has comments, which are not JSON", id="block comment"),
        pytest.param('{"a": "//", }', "is not valid JSON (line 1, column", id="trailing comma"),
        pytest.param("", "is not valid JSON (line 1, column 1", id="empty"),
        pytest.param('{"a": NaN}', "holds NaN, which is not JSON", id="not a number"),
        pytest.param('{"a": 1, "a": 2}', 'names the key "a" twice', id="key twice"),
        pytest.param('{"a": {"b": 1, "b": 2}}', 'names the key "b" twice', id="key twice inside"),
        pytest.param('{"a": "\x01"}', "is not valid JSON (line 1, column", id="control character"),
        pytest.param("[" * 100_000, "is nested too deeply", id="nested too deeply"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(text: str, reason: str) -> None:
    """Text that the client would not read, or would read differently, is refused with the reason."""
    with pytest.raises(json_text.NotPlainJson) as refused:
        json_text.parsed(text)

    assert str(refused.value).startswith(reason)


@given(settings=OBJECTS, value=VALUES, arguments=st.sampled_from(list(LAYOUTS.values())))
def test_a_null_is_filled_and_emptied_again(settings: dict[str, Any], value: Any, arguments: dict[str, Any]) -> None:
    """A value put where a null stood stands there alone, and with the null back the text is what it was."""
    text = json.dumps({"hooks": None} | settings | {"hooks": None}, **arguments) + "\n"

    filled = json_text.put(text, ("hooks",), value)

    assert {**json.loads(text), "hooks": value} == json.loads(filled)
    assert text == json_text.replaced(filled, ("hooks",), "null")


def test_a_value_that_is_put_follows_the_layout(layout: dict[str, Any]) -> None:
    """In place of another value or as a further member, it is laid out like what stands around it."""
    before: dict[str, Any] = {"model": "opus", "hooks": {"Stop": None}}
    after = {"model": "opus", "hooks": {"Stop": [1], "PreCompact": [2]}}
    if "separators" in layout:
        layout = {}

    put = json_text.put(json.dumps(before, **layout), ("hooks", "Stop"), [1])

    assert json.dumps(after, **layout) == json_text.put(put, ("hooks", "PreCompact"), [2])
