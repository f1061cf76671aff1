"""What the installer does to a machine, as data: each action says itself in a sentence, and one function does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from watchkeeper.errors import UserError
from watchkeeper.wiring import environment, files, settings_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from watchkeeper.wiring.programs import Run

_CONFIGURE_TIMEOUT_S = 60.0
_ASK_TIMEOUT_S = 120.0
_COMPILE_TIMEOUT_S = 120.0


class MakeEnvironment(Protocol):
    """Makes a virtual environment; see environment.make."""

    def __call__(
        self, environment: Path, lock_file: Path, tools: environment.Tools, run: Run, say: Callable[[str], None]
    ) -> None: ...


class Effects(NamedTuple):
    """The doors through which actions are done."""

    run: Run
    say: Callable[[str], None]
    environ: Mapping[str, str]
    """Of the programs that are started for this configuration directory."""
    make_environment: MakeEnvironment = environment.make


class Action(Protocol):
    """One step of an installation or a removal."""

    def __str__(self) -> str:
        """What it does, as the rest of a sentence: "write /…"."""
        ...

    def perform(self, effects: Effects) -> None:
        """Do it. Raises UserError or OSError when it cannot be done."""
        ...


@dataclass(frozen=True)
class MakeFolder:
    path: Path
    mode: int

    def __str__(self) -> str:
        return f"make the folder {self.path}"

    def perform(self, effects: Effects) -> None:
        self.path.mkdir(mode=self.mode, parents=True, exist_ok=True)
        # The mode of mkdir is subject to the umask, and a folder that is there may be open to others.
        self.path.chmod(self.mode)


@dataclass(frozen=True)
class WriteFiles:
    """Several files of one kind in one folder, named by what they are."""

    folder: Path
    contents: Mapping[str, bytes]
    mode: int
    what: str

    def __str__(self) -> str:
        return f"write {self.what} to {self.folder}"

    def perform(self, effects: Effects) -> None:
        for name, content in self.contents.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, content, self.mode)


@dataclass(frozen=True)
class RemoveFiles:
    folder: Path
    names: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"delete {self.what} from {self.folder}"

    def perform(self, effects: Effects) -> None:
        for name in self.names:
            path = self.folder / name
            path.unlink(missing_ok=True)
            if path.parent != self.folder:
                files.remove_empty(path.parent)


@dataclass(frozen=True)
class RemoveTree:
    path: Path

    def __str__(self) -> str:
        return f"delete {self.path}"

    def perform(self, effects: Effects) -> None:
        files.remove_tree(self.path)


@dataclass(frozen=True)
class RemoveEmptyFolder:
    path: Path

    def __str__(self) -> str:
        return f"delete {self.path} if it is empty"

    def perform(self, effects: Effects) -> None:
        files.remove_empty(self.path)


@dataclass(frozen=True)
class BuildEnvironment:
    path: Path
    lock_file: Path
    tools: environment.Tools
    reason: str

    def __str__(self) -> str:
        return f"make the virtual environment {self.path} ({self.reason}; this takes a minute)"

    def perform(self, effects: Effects) -> None:
        effects.make_environment(self.path, self.lock_file, self.tools, effects.run, effects.say)


@dataclass(frozen=True)
class Compile:
    python: str
    library: Path

    def __str__(self) -> str:
        return f"compile {self.library} for {self.python}"

    def perform(self, effects: Effects) -> None:
        # What cannot be compiled still runs, only slower.
        effects.run([self.python, "-I", "-m", "compileall", "-q", str(self.library)], timeout_s=_COMPILE_TIMEOUT_S)


@dataclass(frozen=True)
class Configure:
    """One setting, checked and compiled by the installed command itself."""

    command: tuple[str, ...]
    key: str
    value: str
    failure: str | None = None
    """What to say when it cannot be set and the rest goes on; None: then nothing goes on."""

    def __str__(self) -> str:
        return f'set {self.key} = "{self.value}"'

    def perform(self, effects: Effects) -> None:
        arguments = [
            *self.command,
            "config",
            "set",
            *(["--"] if self.value.startswith("-") else []),
            self.key,
            self.value,
        ]
        answer = effects.run(arguments, environ=effects.environ, timeout_s=_CONFIGURE_TIMEOUT_S)
        if answer.returncode == 0:
            return
        if self.failure is None:
            raise UserError(f"{self.key} could not be set ({answer.reason}), so nothing is wired: run this again.")
        effects.say(f"{self.failure} ({answer.reason})")


@dataclass(frozen=True)
class AskCommand:
    """The last that is asked of the installed command before it goes away. Where it fails, that is said."""

    command: tuple[str, ...]
    request: tuple[str, ...]
    what: str
    failure: str
    """The sentence for a failure, in which `{reason}` stands for the command's own words."""
    nothing_to_do: str = ""
    """What the command says where there was nothing to do, which is no failure."""

    def __str__(self) -> str:
        return self.what

    def perform(self, effects: Effects) -> None:
        answer = effects.run([*self.command, *self.request], environ=effects.environ, timeout_s=_ASK_TIMEOUT_S)
        if answer.returncode and not (self.nothing_to_do and self.nothing_to_do in answer.output):
            effects.say(self.failure.format(reason=answer.reason))


@dataclass(frozen=True)
class WriteSettings:
    before: settings_file.SettingsFile
    after: bytes | None
    what: str

    def __str__(self) -> str:
        return f"{self.what} {self.before.path}"

    def perform(self, effects: Effects) -> None:
        settings_file.write(self.before, self.after)


def perform(actions: Iterable[Action], effects: Effects) -> None:
    """Do `actions` in order, saying each. Raises UserError at the first that cannot be done."""
    for action in actions:
        effects.say(_capitalised(str(action)))
        try:
            action.perform(effects)
        except OSError as error:
            place = error.filename or ""
            raise UserError(f"Could not {action}: {error.strerror or error} {place}".rstrip() + ".") from error


def perform_all(actions: Iterable[Action], effects: Effects) -> list[str]:
    """Do as many of `actions` as can be done, saying each, and return a sentence for each that could not."""
    failures = []
    for action in actions:
        effects.say(_capitalised(str(action)))
        try:
            action.perform(effects)
        except (OSError, UserError) as error:
            failures.append(f"Could not {action}: {error}")
    return failures


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
