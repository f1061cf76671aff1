"""The slash commands as files of the user's: which are ours to write, and their text for an installed bundle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.wiring import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLUGIN_ROOT = "${CLAUDE_PLUGIN_ROOT}"

# How a command file runs Watchkeeper in the plugin, which has no launcher; once installed the launcher stands there.
PLUGIN_CALL = 'python3 "${CLAUDE_PLUGIN_ROOT}/lib/watchkeeper/__main__.py"'

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SPECIAL_IN_QUOTES = re.compile(r'([\\"$`])')


class Commands(NamedTuple):
    """What has to happen in the user's commands folder, by command name."""

    texts: dict[str, bytes]
    """What the file of each command shall hold that is ours to write."""
    to_write: tuple[str, ...]
    to_remove: tuple[str, ...]
    """Those of an earlier version, unchanged since."""
    edited: tuple[str, ...]
    """Ours once, changed by the user since: their text stays."""
    foreign: tuple[str, ...]
    """Names under which the user has a command or a skill of their own: left alone, and not answered by us."""


def names_in(bundle: Mapping[str, bytes]) -> list[str]:
    """Return the names of the slash commands among the bundle's files, sorted."""
    stems = [
        path[len("commands/") : -len(".md")] for path in bundle if path.startswith("commands/") and path.endswith(".md")
    ]
    return sorted(stem for stem in stems if is_name(stem))


def is_name(text: str) -> bool:
    """Return whether `text` can be the name of one of our commands; a path never can."""
    return bool(_NAME.fullmatch(text))


def installed_text(text: str, app: str, launcher: str) -> str:
    """Return a command file's text with installed paths in place of the plugin's, safe in the quotes around them."""
    text = text.replace(PLUGIN_CALL, f'"{_in_quotes(launcher)}"')
    return text.replace(PLUGIN_ROOT, _in_quotes(app))


def compared(
    bundle: Mapping[str, bytes], app: Path, launcher: Path, config: Path, written: Mapping[str, str]
) -> Commands:
    """Return what has to happen so that the commands of `bundle` are the user's.

    `written` has the SHA-256 of each command file as it was last written, by name.
    """
    texts = {
        name: installed_text(bundle[f"commands/{name}.md"].decode(), app.as_posix(), launcher.as_posix()).encode()
        for name in names_in(bundle)
    }
    foreign = tuple(name for name, text in texts.items() if is_foreign(name, config, text, written))
    edited = tuple(
        name
        for name in texts
        if name in written and name not in foreign and is_edited(name, config, texts[name], written)
    )
    ours = {name: text for name, text in texts.items() if name not in foreign and name not in edited}
    to_write = tuple(name for name, text in ours.items() if _own_content(config, name) != text)
    to_remove = tuple(name for name in written if name not in texts and is_unchanged(name, config, written))
    return Commands(ours, to_write, to_remove, edited, foreign)


def command_path(config: Path, name: str) -> Path:
    """Return where Claude Code looks for the user's command `name`."""
    return config / "commands" / f"{name}.md"


def is_foreign(name: str, config: Path, text: bytes, written: Mapping[str, str]) -> bool:
    """Return whether the user has something of their own under the command name `name`."""
    # A skill of that name goes before a command.
    if (config / "skills" / name / "SKILL.md").exists():
        return True
    path = command_path(config, name)
    if path.is_symlink():
        return True
    return path.exists() and name not in written and files.content_of(path) != text


def is_edited(name: str, config: Path, text: bytes, written: Mapping[str, str]) -> bool:
    """Return whether the command file `name`, once ours, was changed by the user."""
    content = _own_content(config, name)
    return content is not None and content != text and files.sha256(content) != written.get(name)


def is_unchanged(name: str, config: Path, written: Mapping[str, str]) -> bool:
    """Return whether the command file `name` is still what was written there."""
    content = _own_content(config, name)
    return content is not None and files.sha256(content) == written.get(name)


def _own_content(config: Path, name: str) -> bytes | None:
    path = command_path(config, name)
    return None if path.is_symlink() else files.content_of(path)


def _in_quotes(path: str) -> str:
    return _SPECIAL_IN_QUOTES.sub(r"\\\1", path)
