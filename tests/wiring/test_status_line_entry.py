from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.wiring import hook_entries, status_line_entry

FOLDER = "/home/dev/.claude/watchkeeper/app/hooks"


def test_command() -> None:
    """The status line runs its script the way hooks run theirs, in one quoted command line."""
    command = status_line_entry.command("/usr/bin/python3", FOLDER)

    expected = ["/usr/bin/python3", "-I", "-S", "-X", "utf8", "-c", hook_entries.BOOT, f"{FOLDER}/status_line.py"]
    assert expected == shlex.split(command)
    assert {"type": "command", "command": command, "padding": 0} == status_line_entry.entry(command)


WRITTEN = {
    "as wired": status_line_entry.command("/usr/bin/python3", FOLDER),
    "of a hostile place": status_line_entry.command("/usr/bin/python3", "/a 'b' $(c)/watchkeeper/app/hooks"),
    "of Windows": status_line_entry.command(r"C:\Program Files\py.exe", r"C:\A B\.claude\watchkeeper\app\hooks"),
    "carrying": status_line_entry.beside(status_line_entry.command("/usr/bin/python3", FOLDER), "echo 'mine' | cat"),
}
TYPED = {
    "launcher": "~/.claude/watchkeeper/bin/watchkeeper status-line",
    "quoted launcher": '"/a b/watchkeeper/bin/watchkeeper" status-line',
    "launcher on the path": " watchkeeper   status-line\n",
    "launcher on Windows": r"C:\x\watchkeeper\bin\watchkeeper.cmd status-line",
}
RUNS_OURS = {
    "with an argument": "watchkeeper status-line --no-color",
    "with an option before": "watchkeeper --config-dir '/a b' status-line",
    "in a list": "date; watchkeeper status-line | tee /tmp/x",
    "in a list without a space": "date;watchkeeper status-line",
    "in a substitution": 'echo "$(/a/watchkeeper/bin/watchkeeper status-line)"',
    "quoted in a shell": "bash -c 'watchkeeper status-line'",
    "with a variable": "NO_COLOR=1 watchkeeper status-line",
    "launcher elsewhere": "/usr/local/bin/watchkeeper status-line",
    "as a module": "python3 /src/lib/watchkeeper/__main__.py status-line",
    "our script": f"python3 {FOLDER}/status_line.py",
    "our script piped": f"{WRITTEN['as wired']} | tee /tmp/x",
    "our script with more words": f"{WRITTEN['as wired']} a b",
    "our script with less": f"/usr/bin/python3 -c pass {FOLDER}/status_line.py",
    "our script on Windows": r"py C:\Users\a\.claude\watchkeeper\app\hooks\status_line.py",
}
FOREIGN = {
    "another": "echo mine",
    "a similar name": "mywatchkeeper status-line",
    "a longer name": "watchkeeper-status-line",
    "mentions it": "echo watchkeeper",
    "beside another's": "watchkeeper session-status; other status-line",
    "a script of that name": "~/.claude/hooks/status_line.py",
    "empty": "",
    "an open quote": "echo 'x",
}


def line_of(command: str) -> dict[str, Any]:
    return {"type": "command", "command": command}


@pytest.mark.parametrize("command", WRITTEN.values(), ids=WRITTEN)
def test_what_an_installation_wrote(command: str) -> None:
    """Our exact form is ours, wherever it leads and whatever it carries."""
    line = line_of(command)

    assert (True, True, False) == (
        status_line_entry.is_ours(line),
        status_line_entry.is_written(line),
        status_line_entry.is_typed(line),
    )
    assert ("echo 'mine' | cat" if "mine" in command else "") == status_line_entry.carried(line)


@pytest.mark.parametrize("command", TYPED.values(), ids=TYPED)
def test_our_launcher_typed_by_hand(command: str) -> None:
    """The launcher's command and nothing else is ours, too."""
    line = line_of(command)

    assert (True, False, True) == (
        status_line_entry.is_ours(line),
        status_line_entry.is_written(line),
        status_line_entry.is_typed(line),
    )
    assert "" == status_line_entry.foreign_command({"statusLine": line})


@pytest.mark.parametrize("command", [*WRITTEN.values(), *TYPED.values(), *RUNS_OURS.values()])
def test_whatever_runs_ours_is_seen(tmp_path: Path, command: str) -> None:
    """Ours is found in every line that runs it, so that it never comes to run itself."""
    assert status_line_entry.runs_ours(command, tmp_path)


@pytest.mark.parametrize("command", [*RUNS_OURS.values(), *FOREIGN.values()])
def test_anything_more_than_ours_is_the_users(command: str) -> None:
    """A line that does something else, or something more, belongs to the user."""
    assert not status_line_entry.is_ours(line_of(command))
    assert command == status_line_entry.foreign_command({"statusLine": line_of(command)})


@pytest.mark.parametrize("command", FOREIGN.values(), ids=FOREIGN)
def test_what_does_not_run_ours(tmp_path: Path, command: str) -> None:
    """Names that only resemble ours are no reason to leave a line alone."""
    assert not status_line_entry.runs_ours(command, tmp_path)


@pytest.mark.parametrize("word", ["~/line.sh", "$HOME/line.sh", "${HOME}/line.sh", "{home}/line.sh", "line.sh"])
def test_scripts_are_looked_into(tmp_path: Path, word: str) -> None:
    """A script of the user's that runs ours is found by every name that a command line may give it."""
    command = f"bash '{word.replace('{home}', str(tmp_path))}' x"
    (tmp_path / "line.sh").write_bytes(b"\xff\ndate\n")
    assert not status_line_entry.runs_ours(command, tmp_path)

    (tmp_path / "line.sh").write_text("date\nwatchkeeper status-line\n", encoding="utf-8")
    assert status_line_entry.runs_ours(command, tmp_path)


@given(
    command=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    place=st.sampled_from([*WRITTEN.values()][:3]),
)
def test_whatever_the_users_command_is_it_can_be_carried(command: str, place: str) -> None:
    """What ours carries is read back as it was."""
    line = line_of(status_line_entry.beside(place, command))

    assert (True, command) == (status_line_entry.is_written(line), status_line_entry.carried(line))


def test_no_status_line() -> None:
    """Where there is none, there is nothing to pass through and no problem."""
    assert "" == status_line_entry.foreign_command({})
    assert status_line_entry.problem({}) is None
