"""Which files make up the bundle, and how an installed copy differs from its source."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.errors import UserError
from watchkeeper.wiring import files

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("hooks", "commands", "templates", "lib", ".claude-plugin")
FILES = (
    "install.py",
    "pyproject.toml",
    "requirements.lock",
    "requirements-mcp.lock",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
)

# Without these nothing works; the rest is at worst missing from a status line or a manual.
REQUIRED = (
    "install.py",
    "requirements.lock",
    "lib/watchkeeper/__init__.py",
    "lib/watchkeeper/core/entry.py",
    "hooks/status_line.py",
)

_CACHE = "__pycache__"


class Differences(NamedTuple):
    """What has to happen in an installed copy to make it equal to its source."""

    to_write: dict[str, bytes]
    """Path below the bundle, with forward slashes -> content."""
    to_remove: list[str]


def contents(root: Path) -> dict[str, bytes]:
    """Return the bundle's files in `root`: path with forward slashes -> content. Raises UserError if one is missing."""
    found = {name: (root / name).read_bytes() for name in FILES if (root / name).is_file()}
    for folder in FOLDERS:
        found.update({path: (root / path).read_bytes() for path in _files_below(root, folder) if not _is_litter(path)})
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise UserError(f"This copy of Watchkeeper is incomplete ({missing[0]} is missing): fetch it again.")
    return dict(sorted(found.items()))


def differences(wanted: dict[str, bytes], app: Path) -> Differences:
    """Return how the installed copy in `app` differs from the `wanted` contents."""
    to_write = {path: content for path, content in wanted.items() if files.content_of(app / path) != content}
    # A cache lives as long as what it was made from; any other file in here is one of an earlier version.
    sources = wanted.keys() | {path.rpartition("/")[0] for path in wanted}
    present = _files_below(app, ".") if app.is_dir() else []
    return Differences(to_write, [path for path in present if _source_of(path) not in sources])


def uncompiled(wanted: dict[str, bytes], app: Path, cache_tag: str) -> bool:
    """Return whether a module of the library has no compiled file for the Python with `cache_tag`."""
    for path in wanted:
        if path.startswith("lib/") and path.endswith(".py"):
            folder, _, name = path.rpartition("/")
            if not (app / folder / _CACHE / f"{name[:-3]}.{cache_tag}.pyc").exists():
                return True
    return False


def _files_below(root: Path, folder: str) -> list[str]:
    found = []
    for parent, _, names in os.walk(root / folder):
        below = os.path.relpath(parent, root).replace(os.sep, "/")
        found += [name if below == "." else f"{below}/{name}" for name in names]
    return sorted(found)


def _is_litter(path: str) -> bool:
    names = path.split("/")
    return any(name == _CACHE or name.endswith(("_cache", ".egg-info")) for name in names) or (
        names[-1].startswith(".") or names[-1].endswith((".pyc", "~"))
    )


def _source_of(path: str) -> str:
    """Return what the file at `path` was made from: itself, its module, or for another cache the folder around it."""
    folder, _, name = path.rpartition("/")
    if not folder.endswith(_CACHE):
        return path
    around = folder.removesuffix(_CACHE)
    return f"{around}{name.partition('.')[0]}.py" if name.endswith(".pyc") else around.rstrip("/")
