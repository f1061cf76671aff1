"""A program that runs long beside us: its output is followed and kept in bounds, and it is ended with its family."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

from watchkeeper.core.paths import environment

from . import orphans, processes
from .run import ProgramFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .processes import Identity

MOST_KEPT_BYTES = 64 << 20
"""What of a child's output its file keeps, the beginning."""
_LONGEST_LINE_BYTES = 8 << 20
_PART_BYTES = 65_536
_AT_ONCE_S = {processes.KILL: 2.0}


def new_mark() -> str:
    """Return a mark that no other child has."""
    return secrets.token_hex(12)


class Child:
    """A running program. Standard output and error go into one file; each whole line of the output is handed on."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        folder: str,
        output_path: str,
        extra_environment: Mapping[str, str | None] | None = None,
        stdin: str = "",
        on_line: Callable[[str], None] | None = None,
        most_kept_bytes: int = MOST_KEPT_BYTES,
        mark: str = "",
    ) -> None:
        """Start it. `on_line` is called on a thread of its own, with lines of at most 8 MB; longer ones are left out.

        Of `extra_environment` None takes a variable away. `mark` is what its family is known by: whoever writes it down
        before can find what a killed process of ours has left running. Raise ProgramFailed when it cannot be started.
        """
        self.argv = tuple(argv)
        self.mark = mark or new_mark()
        self.output_bytes = 0
        self._on_line = on_line
        self._left_bytes = most_kept_bytes
        others = orphans.own_children()
        descriptor = os.open(output_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        self._kept = open(descriptor, "ab", buffering=0)  # noqa: SIM115 - closed when the output has ended
        try:
            self._process = subprocess.Popen(
                self.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(extra_environment or {}, self.mark),
                start_new_session=os.name != "nt",
                creationflags=_creation_flags(),
            )
        except FileNotFoundError as error:
            self._kept.close()
            missing = "it is not installed" if os.path.isdir(folder) else f"the folder {folder} is not there"
            raise ProgramFailed(argv, missing) from error
        except (OSError, ValueError) as error:
            self._kept.close()
            raise ProgramFailed(argv, f"it cannot be started ({error})") from error
        # Until it is waited for nobody else can have its id, and it may run another program in its place.
        identity = processes.identify(self._process.pid)
        self.identity = None if identity is None else identity._replace(executable="")
        self._not_adopted = None if others is None else others | {self._process.pid}
        self._feeder = threading.Thread(target=_feed, args=(self._process.stdin, stdin), daemon=True)
        self._reader = threading.Thread(target=self._follow, args=(self._process.stdout,), daemon=True)
        self._feeder.start()
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """How it ended, None while it runs; negative is the signal that ended it."""
        return self._process.poll()

    def wait(self, timeout_s: float) -> int | None:
        """Wait until it has ended, at most `timeout_s` seconds, and return how; None when it runs on."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def family(self) -> list[Identity]:
        """Return the processes that are its, itself included, as far as they run."""
        found = [] if self.identity is None else processes.family(self.identity, self.mark)
        pids = {each.pid for each in found}
        return [*found, *(each for each in orphans.adopted(self._not_adopted) if each.pid not in pids)]

    def memory_gb(self) -> float:
        """Return the memory that it and what descends from it hold, in GB of 2^30 bytes."""
        return 0.0 if self.identity is None else processes.memory_gb(processes.descendants(self.identity))

    def stop(self, patience_s: Mapping[str, float] = processes.PATIENCE_S) -> list[Identity]:
        """End it and everything it started, as `processes.end` does; return what runs on in spite of it.

        An exception meanwhile, such as an impatient person's interrupt, ends them at once before it goes on.
        """
        try:
            left = processes.end(self._running, patience_s)
        except BaseException:
            processes.end(self._running, _AT_ONCE_S)
            raise
        self.wait(processes.PATIENCE_S[processes.KILL])
        orphans.collect(self._not_adopted)
        return left

    def close(self, timeout_s: float = 2.0) -> None:
        """Let go of its output, after what has been written was read; what still writes there is not waited for."""
        self._reader.join(timeout_s)
        if not self._reader.is_alive():
            self._kept.close()

    def _running(self) -> list[Identity]:
        # Else it would be there as one that has ended and was not collected.
        self._process.poll()
        return self.family()

    def _follow(self, stream: IO[bytes] | None) -> None:
        if stream is None:
            return
        line = bytearray()
        is_too_long = False
        with stream:
            while part := stream.read1(_PART_BYTES):  # type: ignore[attr-defined]
                self.output_bytes += len(part)
                self._keep(part)
                if self._on_line is None:
                    continue
                *whole, rest = part.split(b"\n")
                for piece in whole:
                    if not is_too_long:
                        self._on_line((bytes(line) + piece).decode("utf-8", "replace"))
                    line.clear()
                    is_too_long = False
                is_too_long = is_too_long or len(line) + len(rest) > _LONGEST_LINE_BYTES
                line += b"" if is_too_long else rest
        if line and not is_too_long and self._on_line is not None:
            self._on_line(line.decode("utf-8", "replace"))

    def _keep(self, part: bytes) -> None:
        kept = part[: self._left_bytes]
        self._left_bytes -= len(kept)
        # A full disk must not stop whoever is being followed.
        with contextlib.suppress(OSError):
            self._kept.write(kept)


def _environment(extra: Mapping[str, str | None], mark: str) -> dict[str, str]:
    whole: dict[str, str | None] = {**environment(), **extra, processes.MARK: mark}
    return {name: value for name, value in whole.items() if value is not None}


def _feed(stream: IO[bytes] | None, text: str) -> None:
    # A program need not read what it is given.
    with contextlib.suppress(OSError, ValueError):
        if stream is not None:
            with stream:
                stream.write(text.encode("utf-8", "replace"))


def _creation_flags() -> int:
    if sys.platform == "win32":
        # A group of its own is what an interrupt can be sent to there.
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
