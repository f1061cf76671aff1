"""Writing a file as a whole: aside, then moved into place, so that nobody ever reads half of it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def write_text(path: str, text: str) -> None:
    """Put a whole text file in place of what stands at `path`, as `write` does; what is no character becomes a `?`."""
    write(path, text.encode("utf-8", "replace"))


def write(path: str, content: bytes, prepare: Callable[[str], None] | None = None) -> None:
    """Put a whole file in place of what stands at `path`, readable by its owner only; raise OSError.

    A folder that is not there yet is made, for its owner only. A link is replaced, not followed. `prepare` is called
    with the path of the finished file before that is moved, to give it another mode for example.
    """
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    # No other process or thread takes this name, and what stands there all the same is refused.
    aside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.urandom(4).hex()}.writing")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if prepare is not None:
            prepare(aside)
        os.replace(aside, path)
    except BaseException:
        try:
            os.unlink(aside)
        except OSError:
            pass
        raise
