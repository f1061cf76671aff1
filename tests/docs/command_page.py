"""The page docs/commands.md, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.docs.options import Command, commands
from tests.docs.promises import EXIT_CODES, JSON_KEYS
from tests.support.tree import TREE
from watchkeeper import cli

_INTRODUCTION = """\
<!-- Made by tests/docs/generate.py: change the commands, not this page. -->
# Commands

`watchkeeper COMMAND` in a terminal; it lies in `~/.claude/watchkeeper/bin/`. Those that have a slash command of the
same name are typed in Claude Code too. There they are answered without a model, three excepted: Claude writes the
handoff of `/plan-next-session` and `/save-and-restart` (without `--draft`), and asks the question of
`/start-next-session`.

Every command takes these three options, which are not repeated below:

| option | meaning |
| --- | --- |
| `--json` | print JSON: times in ISO 8601 with offset, what is not known is null |
| `--no-color` | print without colours; `NO_COLOR` in the environment does the same |
| `--config-dir DIR` | another configuration directory than `CLAUDE_CONFIG_DIR` or `~/.claude` |

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | a stated failure, one sentence on standard error |
| 2 | wrong usage, likewise |
| 70 | a bug: one line, and the log that it names |
| 130 | interrupted with Ctrl-C |

A command whose codes mean more says so. `--session ID` takes the beginning of an id; without it the calling session is
meant, else the newest of this folder's project. The JSON keys named below stay; more may be added.

"""


def page() -> str:
    """Return the whole page."""
    index = [f"- [`{name}`](#{anchor(name)}): {cli.COMMANDS[name]}" for name in cli.COMMANDS]
    return _INTRODUCTION + "\n".join([*index, "", *_lines()])


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading of letters, digits, spaces and dashes."""
    return heading.lower().replace(" ", "-")


def _lines() -> Iterator[str]:
    for command in commands().values():
        yield from (f"{'#' * (len(command.words) + 1)} {command.name}", "", command.help, "")
        slash = TREE / "commands" / f"{command.name}.md"
        if slash.exists():
            yield from (f"In Claude Code: `{_typed(command.name, slash.read_text(encoding='utf-8'))}`", "")
        if command.arguments or not command.is_group:
            yield from (f"    {_usage(command)}", "")
        rows = [*map(_argument, command.arguments), *map(_option, command.options)]
        if rows:
            yield from ("| | |", "| --- | --- |", *rows, "")
        if command.name in JSON_KEYS:
            yield from (f"JSON: `{JSON_KEYS[command.name]}`", "")
        if command.name in EXIT_CODES:
            yield from (f"Exit codes: {EXIT_CODES[command.name]}.", "")


def _typed(name: str, text: str) -> str:
    hint = re.search(r'^argument-hint: "(.*)"$', text, re.MULTILINE)
    return f"/{name} {hint[1]}" if hint else f"/{name}"


def _usage(command: Command) -> str:
    arguments = [_placed(each) for each in command.arguments]
    return " ".join(["watchkeeper", *command.words, *arguments, *(["[OPTIONS]"] if command.options else [])])


def _placed(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _argument(argument: Any) -> str:
    return f"| `{_cell(argument.metavar or argument.name.upper())}` | {_cell(argument.help or '')} |"


def _option(option: Any) -> str:
    spelled = "`, `".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else f" {option.metavar or 'N'}"
    default = f" Default {option.default}." if option.default and not option.is_flag else ""
    required = " Required." if option.required else ""
    return f"| `{_cell(spelled + value)}` | {_cell(option.help or '')}{default}{required} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
