"""What every terminal keeps to, the fakes too."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.hostile import HOSTILE, NOT_UTF8
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.terminal import start_file
from watchkeeper.adapters.terminal.default import DefaultTerminal
from watchkeeper.adapters.terminal.failing import FailingTerminal
from watchkeeper.adapters.terminal.gnome_terminal import GnomeTerminal
from watchkeeper.adapters.terminal.kitty import Kitty
from watchkeeper.adapters.terminal.macos import ITerm, TerminalApp
from watchkeeper.adapters.terminal.port import Opening, Terminal
from watchkeeper.adapters.terminal.recording import RecordingTerminal
from watchkeeper.adapters.terminal.tmux import Tmux
from watchkeeper.adapters.terminal.wezterm import WezTerm
from watchkeeper.adapters.terminal.windows_terminal import WindowsTerminal

ROOT = os.path.abspath(os.sep)
PROGRAM = os.path.join(ROOT, "opt", "claude")
OPENING = Opening((PROGRAM, "--agent", "reviewer"), ROOT)
DESKTOP = {"PATH": "/bin", "DISPLAY": ":0"}


class Programs:
    """Stands in for running, starting and finding programs; `broken` makes each of them fail."""

    def __init__(self) -> None:
        self.runs: list[list[str]] = []
        self.environments: list[Mapping[str, str]] = []
        self.broken = False

    def host(self, platform: str, installed: bool) -> Host:
        return Host(DESKTOP, platform, self.run, self.start, self.find if installed else self.miss)

    def run(
        self, argv: Sequence[str], *, timeout_s: float, whole_environment: Mapping[str, str] | None = None, **_: Any
    ) -> Finished:
        assert 0 < timeout_s <= 60
        self._note(argv, whole_environment or {})
        return Finished(0, "@1 4711\n" if argv[1].startswith("new-") else "", "")

    def start(self, argv: Sequence[str], environment: Mapping[str, str]) -> int:
        self._note(argv, environment)
        return 4711

    def find(self, program: str, search_path: str | None = None) -> str | None:
        return f"/usr/bin/{program}"

    def miss(self, program: str, search_path: str | None = None) -> str | None:
        return None

    def _note(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        assert not any("\0" in word for word in argv)
        if self.broken:
            raise ProgramFailed(argv, "it ended with code 1", Finished(1, "", "no server running"))
        self.runs.append(list(argv))
        self.environments.append(environment)


class TerminalContract:
    """Subclass it and say how the terminal is made."""

    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        raise NotImplementedError

    @pytest.fixture
    def programs(self) -> Programs:
        return Programs()

    def test_has_a_name(self, programs: Programs) -> None:
        """It has a name that can stand in settings."""
        name = self.make(programs).name

        assert name
        assert name == name.strip().lower()

    def test_is_available(self, programs: Programs) -> None:
        """It is available where everything is there that it needs."""
        assert self.make(programs).unavailable() is None

    def test_any_text_can_be_given(self, programs: Programs) -> None:
        """No argument, folder, title or variable makes it fail."""
        terminal = self.make(programs)
        for text in (*HOSTILE, NOT_UTF8):
            folder = os.path.join(ROOT, text)
            terminal.open(Opening((PROGRAM, text), folder, text, {"A": text, "CLAUDECODE": None}))

    @pytest.mark.parametrize(
        "changed",
        [
            {"argv": ()},
            {"argv": ("claude",)},
            {"folder": "here"},
            {"argv": (PROGRAM, "\0")},
            {"environment": {"A=B": ""}},
            {"environment": {"": None}},
            {"environment": {"A": "\0"}},
        ],
        ids=str,
    )
    def test_refuses_what_cannot_be_opened(self, programs: Programs, changed: dict[str, object]) -> None:
        """What nobody may ask for is a bug of the caller's, and opens nothing."""
        with pytest.raises(ValueError, match=r"."):
            self.make(programs).open(OPENING._replace(**changed))  # type: ignore[arg-type]

        assert [] == programs.runs


class ProgramContract(TerminalContract):
    """What the terminals keep to besides that are programs, which can fail or be missing."""

    def test_missing_program_is_a_reason(self, programs: Programs) -> None:
        """Where its program is missing it says so, in words that can end a sentence."""
        reason = self.make(programs, installed=False).unavailable()

        assert reason is not None
        assert reason.strip()
        assert not reason.endswith(".")

    def test_failure_is_raised(self, programs: Programs) -> None:
        """Where nothing was opened, that is told."""
        programs.broken = True

        with pytest.raises(ProgramFailed):
            self.make(programs).open(OPENING)

    def test_text_is_never_code(self, programs: Programs) -> None:
        """Whatever the text, what stands before it in the command is the same."""
        terminal = self.make(programs)
        for text in HOSTILE:
            terminal.open(Opening((PROGRAM, text), ROOT))

        assert 1 == len({tuple(self.code(argv)) for argv in programs.runs if argv[1] != "list-sessions"})

    def code(self, argv: list[str]) -> list[str]:
        """Return what of a command is not the text it was given."""
        return argv[: argv.index(PROGRAM)]


@pytest.mark.skipif(os.name == "nt", reason="its script stands in a folder that Windows has not")
class ScriptContract(ProgramContract):
    """What the terminals keep to besides that are given a script in a file."""

    @pytest.fixture(autouse=True)
    def scripts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Where the scripts stand that a window would have run and deleted."""
        folder = tmp_path / "scripts"
        folder.mkdir()
        monkeypatch.setattr(start_file, "FOLDER", str(folder))
        return folder

    def test_failure_leaves_no_script(self, programs: Programs, scripts: Path) -> None:
        """A script that no window was told to run is deleted."""
        programs.broken = True

        with pytest.raises(ProgramFailed):
            self.make(programs).open(OPENING)

        assert [] == list(scripts.iterdir())

    def test_script_that_cannot_be_written(self, programs: Programs, scripts: Path) -> None:
        """A folder for temporary files that is full or gone is a failure like any other, and opens nothing."""
        scripts.rmdir()

        with pytest.raises(ProgramFailed, match="cannot be written"):
            self.make(programs).open(OPENING)

        assert [] == [argv for argv in programs.runs if "list-sessions" not in argv]

    def test_script_is_for_its_user_alone(self, programs: Programs, scripts: Path) -> None:
        """What stands in the user's environment is shown to nobody else, nor among the words of the command."""
        self.make(programs).open(OPENING._replace(environment={"NAME": "a private value"}))

        (folder,) = scripts.iterdir()
        assert (0o700, 0o600) == tuple(stat.S_IMODE(each.stat().st_mode) for each in (folder, folder / "start"))
        assert b"a private value" in (folder / "start").read_bytes()
        assert "a private value" not in str(programs.runs)

    def code(self, argv: list[str]) -> list[str]:
        # What was given stands in a file of its own; only where that is differs.
        return argv[:-1]


class TestTmux(ScriptContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return Tmux(programs.host("linux", installed))


class TestKitty(ScriptContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return Kitty(programs.host("linux", installed))


class TestWezTerm(ScriptContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return WezTerm(programs.host("darwin", installed))


class TestGnomeTerminal(ScriptContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return GnomeTerminal(programs.host("linux", installed))


class TestDefault(ScriptContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return DefaultTerminal(programs.host("linux", installed))


class TestWindowsTerminal(ProgramContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return WindowsTerminal(programs.host("win32", installed))


class TestTerminalApp(ScriptContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return TerminalApp(programs.host("darwin", installed), lambda _: True)


class TestITerm(TestTerminalApp):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return ITerm(programs.host("darwin", installed), lambda _: True)


class TestRecording(TerminalContract):
    def make(self, programs: Programs, installed: bool = True) -> Terminal:
        return RecordingTerminal()


@pytest.mark.parametrize("says_so", [True, False], ids=["from the start", "when used"])
def test_failing_one_fails(says_so: bool) -> None:
    """The terminal that never works says why, from the start or when it is used."""
    terminal = FailingTerminal("it is out of order", says_so)

    assert ("it is out of order" if says_so else None) == terminal.unavailable()
    with pytest.raises(ProgramFailed, match="out of order"):
        terminal.open(OPENING)


def test_recording_one_keeps_what_it_was_told() -> None:
    """The fake has what it was told to open, and gives each window a name of its own."""
    terminal = RecordingTerminal()
    windows = [terminal.open(OPENING), terminal.open(OPENING)]

    assert [OPENING, OPENING] == terminal.openings
    assert 2 == len({window.identity for window in windows})
