"""Compiling config.toml into the settings.json that hooks read without checking it again."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from watchkeeper.core import paths as core_paths
from watchkeeper.core.settings import DEFAULTS

from . import file
from .file_system import mounted, network_kind
from .problems import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from watchkeeper.core.paths import Paths

    from .file_system import Mount


def compile_settings(
    paths: Paths, environ: Mapping[str, str] | None = None, mounts: Sequence[Mount] | None = None
) -> dict[str, Any]:
    """Check the settings file, write what hooks read and return it.

    It holds what differs from the defaults, `compiled_from` (when the file was changed last) and `ledger_dir`. Where
    the file is wrong the settings in force stay, with the reason in `compiled_from`, and SettingsError is raised.
    `environ` and `mounts` are this machine's unless they are given.
    """
    try:
        source = file.read(paths)
    except SettingsError as error:
        _note_problem(paths, str(error))
        raise
    compiled: dict[str, Any] = _differing(source.data, DEFAULTS)
    compiled["compiled_from"] = {"modified_ns": source.modified_ns}
    compiled["ledger_dir"] = ledger_dir(
        paths,
        core_paths.environment() if environ is None else environ,
        mounted() if mounts is None else mounts,
    )
    _write(paths, compiled)
    return compiled


def ledger_dir(paths: Paths, environ: Mapping[str, str], mounts: Sequence[Mount]) -> str:
    """Return the folder for the ledger: the state folder, or one of this machine where that is on a network.

    The folder on this machine is made, for this user alone. Where none can be had the state folder has to do.
    """
    if network_kind(os.path.realpath(paths.state), mounts) is None:
        return paths.state
    # One user may have several configuration directories, and one machine several users.
    name = "watchkeeper-" + hashlib.sha256(os.path.realpath(paths.config).encode("utf-8", "replace")).hexdigest()[:16]
    for parent in _local_parents(environ):
        folder = os.path.join(parent, name)
        if network_kind(os.path.realpath(parent), mounts) is None and _made_private(folder):
            return folder
    return paths.state


def _local_parents(environ: Mapping[str, str]) -> Iterator[str]:
    for variable in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        if os.path.isabs(environ.get(variable, "")):
            yield environ[variable]
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        yield os.path.join(home, ".local", "state")
    if os.name != "nt":
        yield "/var/tmp"  # noqa: S108 - survives a restart, and the folder below it is made for this user alone


def _made_private(folder: str) -> bool:
    """Make a folder that nobody else can read, or find it to be one already."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.lstat(folder)
    except OSError:
        return False
    if sys.platform == "win32":
        return True
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


def _note_problem(paths: Paths, sentence: str) -> None:
    # Hooks compare this time with the file's: without it each of them would try again.
    try:
        modified_ns = os.stat(paths.config_file).st_mtime_ns
    except OSError:
        return
    _write(paths, _in_force(paths) | {"compiled_from": {"modified_ns": modified_ns, "problem": sentence}})


def _in_force(paths: Paths) -> dict[str, Any]:
    try:
        with open(paths.settings, encoding="utf-8") as text:
            compiled = json.load(text)
    except (OSError, ValueError, RecursionError):
        return {}
    return compiled if isinstance(compiled, dict) else {}


def _differing(data: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """The values of `data` that are not the default, table by table."""
    differing: dict[str, Any] = {}
    for name, value in data.items():
        default = defaults.get(name)
        if isinstance(value, dict) and isinstance(default, dict):
            inner = _differing(value, default)
            if inner:
                differing[name] = inner
        elif value != default:
            differing[name] = value
    return differing


def _write(paths: Paths, compiled: dict[str, Any]) -> None:
    file.write(paths.settings, json.dumps(compiled, ensure_ascii=False, indent=1) + "\n")
