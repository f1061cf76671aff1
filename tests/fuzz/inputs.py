"""What readers are fed: a sound document with a few things wrong in it, and now and then noise.

An input is drawn as a list of edits, so that what fails is shown as the fewest and simplest of them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

DEEP = 3_000
_NESTED: list[Any] = []
for _ in range(200):
    _NESTED = [_NESTED]

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**12, 10**20, 10**400, -(10**400), 1_795_200_000_000),
    *(0.5, -0.0, 1e-320, 1e17, 1e308, float("nan"), float("inf"), float("-inf")),
    *("", " ", "\0", "\n", "\r\n", "\ud800", "\udc80", "\u202e", "\u2028", "\ufeff", "\x1b]0;x\x07", "\x1b[2J", "\x9b"),
    *("9" * 5_000, "-1", "1e999", "NaN", "true", "٣", "１", "0x10", "1_000", "é" * 300, "\U0010ffff", "İ", "ß"),
    *("../../x", "/etc/passwd", "~", "$(id)", "-rf", "a/b", "CON", "x" * 10_000, "@", "--", "`id`", "|", "---", "#"),
    *("2026-11-20T25:61:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "reset+9" + "9" * 40),
    *([], {}, [[]], [None], [{}], {"": None}, ["x"] * 300, {"type": "x"}, [1, "a", None], _NESTED),
)
"""Values that stand where another one should."""

_TEXT_PIECES = (
    *(b"\0", b"\xff", b"\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\x1b[31m", b"\x1b]"),
    *("\u2028".encode(), "\x85".encode(), "\u202e".encode(), "\u200d".encode(), "\u0130".encode(), "٣".encode()),
    *(b"\r", b"\n", b"\r\n", b"\t", b"\f", b"\v", b" " * 400, b"\n" * 400),
    *(
        b'"',
        b"'",
        b"\\",
        b"`",
        b"```\n",
        b"---\n",
        b"# ",
        b"## ",
        b"- ",
        b"> ",
        b"|",
        b":",
        b"=",
        b",",
        b"<!--",
        b"-->",
    ),
    *(b"[", b"]", b"{", b"}", b"[[", b"(", b"0", b"-", b".", b"e9", b"null", b"NaN", b"-Infinity", b"1e999"),
    *(b"9" * 5_000, b"[" * DEEP, b"{" * DEEP, b'{"a":' * DEEP, b"a." * DEEP + b"a", b"[a](" * 200, b"*" * 999),
    *(b"1," * 500, b"\\ud800", b"\x9b"),
)
_PLACES = 1 << 16
# What is longer is fed once and for all, in test_sizes.py.
_LONGEST = 1 << 16


class Edit(NamedTuple):
    """What is done, where in the document (a share of 2^16), and a number that says with what."""

    what: str
    where: int
    how: int


_OF_VALUES = ("odd", "drop", "repeat", "wrap", "rename", "other", "swap")
_OF_TEXT = ("flip", "cut", "behead", "put", "copy", "take", "many", "line", "twice", "gone", "digits", "word", "whole")


def edits(kinds: Sequence[str], most: int = 4) -> st.SearchStrategy[list[Edit]]:
    """Some edits of these kinds."""
    edit = st.builds(Edit, st.sampled_from(kinds), st.integers(0, _PLACES - 1), st.integers(0, 255))
    return st.lists(edit, max_size=most)


noise = st.binary(max_size=200)


def documents(*samples: bytes) -> st.SearchStrategy[bytes]:
    """Bytes like one of the samples, in which some things are wrong."""
    return st.builds(_edited, st.sampled_from(samples), edits(_OF_TEXT)) | noise


def values(*samples: Any) -> st.SearchStrategy[Any]:
    """JSON values like one of the samples, in which parts are something else, or gone, or there too often."""
    return st.builds(_changed, st.sampled_from(samples), edits(_OF_VALUES)) | st.sampled_from(ODD)


def json_texts(*samples: Any) -> st.SearchStrategy[bytes]:
    """What a reader of JSON like the samples may find: other values, spoiled bytes, both."""
    return (
        st.builds(_edited, values(*samples).map(encoded), edits(_OF_TEXT, 2))
        | st.builds(_with_a_key_twice, st.sampled_from(samples), st.integers(0, _PLACES - 1))
        | noise
    )


def json_lines(samples: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """What a reader of JSON lines may find: records that changed, in lines that were spoiled."""
    place = st.integers(0, len(samples) - 1)
    changes = st.lists(st.tuples(place, edits(_OF_VALUES, 3)), max_size=3)
    return st.builds(_edited, st.builds(lambda made: _lines(samples, made), changes), edits(_OF_TEXT, 3))


def encoded(value: Any) -> bytes:
    """A value as JSON text, also what JSON cannot say."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _lines(samples: Sequence[Any], changes: Sequence[tuple[int, list[Edit]]]) -> bytes:
    changed = dict(enumerate(samples))
    changed.update((place, _changed(samples[place], how)) for place, how in changes)
    return b"".join(encoded(record) + b"\n" for record in changed.values())


def _with_a_key_twice(sample: Any, where: int) -> bytes:
    text = encoded(sample)
    if not isinstance(sample, dict) or not sample:
        return text
    key = list(sample)[where % len(sample)]
    return text[:-1] + b"," + encoded({key: ODD[where % len(ODD)]})[1:]


def _changed(sample: Any, changes: Sequence[Edit]) -> Any:
    root = [copy.deepcopy(sample)]
    for edit in changes:
        if not root:
            root.append(None)
        places = _places(root)
        holder, key = places[edit.where * len(places) // _PLACES]
        _CHANGES[edit.what](holder, key, edit.how, places)
    return root[0] if root else None


def _places(root: list[Any]) -> list[tuple[Any, Any]]:
    """Every place of a value, as what holds it and the key or number there; the first is the whole."""
    found: list[tuple[Any, Any]] = []
    holders: list[Any] = [root]
    while holders and len(found) < 2_000:
        holder = holders.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                holders.append(holder[key])
    return found


def _odd(holder: Any, key: Any, how: int, _: Any) -> None:
    holder[key] = copy.deepcopy(ODD[how % len(ODD)])


def _drop(holder: Any, key: Any, how: int, _: Any) -> None:
    del holder[key]


def _repeat(holder: Any, key: Any, how: int, _: Any) -> None:
    holder[key] = [copy.deepcopy(holder[key]) for _ in range(how % 6)]


def _wrap(holder: Any, key: Any, how: int, _: Any) -> None:
    holder[key] = {str(how): holder[key]} if how % 2 else [holder[key]]


def _rename(holder: Any, key: Any, how: int, _: Any) -> None:
    if isinstance(holder, dict):
        odd = ODD[how % len(ODD)]
        holder[odd if isinstance(odd, str) else f"{key} "] = holder.pop(key)


def _other(holder: Any, key: Any, how: int, _: Any) -> None:
    """The same thing in another type."""
    value = holder[key]
    if isinstance(value, str):
        holder[key] = list(value) if how % 2 else how
    elif isinstance(value, (int, float)):
        holder[key] = str(value) if how % 2 else -value
    else:
        holder[key] = json.dumps(value) if how % 2 else list(value or ())


def _swap(holder: Any, key: Any, how: int, places: list[tuple[Any, Any]]) -> None:
    other, name = places[how % len(places)]
    holder[key] = copy.deepcopy(other[name])


_CHANGES: dict[str, Callable[[Any, Any, int, Any], None]] = {
    "odd": _odd,
    "drop": _drop,
    "repeat": _repeat,
    "wrap": _wrap,
    "rename": _rename,
    "other": _other,
    "swap": _swap,
}


def _edited(data: bytes, changes: Sequence[Edit]) -> bytes:
    for what, where, how in changes:
        at = where * (len(data) + 1) // _PLACES
        if what == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ (how or 255)]) + data[at + 1 :]
        elif what == "cut":
            data = data[:at]
        elif what == "behead":
            data = data[at:]
        elif what == "put":
            data = data[:at] + _TEXT_PIECES[how % len(_TEXT_PIECES)] + data[at:]
        elif what == "copy":
            to = how * len(data) // 256
            data = data[:to] + data[at : at + 80] + data[to:]
        elif what == "take":
            data = data[:at] + data[at + how :]
        elif what == "many":
            data = data[:at] + data[at : at + 1 + how % 60] * (1 + how) + data[at:]
        elif what == "digits":
            data = _at_run(data, at, b"0123456789", _NUMBERS[how % len(_NUMBERS)])
        elif what == "word":
            odd = ODD[how % len(ODD)]
            text = odd if isinstance(odd, str) else json.dumps(odd)
            data = _at_run(data, at, _LETTERS, text.encode("utf-8", "surrogatepass"))
        elif what == "whole":
            data = _WHOLE[how % len(_WHOLE)](data)
        elif data:
            data = _with_line(data, at, what, how)
        data = data[:_LONGEST]
    return data


_NUMBERS = (b"0", b"-1", b"9" * 30, b"9" * 5_000, b"1e9", b"1.5", b"0x1")
_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123)) + b"_-"


def _at_run(data: bytes, at: int, of: bytes, instead: bytes) -> bytes:
    """The next run of such bytes replaced."""
    while at < len(data) and data[at] not in of:
        at += 1
    end = at
    while end < len(data) and data[end] in of:
        end += 1
    return data[:at] + instead + data[end:]


def _with_line(data: bytes, at: int, what: str, how: int) -> bytes:
    """A line moved elsewhere, there twice, or gone."""
    lines = data.splitlines(keepends=True)
    place = min(len(lines) - 1, data.count(b"\n", 0, at))
    line = lines[place]
    if what != "twice":
        del lines[place]
    if what != "gone":
        lines.insert(how * (len(lines) + 1) // 256, line)
    return b"".join(lines)


_WHOLE: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: data.replace(b"\n", b"\r"),
    lambda data: data.replace(b"\n", b" "),
    lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    lambda data: data.decode("utf-8", "replace").encode("utf-32-be"),
    lambda data: data.decode("utf-8", "replace").encode("latin-1", "replace"),
    lambda data: data.replace(b" ", b"\xc2\xa0"),
    lambda data: data.replace(b" ", b"\t"),
    lambda data: data.replace(b'"', b"'"),
    lambda data: data.upper(),
    lambda data: data + data,
    lambda data: data * 20,
    lambda data: data[::-1],
    lambda data: b"\0".join(data[at : at + 1] for at in range(len(data))),
    lambda data: data.replace(b"\n", b"\n\n"),
)
