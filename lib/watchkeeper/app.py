"""What a command works with: the real paths, settings, ledger, clock and terminal, built in one place."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from watchkeeper.core import clock, paths, settings
from watchkeeper.core.ledger import Ledger
from watchkeeper.render.columns import clean
from watchkeeper.render.ink import Pen

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_COLUMNS = 80
NARROWEST_COLUMNS, WIDEST_COLUMNS = 40, 120


class Surroundings(NamedTuple):
    """What a command's process offers; a hook and a test offer their own."""

    environ: Mapping[str, str]
    now: float
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    columns: int
    pen: Pen
    is_interactive: bool
    """Whether a person sits before it, who can be asked."""
    is_hurried: bool = False
    """Whether the answer has to be there within seconds: inside Claude Code a slower one is thrown away."""

    @classmethod
    def of_this_process(cls) -> Surroundings:
        """Return the surroundings of a command typed into a terminal or run by a script."""
        environ = paths.environment()
        is_terminal = sys.stdout.isatty()
        return cls(
            environ,
            clock.now(),
            sys.stdin,
            sys.stdout,
            sys.stderr,
            told_columns(environ) or (os.get_terminal_size().columns if is_terminal else DEFAULT_COLUMNS),
            Pen(is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"),
            is_terminal and sys.stdin.isatty(),
        )


class App:
    """One run of one command."""

    def __init__(
        self,
        surroundings: Surroundings,
        config_dir: str | None = None,
        no_color: bool = False,
        as_json: bool = False,
    ) -> None:
        """Build what a command needs; the rest are the options that every command takes."""
        environ = surroundings.environ
        config = os.path.abspath(config_dir) if config_dir else paths.config_dir(environ)
        self.surroundings = surroundings
        self.environ = environ
        self.now = surroundings.now
        self.paths = paths.paths_in(config, environ)
        self.settings: dict[str, dict[str, Any]] = settings.load(self.paths)
        self.ledger = Ledger(settings.ledger_dir(self.paths, self.settings), self.now)
        self._remarks: list[str] = []
        self.no_color = no_color
        self.as_json = as_json
        self.pen = Pen(False) if no_color else surroundings.pen
        self.columns = min(WIDEST_COLUMNS, max(NARROWEST_COLUMNS, surroundings.columns))

    def show(self, template: str, view: dict[str, Any]) -> None:
        """Print a view: as JSON where that is wanted, else as the template of that name lays it out."""
        from watchkeeper.render import engine, json_text

        if self.as_json:
            self.say(json_text.of(view))
        else:
            self.say(engine.render(template, view, self.pen, self.columns, self.now))

    def say(self, text: str, stream: TextIO | None = None) -> None:
        """Print text (on standard output), and on standard error what the user must be told of it and of the ledger."""
        print(text.rstrip("\n"), file=stream or self.surroundings.stdout, flush=True)
        for sentence in (*self._remarks, *self.ledger.take_notices()):
            self.complain(sentence)
        self._remarks.clear()

    def remark(self, sentence: str) -> None:
        """Keep what the user should know of the answer until it is given: where none is, its reason is enough."""
        if sentence not in self._remarks:
            self._remarks.append(sentence)

    def complain(self, sentence: str) -> None:
        """Print what the user should know besides the answer, on standard error."""
        print(f"watchkeeper: {clean(sentence)}", file=self.surroundings.stderr)

    def confirm(self, question: str) -> bool:
        """Ask a person, and return whether the answer is yes; nobody there means no."""
        if not self.surroundings.is_interactive:
            return False
        print(f"{question} (yes/no) ", end="", file=self.surroundings.stdout, flush=True)
        return self.surroundings.stdin.readline().strip().lower() in ("y", "yes")

    @property
    def folder(self) -> str:
        """The folder the command was called in; empty when it is gone."""
        try:
            return os.getcwd()
        except OSError:
            return ""

    @property
    def project(self) -> str:
        """The project of that folder; empty when it is gone."""
        return paths.project_of(self.folder) if self.folder else ""


def told_columns(environ: Mapping[str, str]) -> int:
    """Return the width of the terminal as the environment tells it, 0 if it does not."""
    told = environ.get("COLUMNS", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0


def captured(surroundings: Surroundings) -> tuple[Surroundings, io.StringIO, io.StringIO]:
    """Return surroundings whose output goes into the two texts, for an answer inside Claude Code."""
    out, err = io.StringIO(), io.StringIO()
    return surroundings._replace(stdout=out, stderr=err, is_interactive=False), out, err
