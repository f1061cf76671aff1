"""The status line entry of settings.json: ours in place of the user's, whose own settings for it stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from watchkeeper.wiring.hook_entries import runs_our_script, shell_command

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = "status_line.py"

# Typed by hand it would make the status line run itself.
_LAUNCHER = re.compile(r"(?:^|[/\s\"'])watchkeeper(?:\.cmd)?[\"']?\s+status-line\b")


def command(interpreter: str, hooks_folder: str) -> str:
    """Return the command line of our status line. Claude Code knows no exec form for it."""
    return shell_command(interpreter, f"{hooks_folder}/{SCRIPT}")


def entry(our_command: str) -> dict[str, Any]:
    """Return the entry for settings that have no status line."""
    return {"type": "command", "command": our_command, "padding": 0}


def is_ours(status_line: Any) -> bool:
    """Return whether a `statusLine` value runs our status line."""
    line = status_line.get("command") if isinstance(status_line, dict) else None
    return isinstance(line, str) and (runs_our_script(line) or bool(_LAUNCHER.search(line.replace("\\", "/"))))


def problem(settings: Mapping[str, Any]) -> str | None:
    """Return why the status line of `settings` cannot be passed through, as the end of a sentence, or None."""
    if "statusLine" not in settings:
        return None
    line = settings["statusLine"]
    if not isinstance(line, dict) or line.get("type") != "command" or not isinstance(line.get("command"), str):
        return "has a statusLine that is not a command"
    try:
        line["command"].encode()
    except UnicodeEncodeError:
        return "has a statusLine command that is not text"
    return "has a statusLine command that no program can be given" if "\0" in line["command"] else None


def foreign_command(settings: Mapping[str, Any]) -> str:
    """Return the user's own status line command, "" where there is none."""
    line = settings.get("statusLine")
    return str(line["command"]) if isinstance(line, dict) and "command" in line and not is_ours(line) else ""
