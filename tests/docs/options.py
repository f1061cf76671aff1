"""The commands as data: what each takes, as Typer knows it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import typer

from watchkeeper import cli

# What every command takes; said once for all of them.
COMMON = ("--json", "--no-color", "--config-dir")


class Command(NamedTuple):
    """A command or sub-command: its words, what Typer says of it, and whether sub-commands follow."""

    words: tuple[str, ...]
    typed: Any
    is_group: bool

    @property
    def name(self) -> str:
        """As it is typed after `watchkeeper`."""
        return " ".join(self.words)

    @property
    def help(self) -> str:
        """What it does: the docstring, a paragraph a line."""
        return "\n\n".join(" ".join(each.split()) for each in (self.typed.help or "").split("\n\n") if each.strip())

    @property
    def options(self) -> list[Any]:
        """The options of its own that people are told of."""
        return [each for each in _parameters(self.typed, "option") if not set(each.opts) & set(COMMON)]

    @property
    def arguments(self) -> list[Any]:
        """The arguments, in their order."""
        return _parameters(self.typed, "argument")


@cache
def commands() -> dict[str, Command]:
    """Return every command and sub-command that people are told of, by name, in the order of the help."""
    # Only the command line itself knows how a command's file is loaded.
    typed = {name: typer.main.get_command(cli._load(name).app) for name in cli.COMMANDS}  # noqa: SLF001
    return {each.name: each for name, command in typed.items() for each in _below((name,), command)}


def _below(words: tuple[str, ...], typed: Any) -> Iterator[Command]:
    inner = getattr(typed, "commands", {})
    yield Command(words, typed, bool(inner))
    for name, each in inner.items():
        if not each.hidden:
            yield from _below((*words, name), each)


def _parameters(typed: Any, kind: str) -> list[Any]:
    return [each for each in typed.params if each.param_type_name == kind and not getattr(each, "hidden", False)]
