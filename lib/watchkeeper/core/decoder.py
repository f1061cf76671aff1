"""JSON in, without importing `json`: that import alone costs a hook a quarter of its time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def decode(data: bytes | str) -> Any:
    """Return the value of a JSON text in UTF-8, as json.loads does; raise ValueError or RecursionError if none."""
    text = (data if isinstance(data, str) else data.decode("utf-8")).strip(" \t\n\r")
    value, end = decode_at(text, 0)
    if end != len(text):
        raise ValueError(f"more than one JSON value: the first ends at {end}")
    return value


def decode_at(text: str, position: int) -> tuple[Any, int]:
    """Return the JSON value that starts at `position` of `text`, and where it ends; raise ValueError if none does."""
    try:
        return _scan(text, position)
    except StopIteration as end:
        raise ValueError(f"no JSON value at {end.value}") from None
    except SystemError:
        # CPython 3.10 and 3.11 look for their error in a module that nobody has imported.
        raise ValueError(f"no JSON value at {position}") from None


def _constant(name: str) -> float:
    return float(name.replace("Infinity", "inf"))


class _Standard:
    """What the scanner asks its decoder for: the choices of json.loads."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_constant)


def _scanner() -> Callable[[str, int], tuple[Any, int]]:
    # The scanner is a part of CPython that only the json package is meant to use; where it is missing or asks for
    # more than it is given here, the package serves.
    try:
        import _json

        made: Any = _json.make_scanner
        scan: Callable[[str, int], tuple[Any, int]] = made(_Standard())
        if scan('{"a": [1, 2.5, null]}', 0) == ({"a": [1, 2.5, None]}, 21):
            return scan
    except Exception:  # noqa: BLE001 - whatever is wrong with it, there is another way
        pass
    from json import JSONDecoder

    decoder: Any = JSONDecoder()
    return decoder.scan_once  # type: ignore[no-any-return]


_scan = _scanner()
