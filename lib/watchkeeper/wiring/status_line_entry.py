"""The status line entry of settings.json: ours in place of the user's, whose own settings for it stay."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from watchkeeper.wiring import files, shell_words
from watchkeeper.wiring.hook_entries import FORMS, STATUS_LINE, for_a_shell, our_script, shell_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCRIPT = STATUS_LINE

# Command lines have an end, on Windows after 32,767 characters, and quoting may make five of one.
_CARRIED_CHARACTERS = 4000

_SCRIPT_BYTES = 65_536

_LAUNCHER = re.compile(r"(?:(?:.*/)?watchkeeper/bin/)?watchkeeper(?:\.cmd)?")
# Anywhere in a command line or in a script, however it is started. It may find too much: then the user's line is left
# alone. Too little would make the status line run itself for ever.
_MENTION = re.compile(
    r"(?<![\w-])watchkeeper(?:\.cmd|/__main__\.py)?[\"']?[ \t][^;&|\n]*?\bstatus-line\b"
    r"|watchkeeper[^\s;&|\"']*/hooks/status_line\.py"
)


def command(interpreter: str, hooks_folder: str) -> str:
    """Return the command line of our status line. Claude Code knows no exec form for it."""
    return shell_command(interpreter, f"{hooks_folder}/{SCRIPT}")


def beside(our_command: str, foreign: str) -> str:
    """Return our command line carrying the user's own command as a last word, which nothing reads but `carried`.

    There it is out of harm's way when the state folder is deleted, and the receipt with it.
    """
    is_carried = foreign and len(foreign) <= _CARRIED_CHARACTERS
    return f"{our_command} {shlex.quote(foreign)}" if is_carried else our_command


def entry(our_command: str) -> dict[str, Any]:
    """Return the entry for settings that have no status line."""
    return {"type": "command", "command": our_command, "padding": 0}


def command_of(status_line: Any) -> str:
    """Return the command of a `statusLine` value, "" for none."""
    line = status_line.get("command") if isinstance(status_line, dict) else None
    return line if isinstance(line, str) else ""


def is_ours(status_line: Any) -> bool:
    """Return whether a `statusLine` value runs our status line and nothing else."""
    return is_written(status_line) or is_typed(status_line)


def is_written(status_line: Any) -> bool:
    """Return whether an installation wrote the command of a `statusLine` value."""
    return _carried(command_of(status_line)) is not None


def is_typed(status_line: Any) -> bool:
    """Return whether the command of a `statusLine` value is our launcher's, which a person typed."""
    words = shell_words.of(for_a_shell(command_of(status_line)))
    return len(words) == 2 and words[1] == "status-line" and bool(_LAUNCHER.fullmatch(words[0]))


def carried(status_line: Any) -> str:
    """Return the user's own command that the command of a `statusLine` value of ours carries, "" for none."""
    return _carried(command_of(status_line)) or ""


def may_have_lost(status_line: Any) -> bool:
    """Return whether ours stands in a `statusLine` value of the user's without carrying what stood there before."""
    is_bare = is_written(status_line) and not carried(status_line)
    return is_bare and status_line != entry(command_of(status_line))


def runs_ours(line: str, home: Path) -> bool:
    """Return whether a status line command runs our status line in any way, be it in a script that it names."""
    texts = (_text_of(word, home) for word in shell_words.roughly(line))
    return any(_MENTION.search(text.replace("\\", "/")) for text in (line, *texts))


def problem(settings: Mapping[str, Any]) -> str | None:
    """Return why the status line of `settings` cannot be passed through, as the end of a sentence, or None."""
    line = settings.get("statusLine")
    if line is None:
        return None
    if (
        not isinstance(line, dict)
        or line.get("type") not in ("command", None)
        or not isinstance(line.get("command"), str)
    ):
        return "has a statusLine that is not a command"
    try:
        line["command"].encode()
    except UnicodeEncodeError:
        return "has a statusLine command that is not text"
    return "has a statusLine command that no program can be given" if "\0" in line["command"] else None


def foreign_command(settings: Mapping[str, Any]) -> str:
    """Return the user's own status line command, "" where there is none."""
    line = settings.get("statusLine")
    return "" if is_ours(line) else command_of(line)


def _text_of(word: str, home: Path) -> str:
    """Return how the file begins that a word of a command line names, "" where there is none."""
    name, slash, below = word.partition("/")
    path = home / below if slash and name in {"~", "$HOME", "${HOME}"} else home / word
    return files.head_of(path, _SCRIPT_BYTES).decode("utf-8", "replace")


def _carried(line: str) -> str | None:
    """Return what a command line of ours carries, None when it is not one that an installation writes."""
    words = shell_words.of(line)
    for form in FORMS:
        script = len(form) + 1
        if tuple(words[1:script]) == form and len(words) in (script + 1, script + 2):
            found = our_script(words[script])
            return "".join(words[script + 1 :]) if found and found[1] == f"app/hooks/{SCRIPT}" else None
    return None
