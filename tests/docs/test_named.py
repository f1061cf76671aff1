"""Commands, options, settings and files that texts name are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.options import COMMON, Command, commands
from tests.docs.reading import PAGES, exists, rows, spans
from tests.support.tree import TREE
from watchkeeper.cli import COMMANDS
from watchkeeper.config.model import options, tables
from watchkeeper.core.paths import paths_in
from watchkeeper.wiring import command_line

# These tell what Claude Code does, whose options and files are its own.
OURS = [page for page in PAGES if page != "docs/client.md"]
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_SETTING = re.compile(rf"({'|'.join(sorted(map(re.escape, tables())))})\.[a-z_]+")
_ROOMS = [path.name for path in (TREE / "lib" / "watchkeeper").iterdir() if path.is_dir()]
_TREE = [path.name for path in TREE.iterdir() if path.is_dir()]
_FILE = re.compile(rf"({'|'.join(map(re.escape, [*_ROOMS, *_TREE]))})/[\w./*-]*")
# Of uv, which locks the dependencies.
_FOREIGN = {"--upgrade"}
# Written for readers: a name to be filled in.
_PLACEHOLDER = re.compile(r"<|…|\{")
# Where settings keep the name of a file or of a folder of documents: no setting.
_SUFFIXES = (".json", ".jsonl", ".md", ".py", ".toml", ".txt", ".db")


def command_of(words: list[str]) -> Command | None:
    """The command or sub-command that words begin with, None if there is none."""
    found = None
    for count in range(1, len(words) + 1):
        name = " ".join(words[:count])
        if name not in commands():
            break
        found = commands()[name]
    return found


def fault_of(span: str) -> str | None:
    """What a piece of code names that is not there; None if everything is."""
    if span == "watchkeeper --version":
        return None
    if span.startswith("watchkeeper ") and not span.split()[1].isupper():
        return _command_fault(span.removeprefix("watchkeeper "))
    if re.match(r"/[a-z]+-[a-z-]+", span):
        name = span.split(maxsplit=1)[0][1:]
        return _command_fault(span[1:]) if (TREE / "commands" / f"{name}.md").exists() else f"no /{name}"
    if _SETTING.fullmatch(span) and not span.endswith(_SUFFIXES):
        return None if span in options() or span in tables() else f"no setting {span}"
    if _FILE.fullmatch(span) and not _PLACEHOLDER.search(span) and "/" in span.rstrip("/"):
        return None if exists(span.partition("::")[0]) else f"no file {span}"
    if span.startswith("--"):
        return next((f"no {option}" for option in _OPTION.findall(span) if option not in every_option()), None)
    return None


def _command_fault(text: str) -> str | None:
    command = command_of(re.split(r"[ |\[]", text))
    if command is None:
        return f"no command in {text!r}"
    if command.is_group:
        after = text.removeprefix(command.name).strip()
        inner = [word for word in re.split(r"[|\s]", after) if re.fullmatch("[a-z][a-z-]+", word)]
        wrong = [word for word in inner if f"{command.name} {word}" not in commands()]
        if wrong:
            return f"no `{command.name} {wrong[0]}`"
    below = [each for each in commands().values() if each.name.startswith(command.name)]
    known = {spelled for each in below for option in each.options for spelled in spellings(option)} | {
        *COMMON,
        "--help",
    }
    return next((f"no {option} of {command.name}" for option in _OPTION.findall(text) if option not in known), None)


def spellings(option: Any) -> list[str]:
    """How an option can be written, the switch for its opposite included."""
    return [*option.opts, *option.secondary_opts]


def every_option() -> set[str]:
    """The options of all commands, of the installer, and of the scripts that contributors run."""
    ours = {spelled for each in commands().values() for option in each.typed.params for spelled in spellings(option)}
    scripts = [Path(command_line.__file__), TREE / "tests" / "check.py", TREE / "tests" / "docs" / "generate.py"]
    theirs = {word for path in scripts for word in re.findall(r'"(--[a-z-]+)"', path.read_text(encoding="utf-8"))}
    return ours | theirs | _FOREIGN


def _texts() -> list[Path]:
    return [*(TREE / "templates").rglob("*.j2"), *(TREE / "lib").rglob("*.py"), *(TREE / "commands").glob("*.py")]


@pytest.mark.parametrize("page", OURS)
def test_what_a_page_names_is_there(page: str) -> None:
    """Commands, their options, settings and files of the tree are written as they are called."""
    faults = {span: fault_of(span) for span in spans(page)}

    assert {} == {span: fault for span, fault in faults.items() if fault is not None}


def test_what_messages_name_is_there() -> None:
    """What pages and sentences of the program tell to type takes the options that it is given."""
    files = _texts()
    named = re.compile(r"`(watchkeeper [a-z][^`{\n]*?)`|(?<![\w/.~<}\]*`-])(/[a-z]+-[a-z-]+(?: --[a-z-]+)+)")
    found = {
        match[1] or match[2]: path.name for path in files for match in named.finditer(path.read_text(encoding="utf-8"))
    }

    assert {} == {(words, file): fault_of(words) for words, file in found.items() if fault_of(words) is not None}
    assert len(found) > 30


def test_what_troubleshooting_quotes_is_said() -> None:
    """What somebody looks up there is what the program says."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in _texts())
    quoted = [match for _, cells in rows("docs/troubleshooting.md") for match in re.findall("`([^`]+)`", cells[0])]

    assert [] == [text for text in quoted if text not in said]
    assert len(quoted) > 5


def test_the_readme_names_every_command() -> None:
    """Whoever reads the README has heard of each command."""
    text = (TREE / "README.md").read_text(encoding="utf-8")

    assert [] == [name for name in COMMANDS if not re.search(rf"`(?:watchkeeper |/)?{name}(?![\w-])", text)]


def test_the_folders_that_pages_name_are_those_of_the_program() -> None:
    """The settings file is where the pages say that it is."""
    assert str(Path("/c", "watchkeeper", "config.toml")) == paths_in("/c", {}).config_file


@pytest.mark.parametrize(
    "span",
    ["watchkeeper bogus", "watchkeeper usage --bogus", "watchkeeper queue bogus", "/estimate-session PLAN --bogus",
     "quota.bogus", "core/bogus.py", "--bogus"],
)  # fmt: skip
def test_the_check_finds_what_is_wrong(span: str) -> None:
    """A name that is not there is found."""
    assert fault_of(span) is not None
