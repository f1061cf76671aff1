"""Running other programs: the one door. Argument lists only, never a shell, with a time limit and bounded output."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, NamedTuple

from watchkeeper.core.paths import environment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MOST_OUTPUT_BYTES = 1 << 20
# How long a killed program's output is waited for: a child of its own may hold the pipe open.
_GRACE_S = 2.0


class Finished(NamedTuple):
    """How a program ended and what it wrote, the beginning of each stream if it was much."""

    code: int
    stdout: str
    stderr: str


class ProgramFailed(Exception):
    """A program could not be run, took too long or ended with a code that means failure; the text is for a person."""

    def __init__(self, argv: Sequence[str], reason: str, finished: Finished | None = None) -> None:
        """`reason` says in a few words what went wrong; `finished` is None when the program did not end by itself."""
        super().__init__(reason)
        self.argv = tuple(argv)
        self.reason = reason
        self.finished = finished

    def __str__(self) -> str:
        """Command, reason, and what the program wrote."""
        lines = [f"{shown(self.argv)}: {self.reason}"]
        if self.finished is not None:
            for name, text in (("stdout", self.finished.stdout), ("stderr", self.finished.stderr)):
                if text.strip():
                    lines.append(f"  {name}: {text.strip()[:2000]}".replace("\n", "\n    "))
        return "\n".join(lines)

    @property
    def words(self) -> str:
        """What the program itself says went wrong, in one line that can end a sentence, else the reason."""
        said = self.finished.stderr.split() if self.finished is not None else []
        return " ".join(said)[:300].rstrip(".") or self.reason


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    stdin: str = "",
    folder: str | None = None,
    extra_environment: Mapping[str, str] | None = None,
    whole_environment: Mapping[str, str] | None = None,
    accepted_codes: Collection[int] = (0,),
    most_output_bytes: int = MOST_OUTPUT_BYTES,
    undecodable: str = "replace",
) -> Finished:
    """Run a program to its end and return what it wrote, read as UTF-8.

    `stdin` is what it reads, `extra_environment` is added to this process's own or, where it is given, to
    `whole_environment`. `undecodable` says what becomes of bytes that are not UTF-8; "surrogateescape" keeps them,
    from stdin to the program too. Raise ProgramFailed when it is not there, is not done after `timeout_s` seconds
    (it is ended then, and what it started with it), or ends with a code that is not in `accepted_codes`.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**(environment() if whole_environment is None else whole_environment), **(extra_environment or {})},
            start_new_session=os.name != "nt",
            creationflags=_creation_flags(),
        )
    except FileNotFoundError as error:
        missing = f"the folder {folder} is not there" if folder and not os.path.isdir(folder) else "it is not installed"
        raise ProgramFailed(argv, missing) from error
    except (OSError, ValueError) as error:
        raise ProgramFailed(argv, f"it cannot be started ({error})") from error
    streams = [_Reader(each, most_output_bytes, undecodable) for each in (process.stdout, process.stderr)]
    writer = threading.Thread(target=_feed, args=(process.stdin, stdin.encode("utf-8", undecodable)), daemon=True)
    writer.start()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired as error:
        _end(process)
        finished = Finished(-1, streams[0].text(_GRACE_S), streams[1].text(_GRACE_S))
        raise ProgramFailed(argv, f"it was not done after {timeout_s:g} seconds and was ended", finished) from error
    except BaseException:
        _end(process)
        raise
    finished = Finished(process.returncode, streams[0].text(_GRACE_S), streams[1].text(_GRACE_S))
    if finished.code not in accepted_codes:
        raise ProgramFailed(argv, f"it ended with code {finished.code}", finished)
    return finished


def find(program: str, search_path: str | None = None) -> str | None:
    """Return the path of a program that `search_path`, else this process's own one, leads to, or None."""
    return shutil.which(program, path=environment().get("PATH") if search_path is None else search_path)


def shown(argv: Sequence[str]) -> str:
    """Return a command line as a person would write it, cut where it is long."""
    import shlex

    text = shlex.join(argv)
    return text if len(text) <= 300 else text[:299] + "\N{HORIZONTAL ELLIPSIS}"


class _Reader:
    """Reads a stream to its end in the background and keeps its beginning."""

    def __init__(self, stream: IO[bytes] | None, most_bytes: int, undecodable: str) -> None:
        self._stream = stream
        self._left_bytes = most_bytes
        self._undecodable = undecodable
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self, timeout_s: float) -> str:
        self._thread.join(timeout_s)
        if not self._thread.is_alive() and self._stream is not None:
            self._stream.close()
        return bytes(self._kept).decode("utf-8", self._undecodable)

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self._stream is not None and (part := self._stream.read1(65_536)):  # type: ignore[attr-defined]
                self._kept += part[: self._left_bytes]
                self._left_bytes -= min(self._left_bytes, len(part))


def _feed(stream: IO[bytes] | None, data: bytes) -> None:
    # A program need not read what it is given.
    with contextlib.suppress(OSError, ValueError):
        if stream is not None:
            with stream:
                stream.write(data)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)


def _creation_flags() -> int:
    if sys.platform == "win32":
        # Without a window of its own: a notice must not make a console flash up.
        return subprocess.CREATE_NO_WINDOW
    return 0
