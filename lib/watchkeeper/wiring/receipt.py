"""What was installed and how to take it back: receipt.json in the state folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from watchkeeper.wiring import compaction_entry, files
from watchkeeper.wiring.command_files import is_name
from watchkeeper.wiring.settings_text import Undo

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1


@dataclass(frozen=True)
class SettingsRecord:
    """How settings.json was before, and how exactly to get back there."""

    before: str | None = None
    """The text before, with everything in it; None where no such file was or where it is not known."""
    after_sha256: str | None = None
    """Of the bytes that were written; None: not known, so that no bytes can come back."""
    made: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    status_line: str | None = None
    """The user's own status line command as JSON text."""
    members: compaction_entry.Members = ()
    """What was put in beside hooks and status line: dotted path and value."""

    @property
    def undo(self) -> Undo:
        """What the removal of our entries alone needs."""
        return Undo(self.made, self.nulls, self.status_line, self.members)


@dataclass(frozen=True)
class Receipt:
    """One installation."""

    version: str
    files: dict[str, str]
    """Path below the bundle -> SHA-256."""
    commands: dict[str, str]
    """Command name -> SHA-256 of its file as written."""
    interpreter: str
    """The Python that runs the hooks."""
    hook_form: str
    """`exec` or `shell`."""
    client_version: str | None
    """Claude Code's version when it was installed; None: unknown."""
    status_line: str = ""
    """The status line command that was wired."""
    passthrough: str = ""
    """The user's own status line command, which goes on running beside ours."""
    commands_left: tuple[str, ...] = ()
    """Command names that belong to something of the user's own."""
    made_folders: tuple[str, ...] = ()
    """Folders below the configuration directory that did not exist before; "." is that directory itself."""
    settings: SettingsRecord = field(default_factory=SettingsRecord)
    mcp_server: str = ""
    """The MCP server as it was registered, as JSON; "" where none was."""

    def encoded(self) -> bytes:
        """Return the file's content."""
        return (json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2) + "\n").encode()


def read(path: Path) -> Receipt | None:
    """Return the receipt at `path`, None where there is none that can be trusted in every field."""
    try:
        stored = json.loads(files.content_of(path) or b"")
        return _decoded(stored) if isinstance(stored, dict) and stored.get("schema") == SCHEMA else None
    except (KeyError, ValueError, TypeError, RecursionError):
        return None


def _decoded(stored: dict[str, Any]) -> Receipt:
    settings = _of(dict, stored["settings"])
    return Receipt(
        version=_of(str, stored["version"]),
        files=_hashes(stored["files"]),
        commands={name: value for name, value in _hashes(stored["commands"]).items() if is_name(name)},
        interpreter=_of(str, stored["interpreter"]),
        hook_form=_of(str, stored["hook_form"]),
        client_version=_optional(stored["client_version"]),
        status_line=_of(str, stored["status_line"]),
        passthrough=_of(str, stored["passthrough"]),
        commands_left=_strings(stored["commands_left"]),
        made_folders=_strings(stored["made_folders"]),
        settings=SettingsRecord(
            before=_optional(settings["before"]),
            after_sha256=_optional(settings["after_sha256"]),
            made=_strings(settings["made"]),
            nulls=_strings(settings["nulls"]),
            status_line=_optional(settings["status_line"]),
            members=_members(settings.get("members", [])),
        ),
        mcp_server=_of(str, stored.get("mcp_server", "")),
    )


def _of(kind: type[Any] | tuple[type[Any], ...], value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(value)
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else str(_of(str, value))


def _members(value: Any) -> compaction_entry.Members:
    pairs = (_of(list, item) for item in _of(list, value))
    return tuple((_of(str, path), _of((str, int), written)) for path, written in pairs)


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(_of(str, item) for item in _of(list, value))


def _hashes(value: Any) -> dict[str, str]:
    return {_of(str, key): _of(str, item) for key, item in _of(dict, value).items()}
