"""The user's settings.json on disk: read with every reason to keep away from it, written whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.errors import UserError
from watchkeeper.wiring import files, json_text, settings_text

if TYPE_CHECKING:
    from pathlib import Path


class SettingsFile(NamedTuple):
    """What settings.json held when it was read."""

    path: Path
    content: bytes | None
    """None: there is no such file."""
    text: str
    """Its text; where there is none, that of empty settings."""
    settings: dict[str, Any]


def read(path: Path) -> SettingsFile:
    """Return the settings at `path`. Raises UserError, before anything is touched, when they must be left alone."""
    content = _content(path)
    if content is None:
        return SettingsFile(path, None, settings_text.EMPTY, {})
    try:
        text = editable(content.decode())
        settings = json_text.parsed(text)
    except UnicodeDecodeError:
        raise refused(path, "is not UTF-8 text") from None
    except json_text.NotPlainJson as why:
        raise refused(path, str(why)) from None
    problem = settings_text.problem(settings)
    if problem:
        raise refused(path, problem)
    return SettingsFile(path, content, text, settings)


def editable(text: str | None) -> str:
    """Return the settings `text`; empty settings where there is none, and where the file is blank."""
    return text if text is not None and text.removeprefix("\ufeff").strip() else settings_text.EMPTY


def write(before: SettingsFile, content: bytes | None) -> None:
    """Put `content` in place of what was read; None deletes the file. Raises UserError if it has changed since."""
    if _content(before.path) != before.content:
        raise refused(before.path, "was changed by another program just now")
    if content is None:
        before.path.unlink(missing_ok=True)
    elif content != before.content:
        files.write(before.path, content, files.mode_of(before.path) or files.PRIVATE_FILE)


def refused(path: Path, reason: str) -> UserError:
    """Return the error for settings at `path` that have to be left alone; `reason` ends a sentence about them."""
    return UserError(f"{path} {reason}: it is left as it is and nothing is wired; mend that, then run this again.")


def _content(path: Path) -> bytes | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        _require_writable_folder(path)
        return None
    except OSError as error:
        raise refused(path, f"cannot be read ({error.strerror})") from None
    if stat.S_ISLNK(found.st_mode):
        raise refused(path, "is a link, and its target may belong to another program")
    if not stat.S_ISREG(found.st_mode):
        raise refused(path, "is not a regular file")
    # Root may write anything: the mode bits still say what the owner wants.
    if not found.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise refused(path, "is write-protected")
    _require_writable_folder(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise refused(path, f"cannot be read ({error.strerror})") from None


def _require_writable_folder(path: Path) -> None:
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not (files.mode_of(folder) or 0) & 0o222 or not os.access(folder, os.W_OK):
        raise refused(path, f"cannot be written, because {folder} is write-protected")
