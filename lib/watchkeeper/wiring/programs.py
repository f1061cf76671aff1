"""The one door through which the installer runs programs: argument lists only, no shell."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NOT_STARTED = 127
TIMED_OUT = 124


class Completed(NamedTuple):
    """How a program ended; `output` is both of its streams as they came."""

    returncode: int
    output: str

    @property
    def reason(self) -> str:
        """The line that says why it failed: the last that calls itself an error, else the last that says anything."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")]
        return (errors or lines or [f"exit code {self.returncode}"])[-1]


class Run(Protocol):
    """Runs a program to its end. Never raises for what the program or its absence does."""

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        folder: str | None = None,
        timeout_s: float | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed: ...


def run(
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    folder: str | None = None,
    timeout_s: float | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run `arguments` without input and return how it ended; `on_line` hears each line of its output at once."""
    try:
        with subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if environ is None else dict(environ),
            cwd=folder,
            encoding="utf-8",
            errors="replace",
        ) as process:
            if on_line is None:
                return _finished(process, timeout_s)
            lines = []
            for line in process.stdout or ():
                lines.append(line)
                on_line(line.rstrip())
            return Completed(process.wait(), "".join(lines))
    except OSError as error:
        return Completed(NOT_STARTED, f"{arguments[0]}: {error.strerror}")


def _finished(process: subprocess.Popen[str], timeout_s: float | None) -> Completed:
    try:
        output, _ = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        return Completed(TIMED_OUT, f"{output or ''}\ntimed out after {timeout_s:g} s")
    return Completed(process.returncode, output)
