"""The command that would wake the machine; nobody runs it."""

from __future__ import annotations

import pytest

from tests.support.clock import NOON
from watchkeeper.automation.waking import waking_command


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("darwin", 'sudo pmset schedule wake "11/20/2026 11:59:00"'),
        ("linux", f"sudo rtcwake --mode no --time {NOON - 60:.0f}"),
        ("win32", None),
        ("freebsd14", None),
    ],
)
def test_one_for_each_platform(platform: str, command: str | None) -> None:
    """A minute before; where none is known none is shown."""
    assert command == waking_command(NOON, platform)


def test_windows_needs_the_tasks_name() -> None:
    """There it is a switch of the task itself."""
    command = waking_command(NOON, "win32", "Watchkeeper 4a26f3fe")

    assert command is not None
    assert "-TaskName 'Watchkeeper 4a26f3fe'" in command
    assert "-WakeToRun" in command
