"""What the documentation shows as code is code that works."""

from __future__ import annotations

import ast
import importlib
import json
import shlex
from pathlib import Path

import pytest
import tomlkit

from tests.docs.options import COMMON, commands
from tests.docs.reading import PAGES, Fence, fences
from tests.support.environment import User
from tests.support.tree import TREE
from watchkeeper.config.problems import problems_in
from watchkeeper.executor import task_list
from watchkeeper.wiring import command_line

FENCES = [fence for page in PAGES for fence in fences(page)]


def of(language: str) -> list[object]:
    return [pytest.param(fence, id=fence.place) for fence in FENCES if fence.language == language]


def test_every_block_is_of_a_language_that_is_checked() -> None:
    """No block of code escapes the tests below."""
    assert set() == {fence.language for fence in FENCES} - {"python", "toml", "sh", "json", "text"}


@pytest.mark.parametrize("fence", of("python"))
def test_python_imports_what_is_there(fence: Fence) -> None:
    """Python parses, and each name that it imports from Watchkeeper can be imported."""
    imported = [node for node in ast.walk(ast.parse(fence.text)) if isinstance(node, ast.ImportFrom)]

    assert [] == [
        f"{node.module}.{alias.name}"
        for node in imported
        if node.module
        for alias in node.names
        if not hasattr(importlib.import_module(node.module), alias.name)
    ]


@pytest.mark.parametrize("fence", of("toml"))
def test_toml_can_be_used(fence: Fence, home: User) -> None:
    """TOML is a list of tasks or a settings file, and has no fault."""
    data = tomlkit.parse(fence.text).unwrap()
    if "tasks" not in data:
        assert [] == problems_in(data)
        return
    (home.home / data["project"].removeprefix("~/")).mkdir(parents=True)
    path = home.home / "tasks.toml"
    path.write_text(fence.text, encoding="utf-8")

    assert len(data["tasks"]) == len(task_list.read(str(path)).tasks)


def test_json_can_be_read() -> None:
    """JSON, wherever a page shows some, is JSON."""
    for fence in FENCES:
        if fence.language == "json":
            json.loads(fence.text)


@pytest.mark.parametrize("fence", of("sh"))
def test_commands_take_what_they_are_given(fence: Fence) -> None:
    """Each line for a shell can be taken apart, and what is ours in it takes these words."""
    for line in fence.text.replace("\\\n", " ").splitlines():
        for words in simple_commands(line):
            fault = fault_of(words)

            assert fault is None, f"{line}: {fault}"


def simple_commands(line: str) -> list[list[str]]:
    """The commands of a line, each as its words; redirections and what begins a condition are left out."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("();|&"):
            found.append([])
        elif word not in ("if", "then", "fi", "!", "else", "do", "done"):
            found[-1].append(word)
    return [words for words in found if words]


def fault_of(words: list[str]) -> str | None:
    """What is wrong with a command of ours; None if nothing is, or it is another's."""
    if words[0] == "watchkeeper":
        return _fault_of_ours(words[1:])
    scripts = [word for word in words if word.endswith(".py")]
    if words[0] in ("python", "python3") and scripts:
        script = TREE / scripts[0]
        if not script.is_file():
            return f"{scripts[0]} is not there"
        text = script.read_text(encoding="utf-8")
        text += Path(command_line.__file__).read_text(encoding="utf-8") if script.name == "install.py" else ""
        return next((f"no {word}" for word in words if word.startswith("--") and f'"{word}"' not in text), None)
    return None


def _fault_of_ours(words: list[str]) -> str | None:
    name = words[0]
    rest = words[1:]
    while rest and f"{name} {rest[0]}" in commands():
        name, rest = f"{name} {rest[0]}", rest[1:]
    command = commands().get(name)
    if command is None:
        return f"there is no command {name!r}"
    # What comes behind the dashes or a redirection, `2>` among them, is not for us.
    ends = (at for at, word in enumerate(rest) if word[0] in "<>" or word == "--" or rest[at : at + 2] == ["2", ">"])
    rest = rest[: next(ends, len(rest))]
    try:
        command.typed.make_context(name, list(rest))
    except Exception as error:  # noqa: BLE001 - whatever Typer says is the fault
        return str(error) or type(error).__name__
    return None


def test_the_check_finds_what_is_wrong() -> None:
    """A command, an option and a script that do not exist are found."""
    assert [True, True, True, False] == [
        fault_of(shlex.split(line)) is not None
        for line in (
            "watchkeeper bogus",
            "watchkeeper usage --bogus",
            "python3 bogus.py",
            f"watchkeeper usage --by day {COMMON[0]}",
        )
    ]
