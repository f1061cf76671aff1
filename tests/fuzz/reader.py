"""What a reader is here, and how one is fed: nothing but its stated errors, and nothing written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

_WRITES = frozenset(
    """os.mkdir os.rename os.remove os.rmdir os.truncate os.link os.symlink os.chmod subprocess.Popen os.system os.exec
    os.posix_spawn os.fork socket.connect""".split()
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Reader(NamedTuple):
    """A reader of what others write."""

    inputs: st.SearchStrategy[bytes]
    read: Callable[[Any, Path], object]
    """Takes an input and a folder of its own, and asserts what holds for every input."""
    stated: tuple[type[Exception], ...] = ()
    """What it may raise, as its docstring says."""
    file: str = ""
    """Where in the folder it looks for the input; empty where it is handed over."""
    is_text: bool = False
    """Whether it is handed text, in which bytes that are none are half surrogate pairs."""
    writes: bool = False
    """Whether it is its task to take in what it has read."""

    def feed(self, data: bytes, folder: Path) -> None:
        """Let it read an input, and assert that it behaves."""
        if self.file:
            path = folder / self.file
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(data)
        with _watched() as seen:
            try:
                self.read(data.decode("utf-8", "surrogateescape") if self.is_text else data, folder)
            except self.stated as error:
                sentence = str(error)
                # It names the place, and what was read at most once, spelled out.
                assert sentence
                assert len(sentence) < 4_000 + 6 * len(data)
        assert self.writes or [] == seen


_seen: list[str] | None = None


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Note what is written and started meanwhile."""
    global _seen  # noqa: PLW0603 - an audit hook is a process's, and cannot be taken away
    seen: list[str] = []
    _seen = seen
    try:
        yield seen
    finally:
        _seen = None


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    # What is read for the first time may import something.
    if _seen is None or not arguments or "__pycache__" in str(arguments[0]):
        return
    is_opened_for_writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if event in _WRITES or is_opened_for_writing:
        _seen.append(f"{event} {arguments}")


sys.addaudithook(_audit)
