"""The user's own status line: what an installation does with each kind, and that none is ever lost."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import User
from tests.wiring.machine import Machine
from watchkeeper.wiring import inspection, programs, status_line_entry

MINE = "~/bin/line --fancy 'x y'"
RUNS_OURS = {
    "in a list with a pipe": "date; watchkeeper status-line | tee /tmp/x",
    "with an argument": "~/.claude/watchkeeper/bin/watchkeeper status-line --no-color",
    "our script, started otherwise": "python3 /h/.claude/watchkeeper/app/hooks/status_line.py",
    "a launcher elsewhere": "/usr/local/bin/watchkeeper status-line",
    "in a substitution": 'echo "$(watchkeeper status-line)"',
}
LEFT_ALONE = "Your status line runs Watchkeeper's by itself, so it is left as it is."


def line_of(command: str, **options: Any) -> dict[str, Any]:
    return {"statusLine": {"type": "command", "command": command, **options}}


def shown_beside(machine: Machine) -> str:
    return machine.settings.get("status_line.passthrough", "")


@pytest.mark.parametrize("command", RUNS_OURS.values(), ids=RUNS_OURS)
def test_a_line_that_runs_ours_is_left_alone(machine: Machine, command: str) -> None:
    """Wired beside ours it would show ours twice or run for ever: the hooks alone are wired, and the user hears it."""
    content = machine.write_settings(line_of(command))

    machine.install()

    assert line_of(command)["statusLine"] == machine.wired()["statusLine"]
    assert "Stop" in machine.wired()["hooks"]
    assert ("", True) == (shown_beside(machine), LEFT_ALONE in machine.said)
    assert inspection.Wiring("settings", ()) == inspection.inspect(str(machine.config), machine.environ)
    assert not machine.install()

    machine.uninstall()

    assert content == machine.client_settings.read_bytes()
    assert (
        f"Your status line in {machine.client_settings} runs Watchkeeper's, which goes away: change it there."
        in machine.said
    )


@pytest.mark.parametrize("word", ["{home}/line.sh", "~/line.sh", "bash $HOME/line.sh -x", "sh '{home}/line.sh'"])
def test_a_script_that_runs_ours_is_left_alone(machine: Machine, word: str) -> None:
    """A line that runs ours from within a script of the user's is no other."""
    home = machine.config.parent
    command = word.format(home=home)
    content = machine.write_settings(line_of(command))
    (home / "line.sh").write_text("#!/bin/sh\ndate\nwatchkeeper status-line\n", encoding="utf-8")

    machine.install()

    assert line_of(command)["statusLine"] == machine.wired()["statusLine"]
    assert inspection.Wiring("settings", ()) == inspection.inspect(str(machine.config), machine.environ)
    machine.uninstall()
    assert content == machine.client_settings.read_bytes()


def test_a_script_that_runs_ours_since_is_let_go(machine: Machine) -> None:
    """Once the user's script runs ours, the next run puts it back in place and runs nothing beside ours any more."""
    script = machine.config.parent / "line.sh"
    content = machine.write_settings(line_of("~/line.sh"))
    machine.install()
    assert "~/line.sh" == shown_beside(machine)
    script.write_text("watchkeeper status-line", encoding="utf-8")

    machine.install()

    assert ("", True) == (shown_beside(machine), LEFT_ALONE in machine.said)
    assert line_of("~/line.sh")["statusLine"] == machine.wired()["statusLine"]
    assert not machine.install()
    machine.uninstall()
    assert content == machine.client_settings.read_bytes()


@pytest.mark.parametrize(
    "command",
    [
        "~/.claude/watchkeeper/bin/watchkeeper status-line",
        '"/a b/watchkeeper/bin/watchkeeper"  status-line ',
        "watchkeeper status-line",
    ],
)
def test_our_command_typed_by_hand(machine: Machine, command: str) -> None:
    """The very same is wired in its faster form, with nothing beside it, and what was typed comes back."""
    content = machine.write_settings(line_of(command, padding=2))

    machine.install()

    assert status_line_entry.is_written(machine.wired()["statusLine"])
    assert "" == shown_beside(machine)
    assert not machine.install()
    machine.uninstall()
    assert content == machine.client_settings.read_bytes()


def test_our_command_typed_later_keeps_what_stands_beside_it(machine: Machine) -> None:
    """Who types our command after the installation goes on seeing the line that ours runs beside itself."""
    machine.write_settings(line_of(MINE))
    machine.install()
    machine.write_settings(line_of("watchkeeper status-line"))

    machine.install()

    assert MINE == shown_beside(machine)


@pytest.mark.parametrize(
    "command", ["mywatchkeeper status-line", "echo watchkeeper", "~/.claude/hooks/status_line.py", MINE, "no 'end"]
)
def test_any_other_line_goes_on_beside_ours(machine: Machine, command: str) -> None:
    """What only resembles ours is the user's and runs beside ours."""
    content = machine.write_settings(line_of(command))

    machine.install()

    assert status_line_entry.is_written(machine.wired()["statusLine"])
    assert command == shown_beside(machine)
    machine.uninstall()
    assert content == machine.client_settings.read_bytes()


@pytest.mark.parametrize("then", ["reinstalled", "reinstalled for another client", "not reinstalled"])
@pytest.mark.parametrize("settings", [line_of(MINE, padding=1), {"model": "opus"}, {}], ids=["own", "none", "empty"])
def test_nothing_is_lost_with_the_state_folder(machine: Machine, settings: dict[str, Any], then: str) -> None:
    """Who deletes our folder by hand has lost no status line, and a removal leaves no empty lists of ours."""
    machine.write_settings(settings)
    machine.install()
    shutil.rmtree(machine.place.state)
    machine.settings = {}
    if then != "not reinstalled":
        machine.client_answer = "2.1.138" if "another" in then else machine.client_answer
        machine.install()
        assert ("statusLine" in settings) == (shown_beside(machine) == MINE)
        assert not machine.install()

    machine.uninstall()

    assert settings == machine.wired()


def test_what_is_unknown_without_a_receipt_is_said(machine: Machine) -> None:
    """Installed over entries whose receipt is gone, the user hears what a removal cannot do any more."""
    machine.write_settings(line_of(MINE))
    machine.install()
    shutil.rmtree(machine.place.state)
    machine.said = []

    machine.install()

    unknown = (
        f"The receipt of the former installation is gone: a removal will take out our entries, but whether "
        f"{machine.client_settings} had empty hook lists of its own is not known any more."
    )
    assert [unknown] == [sentence for sentence in machine.said if "receipt of the former" in sentence]
    machine.said = []
    machine.uninstall()
    assert (
        "There is no full receipt of the installation, so our 9 entries go with the lists that they leave empty; all "
        f"else in {machine.client_settings} stays as it is." in machine.said
    )


def test_a_line_that_is_too_long_to_be_carried(machine: Machine) -> None:
    """A command too long for a command line within a command line is in the receipt alone; without it, that is said."""
    command = "echo " + "'" * 4000
    content = machine.write_settings(line_of(command, padding=3))
    machine.install()
    assert command == shown_beside(machine)
    machine.uninstall()
    assert content == machine.client_settings.read_bytes()

    machine.install()
    shutil.rmtree(machine.place.state)
    machine.install()

    assert (
        "If you had a status line before ours, its command was lost with the receipt; name it again: "
        f"{machine.place.launcher} config set status_line.passthrough COMMAND" in machine.said
    )


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("command", [MINE, "a\nb\\c \"d\" $(e) `f` #g 'h' %i% ü", "|", "''"])
def test_what_is_carried_harms_nobody(real_processes: User, tmp_path: Path, command: str) -> None:
    """The shell hands the user's command to our script as one word and runs nothing of it."""
    line = status_line_entry.beside("printf '<%s>' script.py", command)

    done = programs.run(["/bin/sh", "-c", line], environ=real_processes.environ, folder=str(tmp_path))

    assert f"<script.py><{command}>" == done.output


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_the_real_script_takes_no_notice_of_what_is_carried(real_processes: User) -> None:
    """Started with the user's command as a further word, our status line neither runs it nor stumbles over it."""
    ours = status_line_entry.command(sys.executable, (Path(__file__).resolve().parents[2] / "hooks").as_posix())

    done = programs.run(
        ["/bin/sh", "-c", status_line_entry.beside(ours, "touch pwned")],
        environ=real_processes.environ,
        folder=str(real_processes.home),
    )

    assert 0 == done.returncode
    assert "Traceback" not in done.output
    assert not (real_processes.home / "pwned").exists()
