"""What words on a command line can mean as the value of an option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from watchkeeper.core.settings import merged

from .problems import SettingsError, problems_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def candidates(words: Sequence[str]) -> Iterator[Any]:
    """Yield the values that the words can mean, the most special reading first: the option takes the one it can use.

    One word may be TOML (`[50, 80]`, `"text"`), a switch (`on`), a number (`200_000`), a list (`50,80`) or plain text.
    """
    if len(words) != 1:
        yield [_scalar(word) for word in words]
        yield list(words)
        yield " ".join(words)
        return
    word = words[0]
    if word.lower() in _BOOLEANS:
        yield _BOOLEANS[word.lower()]
    number = _number(word)
    if number is not None:
        yield number
    yield from _toml(word)
    yield word
    parts = [part.strip() for part in word.split(",") if part.strip()]
    yield [_scalar(part) for part in parts]
    yield parts
    yield [word]


def value_of(words: Sequence[str], option: str, data: dict[str, Any]) -> Any:
    """Return the first reading of the words that the option can have among the settings `data`.

    Raise SettingsError, saying what it can have, when there is none.
    """
    refusals = []
    for value in candidates(words):
        about = [each for each in problems_in(merged(data, nested(option, value))) if each.option == option]
        if not about:
            return value
        refusals.extend(about)
    # A reading of the right type that is out of bounds says more than one of another type.
    telling = [each for each in refusals if not each.fault.startswith("must be a ")] or refusals
    raise SettingsError(str(telling[0]), telling[:1])


def nested(option: str, value: Any) -> dict[str, Any]:
    """Return settings that hold nothing but one option's value."""
    for part in reversed(option.split(".")):
        value = {part: value}
    result: dict[str, Any] = value
    return result


def _scalar(word: str) -> Any:
    number = _number(word)
    return word if number is None else number


def _number(word: str) -> int | float | None:
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            continue
    return None


def _toml(word: str) -> Iterator[Any]:
    if word[:1] in ("[", '"', "'"):
        try:
            parsed = tomlkit.parse(f"value = {word}").unwrap()
        except TOMLKitError:
            return
        if parsed.keys() == {"value"}:
            yield parsed["value"]
