from __future__ import annotations

import shlex
from typing import Any

import pytest

from watchkeeper.wiring import hook_entries, status_line_entry

FOLDER = "/home/dev/.claude/watchkeeper/app/hooks"


def test_command() -> None:
    """The status line runs its script the way hooks run theirs, in one quoted command line."""
    command = status_line_entry.command("/usr/bin/python3", FOLDER)

    expected = ["/usr/bin/python3", "-I", "-S", "-X", "utf8", "-c", hook_entries.BOOT, f"{FOLDER}/status_line.py"]
    assert expected == shlex.split(command)
    assert {"type": "command", "command": command, "padding": 0} == status_line_entry.entry(command)


@pytest.mark.parametrize(
    ("command", "is_ours"),
    [
        pytest.param(status_line_entry.command("/usr/bin/python3", FOLDER), True, id="as wired"),
        pytest.param(
            status_line_entry.command("/usr/bin/python3", "/a 'b' $(c)/watchkeeper/app/hooks"), True, id="quoted"
        ),
        pytest.param("~/.claude/watchkeeper/bin/watchkeeper status-line", True, id="launcher"),
        pytest.param('"/a b/watchkeeper/bin/watchkeeper" status-line', True, id="quoted launcher"),
        pytest.param("watchkeeper status-line --no-color", True, id="launcher on the path"),
        pytest.param(r"C:\x\watchkeeper\bin\watchkeeper.cmd status-line", True, id="launcher on Windows"),
        pytest.param("echo mine", False, id="another"),
        pytest.param("mywatchkeeper status-line", False, id="a similar name"),
        pytest.param("echo watchkeeper", False, id="mentions it"),
    ],
)
def test_ours_is_recognised(command: str, is_ours: bool) -> None:
    """Ours is recognised however it was put there, so that it never runs itself."""
    settings: dict[str, Any] = {"statusLine": {"type": "command", "command": command}}

    assert is_ours == status_line_entry.is_ours(settings["statusLine"])
    assert ("" if is_ours else command) == status_line_entry.foreign_command(settings)


def test_no_status_line() -> None:
    """Where there is none, there is nothing to pass through and no problem."""
    assert "" == status_line_entry.foreign_command({})
    assert status_line_entry.problem({}) is None
