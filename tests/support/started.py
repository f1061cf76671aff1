"""A program that writes down how it was started, and what it wrote."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_SCRIPT = """\
import json, os, sys, time
words = [os.fsencode(word).hex() for word in sys.argv[2:]]
variables = {name: os.fsencode(value).hex() for name, value in os.environ.items()}
record = [time.time(), words, os.fsencode(os.getcwd()).hex(), variables]
with open(sys.argv[1], "a", encoding="ascii") as file:
    file.write(json.dumps(record) + "\\n")
"""


class Start(NamedTuple):
    """One start of the program."""

    at: float
    words: list[str]
    folder: str
    variables: dict[str, str]


class Recorder:
    """A program below `folder`, whose path may be any, and the note it leaves there."""

    def __init__(self, folder: Path, name: str) -> None:
        self._script = folder / "record.py"
        self._script.write_text(_SCRIPT, encoding="utf-8")
        self._note = folder / name

    def argv(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the command that writes these words down."""
        return (sys.executable, "-I", str(self._script), str(self._note), *words)

    def starts(self) -> list[Start]:
        """Return what was written down so far."""
        try:
            lines = self._note.read_text(encoding="ascii").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [_start(*json.loads(line)) for line in lines if line.endswith("\n")]

    def wait(self, timeout_s: float) -> list[Start]:
        """Return what was written down as soon as there is something, or when the time is over."""
        deadline = time.monotonic() + timeout_s
        while not (starts := self.starts()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return starts


def _start(at: float, words: list[str], folder: str, variables: Mapping[str, str]) -> Start:
    return Start(
        at, [_text(each) for each in words], _text(folder), {name: _text(each) for name, each in variables.items()}
    )


def _text(code: str) -> str:
    return os.fsdecode(bytes.fromhex(code))
