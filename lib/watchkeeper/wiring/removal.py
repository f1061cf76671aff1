"""Uninstalling: unwire first, delete later, and say what stays where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.paths import paths_in
from watchkeeper.errors import UserError
from watchkeeper.wiring import (
    actions,
    command_files,
    files,
    json_text,
    layout,
    mcp_entry,
    plan,
    receipt,
    settings_file,
    settings_text,
    status_line_entry,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from watchkeeper.wiring.actions import Action, Effects

# What people wrote or may want to keep, in their places below the configuration directory.
DOCUMENT_FOLDERS = ("session-handoffs", "session-reports", "session-tracking", "project-memory")
# Locked by the monitor while it runs; there since it was first started.
_MONITOR = "monitor.lock"
_LOCKS = (_MONITOR, "monitor.starting.lock", "monitor.json")
DOCUMENT_FILES = (("calendar", "session-*.ics"), ("ml-model", "estimation-model.json"))


class Removal(NamedTuple):
    """The actions of a removal in their two parts."""

    unwiring: tuple[Action, ...]
    """Must all succeed before anything is deleted."""
    deleting: tuple[Action, ...]
    remarks: tuple[str, ...]


def uninstall(config: str, effects: Effects, purge: bool = False, dry_run: bool = False) -> bool:
    """Take Watchkeeper out of the configuration directory `config`; with `purge` its documents and figures, too.

    Returns whether everything could be done. Raises UserError, with nothing deleted, when it cannot be unwired.
    """
    layout.require_usable(config)
    place = layout.layout_in(config, effects.environ)
    removal = planned(place, purge, effects.environ)
    failures: list[str] = []
    if dry_run:
        for action in (*removal.unwiring, *removal.deleting):
            effects.say(f"Would {action}.")
    else:
        actions.perform(removal.unwiring, effects)
        failures = actions.perform_all(removal.deleting, effects)
    for sentence in (*removal.remarks, *failures):
        effects.say(sentence)
    if not removal.unwiring and not removal.deleting:
        effects.say(f"There is nothing of Watchkeeper to take out of {place.config}.")
    staying = left_behind(place) if not purge else []
    if staying and not dry_run:
        effects.say(f"These stay in {place.config} (uninstall --purge deletes them): {', '.join(staying)}.")
    return not failures


def planned(place: layout.Layout, purge: bool, environ: Mapping[str, str]) -> Removal:
    """Return the removal for what is there. Raises UserError when settings.json holds ours and must not be touched."""
    record = receipt.read(place.receipt)
    unwiring, remarks = _unwiring(place, record)
    registered = mcp_entry.registered(paths_in(str(place.config), environ).account)
    if record and mcp_entry.is_ours(registered, record.mcp_server):
        unwiring.append(mcp_entry.Unregister(mcp_entry.client_on(environ)))
    keeps_passthrough = bool(record and record.passthrough) and not purge
    deleting = [*_requests(place, keeps_passthrough), *_command_files(place, record, remarks)]
    if purge:
        deleting += _documents(place)
        deleting += [actions.RemoveTree(place.state)] if place.state.exists() else []
    else:
        deleting += [actions.RemoveTree(path) for path in _product(place)]
        if place.receipt.exists():
            deleting.append(actions.RemoveFiles(place.state, (place.receipt.name,), "the receipt"))
        if place.state.is_dir() and not _data(place):
            deleting.append(actions.RemoveTree(place.state))
    made = record.made_folders if record else ()
    deleting += [
        actions.RemoveEmptyFolder(path) for name, path in _made_folders(place) if name in made and path.exists()
    ]
    return Removal(tuple(unwiring), tuple(deleting), tuple(remarks))


def _requests(place: layout.Layout, keeps_passthrough: bool) -> list[Action]:
    """What the installed command has to do itself: it goes away with the environment."""
    if not place.python.exists():
        return []
    command = plan.cli(place)
    result: list[Action] = []
    if (place.state / "automation").exists():
        result.append(
            actions.AskCommand(
                command,
                ("cancel-next-session", "--all", "--no-color"),
                "cancel the sessions that are booked",
                "Sessions that are booked could not be cancelled ({reason}); they will start nothing.",
                "Nothing is booked",
            )
        )
    if keeps_passthrough:
        by_hand = "Your status line stays named in config.toml"
        result.append(actions.Configure(command, "status_line.passthrough", "", by_hand))
    if (place.state / _MONITOR).exists():
        result.append(
            actions.AskCommand(
                command,
                ("monitor", "stop", "--uninstall"),
                "stop the monitor",
                "The monitor may still run ({reason}): end it by hand.",
            )
        )
    return result


def left_behind(place: layout.Layout) -> list[str]:
    """Return what of Watchkeeper's is below the configuration directory, apart from the product itself."""
    state = [f"{place.state.name}/{name}" for name in _data(place)]
    folders = [name for name in DOCUMENT_FOLDERS if (place.config / name).exists()]
    return [*state, *folders, *(str(path.relative_to(place.config)) for path in _document_files(place))]


def _unwiring(place: layout.Layout, record: receipt.Receipt | None) -> tuple[list[Action], list[str]]:
    try:
        settings = settings_file.read(place.client_settings)
    except UserError:
        if b"watchkeeper" not in (files.content_of(place.client_settings) or b""):
            return [], []
        raise
    if settings.content is None:
        return [], []
    stored = record.settings if record else receipt.SettingsRecord()
    if stored.after_sha256 == files.sha256(settings.content):
        before = None if stored.before is None else stored.before.encode()
        what = (
            "put back, byte for byte, the former" if before is not None else "delete, since nothing but ours is in it,"
        )
        return [actions.WriteSettings(settings, before, what)], _dead_line(place, settings_file.editable(stored.before))
    text = settings_text.unwired(settings.text, stored.undo if record else None, place.state_folders)
    if text == settings.text:
        return [], _dead_line(place, text)
    count = settings_text.count_ours(settings.settings, place.state_folders, stored.members)
    if stored.after_sha256 is not None:
        said = f"{settings.path} has changed since, so only our {count} entries go; all else in it stays as it is."
    else:
        said = (
            f"There is no full receipt of the installation, so our {count} entries go with the lists that they leave "
            f"empty; all else in {settings.path} stays as it is."
        )
    take_out = actions.WriteSettings(settings, text.encode(), f"take our {count} entries out of")
    return [take_out], [said, *_dead_line(place, text)]


def _dead_line(place: layout.Layout, text: str) -> list[str]:
    """Return what to say when the status line in the settings `text`, which stays, runs what goes away."""
    line = status_line_entry.command_of(json_text.parsed(text).get("statusLine"))
    if not status_line_entry.runs_ours(line, place.home):
        return []
    return [f"Your status line in {place.client_settings} runs Watchkeeper's, which goes away: change it there."]


def _command_files(place: layout.Layout, record: receipt.Receipt | None, remarks: list[str]) -> list[Action]:
    written: Mapping[str, str] = record.commands if record else {}
    unchanged = tuple(f"{name}.md" for name in written if command_files.is_unchanged(name, place.config, written))
    for name in written:
        path = command_files.command_path(place.config, name)
        if path.exists() and path.name not in unchanged:
            remarks.append(f"{path} was changed by you and stays.")
    if not unchanged:
        return []
    return [actions.RemoveFiles(place.client_commands, unchanged, f"{len(unchanged)} slash commands")]


def _documents(place: layout.Layout) -> list[Action]:
    result: list[Action] = [
        actions.RemoveTree(place.config / name) for name in DOCUMENT_FOLDERS if (place.config / name).exists()
    ]
    for folder, pattern in DOCUMENT_FILES:
        names = tuple(sorted(path.name for path in (place.config / folder).glob(pattern)))
        if names:
            result.append(actions.RemoveFiles(place.config / folder, names, ", ".join(names)))
            result.append(actions.RemoveEmptyFolder(place.config / folder))
    return result


def _document_files(place: layout.Layout) -> list[Path]:
    return [path for folder, pattern in DOCUMENT_FILES for path in sorted((place.config / folder).glob(pattern))]


def _data(place: layout.Layout) -> list[str]:
    """Return the names in the state folder that hold a user's data or settings."""
    if not place.state.is_dir():
        return []
    product = {*(path.name for path in _product(place)), place.receipt.name, ".gitignore", *_LOCKS}
    names = {path.name for path in place.state.iterdir()} - product
    # What SQLite keeps beside a database belongs to it.
    return sorted(name for name in names if not name.endswith(("-shm", "-wal")))


def _product(place: layout.Layout) -> list[Path]:
    """Return the folders that an installation makes and nobody needs after it, half-made environments included."""
    found = [place.app, place.environment, place.launcher.parent, *place.state.glob(f"{place.environment.name}.*-*")]
    return [path for path in found if path.exists()]


def _made_folders(place: layout.Layout) -> list[tuple[str, Path]]:
    return [("commands", place.client_commands), (".", place.config)]
