"""The scripts in `bin`: the command `watchkeeper` for each kind of system, and what answers PreCompact."""

from __future__ import annotations

import shlex

from watchkeeper.wiring.hook_entries import FORMS, SCRIPTS


def posix(python: str, entry: str, config: str, is_default: bool) -> str:
    """Return the launcher for `sh`, safe for any path. A configuration directory of one's own goes with it."""
    # The client keeps .claude.json elsewhere once the variable is set, so the default must not be spelled out.
    pinned = f'[ -n "$CLAUDE_CONFIG_DIR" ] || CLAUDE_CONFIG_DIR={shlex.quote(config)}\nexport CLAUDE_CONFIG_DIR\n'
    program = f'exec {shlex.quote(python)} -I -X utf8 {shlex.quote(entry)} "$@"\n'
    return "#!/bin/sh\n" + ("" if is_default else pinned) + program


def pre_compact(interpreter: str, script: str) -> str:
    """Return the script that answers PreCompact, for `sh`: with it the hook's command line is one path."""
    return _pre_compact(interpreter, shlex.quote(script))


def plugin_pre_compact() -> str:
    """Return the same for the plugin (hooks/pre-compact), which cannot know where it will be: the hook is beside it."""
    return _pre_compact("python3", f'"${{0%/*}}/{SCRIPTS["PreCompact"]}"')


def _pre_compact(interpreter: str, quoted_script: str) -> str:
    why = "# A script, because Claude Code shows the whole command line of this hook, and the model reads it."
    return f"#!/bin/sh\n{why}\nexec {shlex.join([interpreter, *FORMS[0]])} {quoted_script}\n"


def windows(is_default: bool) -> str:
    """Return the launcher for `cmd.exe`, which finds its files from its own place: no path meets a code page."""
    here = '"%~dp0..\\venv\\Scripts\\python.exe" -I -X utf8 "%~dp0..\\app\\lib\\watchkeeper\\__main__.py" %*'
    if is_default:
        return f"@{here}\r\n"
    pinned = 'if not defined CLAUDE_CONFIG_DIR for %%I in ("%~dp0..\\..") do set "CLAUDE_CONFIG_DIR=%%~fI"'
    return f"@echo off\r\nsetlocal\r\n{pinned}\r\n{here}\r\n"
