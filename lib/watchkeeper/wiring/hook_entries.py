"""The hook entries of settings.json and of the plugin's hooks.json, as plain data, and how ours are recognised."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from watchkeeper.wiring import shell_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

Handler = dict[str, Any]
Group = dict[str, Any]

SCRIPTS = {
    "SessionStart": "session_start.py",
    "PostToolUse": "post_tool_use.py",
    "PostToolUseFailure": "post_tool_use_failure.py",
    "UserPromptExpansion": "user_prompt_expansion.py",
    "Stop": "stop.py",
    "StopFailure": "stop_failure.py",
    "SessionEnd": "session_end.py",
    "PreCompact": "pre_compact.py",
}
"""Event of Claude Code -> the file in hooks/ that answers it."""

TIMEOUT_S = 5

# No site-packages, no variables, no folder of the user's on the path; UTF-8 whatever the locale says.
FLAGS = ("-I", "-S", "-X", "utf8")

# A missing script makes Python exit 2, which blocks prompts and compaction. This exits 0 and says nothing. It has no
# quotes in it, so that every shell passes it on unharmed; -X utf8 decides how the file is read.
BOOT = "import sys\ntry:\n exec(open(sys.argv[1]).read())\nexcept Exception:\n pass"

FORMS = ((*FLAGS, "-c", BOOT),)
"""What stands between interpreter and script: first as it is written, then as it may still be found."""

# Claude Code shows the whole command line of a PreCompact hook, and after a manual /compact the model reads it.
PRE_COMPACT = "pre-compact"

STATUS_LINE = "status_line.py"

# In the state folder of an installation.
_STARTED = {f"app/hooks/{script}" for script in (*SCRIPTS.values(), STATUS_LINE)} | {f"bin/{PRE_COMPACT}"}
_PLACE = re.compile(r"(?P<folder>(?:.*/)?watchkeeper)/(?P<script>(?:app/hooks|bin)/[^/]+)", re.DOTALL)

_OF_WINDOWS = re.compile(r"[A-Za-z]:[/\\]|\\\\")


def installed_groups(
    interpreter: str, hooks_folder: str, command_names: Iterable[str], exec_form: bool
) -> dict[str, Group]:
    """Return the hook group of each event for an installed bundle, in exec form or in quoted shell form."""
    form = exec_handler if exec_form else shell_handler
    groups = _groups(lambda script: form(interpreter, f"{for_a_shell(hooks_folder)}/{script}"), command_names)
    if not _OF_WINDOWS.match(hooks_folder):
        script = f"{hooks_folder.removesuffix('/app/hooks')}/bin/{PRE_COMPACT}"
        groups["PreCompact"] = {"hooks": [_short_handler(script) if exec_form else _short_shell_handler(script)]}
    return groups


def plugin_groups(command_names: Iterable[str]) -> dict[str, Group]:
    """Return the hook group of each event for the plugin, which cannot know the machine's interpreters."""
    groups = _groups(lambda script: exec_handler("python3", f"${{CLAUDE_PLUGIN_ROOT}}/hooks/{script}"), command_names)
    return {**groups, "PreCompact": {"hooks": [_short_handler(f"${{CLAUDE_PLUGIN_ROOT}}/hooks/{PRE_COMPACT}")]}}


def exec_handler(interpreter: str, script: str) -> Handler:
    """Return the handler that starts `interpreter` without a shell."""
    return {"type": "command", "command": interpreter, "args": [*FORMS[0], script], "timeout": TIMEOUT_S}


def shell_handler(interpreter: str, script: str) -> Handler:
    """Return the handler for clients that know no `args`: one command line for `sh` (on Windows that of Git Bash)."""
    return {"type": "command", "command": shell_command(interpreter, script), "timeout": TIMEOUT_S}


def shell_command(interpreter: str, script: str) -> str:
    """Return the quoted command line that runs `script` so that it may be missing."""
    return shlex.join([for_a_shell(interpreter), *FORMS[0], for_a_shell(script)])


def _short_handler(script: str) -> Handler:
    """Return the handler that is a script's path alone; a script that is missing cannot start, which blocks nothing."""
    return {"type": "command", "command": script, "args": [], "timeout": TIMEOUT_S}


def _short_shell_handler(script: str) -> Handler:
    return {"type": "command", "command": shlex.quote(script), "timeout": TIMEOUT_S}


def matcher(command_names: Iterable[str]) -> str:
    """Return the matcher for our slash commands (small letters, digits, hyphens), also with the plugin's prefix."""
    return f"^(watchkeeper:)?({'|'.join(sorted(command_names))})$"


def is_ours(handler: Mapping[str, Any], state_folders: Collection[str]) -> bool:
    """Return whether an installation wrote this handler.

    It did when it runs a script of ours in one of `state_folders`, which are the spellings of the one in hand, however
    it is started; and elsewhere, from where an installation was moved, when it is just as an installation writes it.
    """
    words = _words(handler)
    found = our_script(words[-1]) if words else None
    if found is None:
        return False
    folder, script = found
    if folder in state_folders or tuple(words[1:-1]) in FORMS:
        return True
    return script == f"bin/{PRE_COMPACT}" and len(words) == 1 and handler.get("timeout") == TIMEOUT_S


def our_script(path: str) -> tuple[str, str] | None:
    """Return the state folder of the installation whose script `path` is, and the script; None for any other path."""
    found = _PLACE.fullmatch(for_a_shell(path))
    return (found["folder"], found["script"]) if found and found["script"] in _STARTED else None


def _words(handler: Mapping[str, Any]) -> list[str]:
    command, arguments = handler.get("command"), handler.get("args")
    if not isinstance(command, str):
        return []
    if arguments is None:
        return shell_words.of(command)
    is_list = isinstance(arguments, list) and all(isinstance(argument, str) for argument in arguments)
    return [command, *arguments] if is_list else []


def for_a_shell(path: str) -> str:
    """Return a path of Windows with forward slashes; elsewhere a backslash is a letter like any other."""
    return path.replace("\\", "/") if _OF_WINDOWS.match(path) else path


def _groups(handler: Callable[[str], Handler], command_names: Iterable[str]) -> dict[str, Group]:
    names = sorted(command_names)
    groups: dict[str, Group] = {}
    for event, script in SCRIPTS.items():
        if event != "UserPromptExpansion":
            groups[event] = {"hooks": [handler(script)]}
        elif names:
            groups[event] = {"matcher": matcher(names), "hooks": [handler(script)]}
    return groups
