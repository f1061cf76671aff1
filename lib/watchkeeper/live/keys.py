"""Single keys of the terminal, without waiting for Enter."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from types import TracebackType

_STEP_S = 0.05


class Keys:
    """Reads single keys while it is entered, Ctrl-C excepted; where standard input is no terminal there are none."""

    def __init__(self, stdin: TextIO) -> None:
        """Read from `stdin`."""
        self._stdin = stdin
        self._before: list[Any] | None = None

    def __enter__(self) -> Keys:
        if sys.platform != "win32" and self._stdin.isatty():
            import termios
            import tty

            self._before = termios.tcgetattr(self._stdin.fileno())
            tty.setcbreak(self._stdin.fileno())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if sys.platform != "win32" and self._before is not None:
            import termios

            termios.tcsetattr(self._stdin.fileno(), termios.TCSADRAIN, self._before)

    def wait(self, seconds: float) -> str:
        """Return the key that is pressed within so many seconds, else an empty text."""
        if not self._stdin.isatty():
            time.sleep(seconds)
            return ""
        if sys.platform == "win32":
            return _wait_windows(seconds)
        import os
        import select

        ready, _, _ = select.select([self._stdin.fileno()], [], [], seconds)
        if not ready:
            return ""
        # A terminal that was closed reads as nothing, for ever.
        return os.read(self._stdin.fileno(), 1).decode("latin-1") or "q"


if sys.platform == "win32":

    def _wait_windows(seconds: float) -> str:
        import msvcrt

        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if msvcrt.kbhit():
                return msvcrt.getwch()
            time.sleep(_STEP_S)
        return ""
