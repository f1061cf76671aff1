from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from watchkeeper.wiring import hook_entries

NAMES = ["session-status", "context-status"]
STATE = "/home/dev/.claude/watchkeeper"
FOLDER = f"{STATE}/app/hooks"


def test_exec_form() -> None:
    """A hook is an argument list: no shell, no site-packages, five seconds, and a script that may be missing."""
    groups = hook_entries.installed_groups("/usr/bin/python3", FOLDER, NAMES, exec_form=True)

    assert {
        "hooks": [
            {
                "type": "command",
                "command": "/usr/bin/python3",
                "args": ["-I", "-S", "-X", "utf8", "-c", hook_entries.BOOT, f"{FOLDER}/post_tool_use.py"],
                "timeout": 5,
            }
        ]
    } == groups["PostToolUse"]


def test_shell_form() -> None:
    """For older clients the same arguments stand in one quoted command line."""
    exec_form = hook_entries.installed_groups("/usr/bin/python3", FOLDER, NAMES, exec_form=True)
    shell_form = hook_entries.installed_groups("/usr/bin/python3", FOLDER, NAMES, exec_form=False)

    for event, group in shell_form.items():
        handler, same = group["hooks"][0], exec_form[event]["hooks"][0]
        assert {"type", "command", "timeout"} == set(handler)
        assert [same["command"], *same["args"]] == shlex.split(handler["command"])


def test_windows_paths_have_forward_slashes_where_a_shell_reads_them() -> None:
    """Git Bash takes a backslash for an escape, so that the shell form has none; started directly, the path stays."""
    python, folder = r"C:\Program Files\Python312\python.exe", r"C:\Users\A B\.claude\watchkeeper\app\hooks"

    shell = hook_entries.shell_handler(python, f"{folder}/stop.py")["command"]
    started = hook_entries.installed_groups(python, folder, NAMES, exec_form=True)["Stop"]["hooks"][0]

    assert "\\" not in shell
    assert "C:/Program Files/Python312/python.exe" == shlex.split(shell)[0]
    assert [python, "C:/Users/A B/.claude/watchkeeper/app/hooks/stop.py"] == [started["command"], started["args"][-1]]


def test_every_event_is_wired() -> None:
    """Each event has its script, and only the expansion of prompts has a matcher."""
    groups = hook_entries.installed_groups("/usr/bin/python3", FOLDER, NAMES, exec_form=True)

    assert [*hook_entries.SCRIPTS] == [*groups]
    assert ["UserPromptExpansion"] == [event for event, group in groups.items() if "matcher" in group]
    started = {event: group["hooks"][0] for event, group in groups.items() if event != "PreCompact"}
    assert {event: f"{FOLDER}/{script}" for event, script in hook_entries.SCRIPTS.items() if event in started} == {
        event: handler["args"][-1] for event, handler in started.items()
    }


@pytest.mark.parametrize("exec_form", [True, False], ids=["exec form", "shell form"])
def test_the_command_line_of_pre_compact_is_one_path(exec_form: bool) -> None:
    """The client shows PreCompact's whole command line and the model reads it, so it is a path and nothing else."""
    [handler] = hook_entries.installed_groups("/usr/bin/python3", FOLDER, NAMES, exec_form)["PreCompact"]["hooks"]

    path = FOLDER.removesuffix("/app/hooks") + "/bin/pre-compact"
    assert ([path], []) == (shlex.split(handler["command"]), handler.get("args", []))
    assert hook_entries.is_ours(handler, [STATE])
    assert hook_entries.is_ours(handler, ["/moved/watchkeeper"])


def test_without_commands_no_prompt_is_looked_at() -> None:
    """A matcher for nothing is not written."""
    assert "UserPromptExpansion" not in hook_entries.plugin_groups([])


@pytest.mark.parametrize(
    ("name", "is_caught"),
    [
        ("session-status", True),
        ("watchkeeper:session-status", True),
        ("context-status", True),
        ("session-status-2", False),
        ("my-session-status", False),
        ("other:session-status", False),
        ("", False),
    ],
)
def test_matcher(name: str, is_caught: bool) -> None:
    """Our commands are caught by their whole name, with the plugin's prefix and without, and nothing else."""
    matcher = hook_entries.matcher(NAMES)

    assert "^(watchkeeper:)?(context-status|session-status)$" == matcher
    assert is_caught == bool(re.search(matcher, name))


HOSTILE = "/a 'b\"$(c)/watchkeeper/app/hooks"
WINDOWS = r"C:\Users\A B\.claude\watchkeeper\app\hooks"
AS_WRITTEN: dict[str, dict[str, Any]] = {
    "exec form": hook_entries.exec_handler("/usr/bin/python3", f"{FOLDER}/stop.py"),
    "shell form": hook_entries.shell_handler("/usr/bin/python3", f"{FOLDER}/stop.py"),
    "exec form, hostile path": hook_entries.exec_handler("/usr/bin/python3", f"{HOSTILE}/stop.py"),
    "shell form, hostile path": hook_entries.shell_handler("/usr/bin/python3", f"{HOSTILE}/stop.py"),
    "exec form, Windows": hook_entries.exec_handler("py.exe", f"{WINDOWS}\\stop.py"),
    "shell form, Windows": hook_entries.shell_handler("py.exe", f"{WINDOWS}\\stop.py"),
}
IN_HAND: dict[str, dict[str, Any]] = {
    "another form": {"command": "/x/py", "args": [f"{FOLDER}/session_start.py"]},
    "plain shell line": {"type": "command", "command": "python3 ~/.claude/watchkeeper/app/hooks/stop.py "},
    "double quotes": {"type": "command", "command": f'python3 "{FOLDER}/stop.py"'},
    "pre-compact by hand": {"type": "command", "command": f"sh {STATE}/bin/pre-compact"},
}
FOREIGN: dict[str, dict[str, Any]] = {
    "another program": {"type": "command", "command": "echo hi"},
    "the plugin": hook_entries.plugin_groups(NAMES)["Stop"]["hooks"][0],
    "the plugin's PreCompact": hook_entries.plugin_groups(NAMES)["PreCompact"]["hooks"][0],
    "another watchkeeper": hook_entries.exec_handler("python3", "/opt/mywatchkeeper/app/hooks/stop.py"),
    "another script there": {"type": "command", "command": "python3 /home/u/code/watchkeeper/app/hooks/mine.py"},
    "another script, as we start ours": hook_entries.exec_handler("python3", "/u/code/watchkeeper/app/hooks/mine.py"),
    "another script in hand": {"type": "command", "command": f"python3 {FOLDER}/mine.py"},
    "the same name elsewhere": {"type": "command", "command": "python3 /home/u/code/watchkeeper/app/hooks/stop.py"},
    "pre-compact elsewhere": {"type": "command", "command": "/home/u/code/watchkeeper/bin/pre-compact", "timeout": 60},
    "a list that ends in ours": {"type": "command", "command": f"date; python3 {FOLDER}/stop.py"},
    "only mentions it": {"command": f"grep x {FOLDER}/stop.py /tmp/log"},
    "no command": {"type": "http", "url": "http://127.0.0.1/watchkeeper/app/hooks/"},
    "odd types": {"command": 5, "args": [None]},
    "odd arguments": {"command": "python3", "args": [None, f"{FOLDER}/stop.py"]},
}


@pytest.mark.parametrize("handler", AS_WRITTEN.values(), ids=AS_WRITTEN)
@pytest.mark.parametrize("state", [STATE, "/moved/to/watchkeeper"], ids=["in hand", "moved"])
def test_what_an_installation_wrote_is_ours_wherever_it_was(handler: dict[str, Any], state: str) -> None:
    """An entry in our exact form is ours, also when the configuration directory has been moved since."""
    assert hook_entries.is_ours(json.loads(json.dumps(handler)), [state])


@pytest.mark.parametrize("handler", IN_HAND.values(), ids=IN_HAND)
def test_a_script_of_the_installation_in_hand_is_ours_however_it_is_started(handler: dict[str, Any]) -> None:
    """What runs a script that goes away with the installation is ours; one elsewhere, started like that, is not."""
    folders = [STATE, "~/.claude/watchkeeper"]

    assert hook_entries.is_ours(handler, folders)
    assert not hook_entries.is_ours(handler, ["/another/watchkeeper"])


@pytest.mark.parametrize("handler", FOREIGN.values(), ids=FOREIGN)
def test_foreign_entries_are_not_ours(handler: dict[str, Any]) -> None:
    """Anything else belongs to somebody else."""
    assert not hook_entries.is_ours(handler, [STATE])
