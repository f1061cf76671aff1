"""Readers of what others write: no input makes them fail but as they say, and none makes them write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz import client, kept, people, programs
from tests.fuzz.inputs import noise
from tests.fuzz.reader import Reader

READERS: dict[str, Reader] = {**client.READERS, **people.READERS, **kept.READERS, **programs.READERS}
FEW, MANY = 200, 20_000


def fed(reader: Reader, inputs: int, folder: Path, is_same_every_time: bool) -> None:
    """Let a reader read that many inputs."""
    calm = settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        derandomize=is_same_every_time,
        suppress_health_check=list(HealthCheck),
    )

    @calm
    @given(reader.inputs)
    def feed(data: bytes) -> None:
        reader.feed(data, folder)

    feed()


def _raises(_: bytes, folder: Path) -> None:
    raise KeyError(folder)


@pytest.mark.parametrize(
    ("read", "found"),
    [
        pytest.param(lambda _, folder: (folder / "x").touch(), AssertionError, id="one that writes"),
        pytest.param(lambda _, folder: (folder / "x").mkdir(), AssertionError, id="one that makes a folder"),
        pytest.param(_raises, KeyError, id="one that raises what it does not state"),
    ],
)
def test_a_bad_reader_is_found_out(
    read: Callable[[bytes, Path], object], found: type[Exception], tmp_path: Path
) -> None:
    """What is held against readers is noticed."""
    with pytest.raises(found):
        Reader(noise, read, (OSError,)).feed(b"", tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_no_input_breaks_a_reader(name: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Each reader returns or raises what it says, for the same inputs in every run."""
    fed(READERS[name], FEW, tmp_path, is_same_every_time=True)
    record_property("fuzzed", FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_no_input_of_many_breaks_a_reader(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Nor does one of many inputs that are others in every run; one that does is shown with how to repeat it."""
    fed(READERS[name], MANY, tmp_path, is_same_every_time=False)
    record_property("fuzzed", MANY)
