"""A program in a pseudo-terminal, with its screen as a person would see it, and the client's prompt to type into."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pexpect
import pyte

WAIT_S = 30.0
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift-tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "ctrl-c": "\x03",
    "ctrl-d": "\x04",
    "ctrl-o": "\x0f",
    "ctrl-u": "\x15",
}
PROMPT = "❯"


class Cell(NamedTuple):
    """One character on the screen; its colour is a name or six hex digits."""

    character: str
    colour: str
    bold: bool


class Terminal:
    """A running program; a context manager that ends it. What waits raises TimeoutError with the screen's text."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, columns: int, lines: int
    ) -> None:
        self._screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._raw = bytearray()
        self._ended = False
        with warnings.catch_warnings():
            # From 3.12 on Python warns that other threads run while it forks; the child calls exec at once.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._child: pexpect.spawn[bytes] = pexpect.spawn(
                command[0], list(command[1:]), env=dict(environment), cwd=str(folder), dimensions=(lines, columns)
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def raw(self) -> bytes:
        """Every byte that the program has written."""
        with self._changed:
            return bytes(self._raw)

    @property
    def rows(self) -> list[str]:
        """The screen, top to bottom, without spaces at line ends."""
        with self._changed:
            return [row.rstrip() for row in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.rows)

    @property
    def prompt(self) -> str | None:
        """What is typed into the client's prompt, without any white space; None when there is no prompt."""
        rows = self.rows
        starts = [number for number, row in enumerate(rows) if row.startswith(PROMPT)]
        if not starts:
            return None
        below = rows[starts[-1] :]
        end = next((number for number, row in enumerate(below) if row.startswith("─")), len(below))
        return re.sub(r"\s", "", "".join(below[:end]).removeprefix(PROMPT))

    @property
    def cells(self) -> list[list[Cell]]:
        """The screen's characters with their colours, top to bottom."""
        with self._changed:
            buffer = self._screen.buffer
            return [
                [
                    Cell(cell.data, cell.fg, cell.bold)
                    for cell in (buffer[row][column] for column in range(self._screen.columns))
                ]
                for row in range(self._screen.lines)
            ]

    def colours_of(self, text: str) -> list[str]:
        """The foreground colour of each cell where the screen first shows this text: a name, or six hex digits.

        Raise LookupError when it is not on the screen.
        """
        with self._changed:
            for number, row in enumerate(self._screen.display):
                column = row.find(text)
                if column >= 0:
                    return [self._screen.buffer[number][column + place].fg for place in range(len(text))]
        raise LookupError(text)

    def wait_until(self, condition: Callable[[str], object], what: str, timeout_s: float = WAIT_S) -> str:
        """Wait until the condition holds for the screen's text, and return that text; `what` names it in the error."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not condition(self.text):
                left_s = deadline - time.monotonic()
                if left_s <= 0 or self._ended:
                    state = "the program ended" if self._ended else f"{timeout_s:.0f} s passed"
                    raise TimeoutError(f"{state} before {what}; the screen shows:\n{self.text}")
                self._changed.wait(left_s)
            return self.text

    def wait_for(self, pattern: str | re.Pattern[str], timeout_s: float = WAIT_S) -> str:
        """Wait until the screen shows the text, or matches the compiled expression, and return the screen's text."""
        if isinstance(pattern, str):
            return self.wait_until(lambda text: pattern in text, f"it showed {pattern!r}", timeout_s)
        return self.wait_until(pattern.search, f"it matched {pattern.pattern!r}", timeout_s)

    def wait_raw(self, content: bytes, timeout_s: float = WAIT_S) -> None:
        """Wait until the program has written these bytes, for sequences that leave nothing on the screen."""
        self.wait_until(lambda _: content in self._raw, f"it wrote {content!r}", timeout_s)

    def wait_ready(self, timeout_s: float = WAIT_S) -> str:
        """Wait until the client's prompt is there to type into."""
        return self.wait_until(lambda _: self.prompt is not None, "it showed a prompt", timeout_s)

    def press(self, *keys: str) -> None:
        """Press keys: a name in KEYS, or the characters themselves."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def type(self, text: str, timeout_s: float = WAIT_S) -> None:
        """Type one line into the client's empty prompt and wait until it stands there."""
        self.wait_until(lambda _: not self.prompt, "the prompt was empty", timeout_s)
        self._child.send(text)
        typed = re.sub(r"\s", "", text)
        self.wait_until(lambda _: self.prompt == typed, f"{text!r} stood in the prompt", timeout_s)

    def submit(self, prompt: str, timeout_s: float = WAIT_S) -> None:
        """Type a prompt of one line and send it."""
        # Text and Enter in one piece would be taken for a paste, in which Enter is a line break.
        self.type(prompt, timeout_s)
        self.press("enter")

    def resize(self, columns: int, lines: int = 40) -> None:
        """Change the window's size; the program is told by a signal and draws anew."""
        with self._changed:
            self._screen.resize(lines, columns)
            self._child.setwinsize(lines, columns)

    def quit(self, timeout_s: float = WAIT_S) -> None:
        """Leave the client as a person does, with /exit, and wait until its process has ended."""
        self.submit("/exit", timeout_s)
        self._reader.join(timeout_s)
        if self._reader.is_alive():
            raise TimeoutError(f"the client did not end; the screen shows:\n{self.text}")
        self.close()

    def close(self) -> None:
        """End the program, whatever it is doing."""
        group = self._child.pid
        for number in (signal.SIGTERM, signal.SIGKILL):
            if group is not None and not self._ended and self._child.isalive():
                os.killpg(group, number)
                self._reader.join(5)
        self._child.close(force=True)
        self._reader.join(5)

    def _read(self) -> None:
        while True:
            try:
                content = self._child.read_nonblocking(65_536, timeout=None)
            except (pexpect.EOF, OSError, ValueError):
                break
            with self._changed:
                self._raw += content
                self._stream.feed(content)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class _Screen(pyte.Screen):
    def select_graphic_rendition(self, *attributes: int, **options: Any) -> None:
        # The client switches keyboard protocols with sequences that end as colours do but are marked private.
        if not options.get("private"):
            super().select_graphic_rendition(*attributes)
