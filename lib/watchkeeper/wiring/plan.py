"""The ordered actions of an installation, made from what was found; an empty plan means that all is as it should be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.wiring import (
    actions,
    bundle,
    client,
    files,
    hook_entries,
    json_text,
    launcher,
    mcp_entry,
    receipt,
    settings_file,
    settings_text,
    status_line_entry,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.wiring.actions import Action
    from watchkeeper.wiring.layout import Layout
    from watchkeeper.wiring.survey import Survey

_WINDOWS = os.name == "nt"


class SettingsChange(NamedTuple):
    """What happens to settings.json."""

    after: bytes | None
    """None: it already holds what is wanted."""
    record: receipt.SettingsRecord
    passthrough: str
    """The user's own status line command, "" for none."""


def planned(found: Survey, choices: Sequence[tuple[str, str]] = ()) -> list[Action]:
    """Return the actions that bring the machine from what was `found` to what is wanted, in the order of doing.

    `choices` are settings that the user named, as key and value. The user's settings.json comes last: live sessions
    apply it at once, and all that it names has to be there.
    """
    place = found.layout
    change = settings_change(found)
    result = _folders(place, bool(found.commands.to_write))
    result += _bundle(found)
    if found.environment_reason is not None:
        result.append(
            actions.BuildEnvironment(
                place.environment, place.app / found.lock_name, found.tools, found.environment_reason
            )
        )
    result += _launcher(place)
    result += _pre_compact(found)
    result += _configuration(found, choices, change)
    # Before the first file of the user's, so that an interrupted run can be taken back.
    written = _receipt(found, change)
    if files.content_of(place.receipt) != written:
        result.append(actions.WriteFiles(place.state, {place.receipt.name: written}, files.PRIVATE_FILE, "the receipt"))
    result += _commands(found)
    if change.after is not None:
        what = "the hooks" if found.leaves_status_line else "the hooks and the status line"
        result.append(actions.WriteSettings(found.settings, change.after, f"wire {what} in"))
    return result + _mcp_server(found)


def settings_change(found: Survey) -> SettingsChange:
    """Return what happens to settings.json, and how it is undone."""
    settings, wanted, earlier = found.settings, found.wanted, found.receipt
    is_wired = settings_text.is_wired(settings.settings, wanted, earlier.settings.members if earlier else ())
    if is_wired and earlier:
        return SettingsChange(None, earlier.settings, earlier.passthrough)
    base = _without_ours(found)
    after, undo = settings_text.wired(base.text, wanted)
    record = receipt.SettingsRecord(
        before=base.before if base.is_known else None,
        after_sha256=files.sha256(after.encode()) if base.is_known else None,
        made=undo.made,
        nulls=undo.nulls,
        status_line=undo.status_line,
        members=undo.members,
    )
    line = json_text.parsed(base.text)
    passthrough = status_line_entry.foreign_command(line)
    if found.leaves_status_line or status_line_entry.is_typed(line.get("statusLine")):
        # That line runs what stands beside ours, too.
        passthrough = earlier.passthrough if earlier else ""
        if status_line_entry.runs_ours(passthrough, found.layout.home):
            passthrough = ""
    return SettingsChange(None if is_wired else after.encode(), record, passthrough)


class _Base(NamedTuple):
    """The settings without what an installation has written there."""

    text: str
    before: str | None
    """The whole file to bring back; None: there is to be none."""
    is_known: bool
    """Whether that is how it was before the first installation, as far as anyone can know."""


def _without_ours(found: Survey) -> _Base:
    settings, earlier = found.settings, found.receipt
    if settings.content is None:
        return _Base(settings.text, None, is_known=True)
    if earlier and earlier.settings.after_sha256 == files.sha256(settings.content):
        before = earlier.settings.before
        return _Base(settings_file.editable(before), before, is_known=True)
    text = settings_text.unwired(settings.text, earlier.settings.undo if earlier else None, found.layout.state_folders)
    if text == settings.text:
        return _Base(text, settings.content.decode(), is_known=True)
    return _Base(text, text, is_known=earlier is not None and earlier.settings.after_sha256 is not None)


def _folders(place: Layout, with_commands: bool) -> list[Action]:
    result: list[Action] = []
    if not place.config.exists():
        result.append(actions.MakeFolder(place.config, files.PRIVATE_FOLDER))
    if files.mode_of(place.state) != files.PRIVATE_FOLDER and not (_WINDOWS and place.state.exists()):
        result.append(actions.MakeFolder(place.state, files.PRIVATE_FOLDER))
    if with_commands and not place.client_commands.exists():
        result.append(actions.MakeFolder(place.client_commands, 0o755))
    ignore = {".gitignore": b"*\n"}
    if files.content_of(place.state / ".gitignore") != ignore[".gitignore"]:
        result.append(actions.WriteFiles(place.state, ignore, 0o644, "a .gitignore"))
    return result


def _bundle(found: Survey) -> list[Action]:
    app = found.layout.app
    to_write, to_remove = bundle.differences(found.bundle, app)
    result: list[Action] = []
    if to_write:
        result.append(actions.WriteFiles(app, to_write, 0o644, f"{len(to_write)} files of the bundle"))
    if to_remove:
        result.append(actions.RemoveFiles(app, tuple(to_remove), f"{len(to_remove)} stale files"))
    if to_write or bundle.uncompiled(found.bundle, app, found.interpreter.cache_tag):
        result.append(actions.Compile(found.interpreter.path, app / "lib"))
    return result


def _launcher(place: Layout) -> list[Action]:
    if _WINDOWS:
        text = launcher.windows(place.is_default)
    else:
        text = launcher.posix(str(place.python), str(place.entry), str(place.config), place.is_default)
    if files.content_of(place.launcher) == text.encode():
        return []
    return [
        actions.WriteFiles(
            place.launcher.parent, {place.launcher.name: text.encode()}, 0o755, "the command `watchkeeper`"
        )
    ]


def _pre_compact(found: Survey) -> list[Action]:
    place = found.layout
    name, script = hook_entries.PRE_COMPACT, (place.app / "hooks" / "pre_compact.py").as_posix()
    text = launcher.pre_compact(found.interpreter.path, script).encode()
    if _WINDOWS or files.content_of(place.launcher.parent / name) == text:
        return []
    return [actions.WriteFiles(place.launcher.parent, {name: text}, 0o755, "the script that answers PreCompact")]


def _configuration(found: Survey, choices: Sequence[tuple[str, str]], change: SettingsChange) -> list[Action]:
    command = cli(found.layout)
    by_hand = f"The plan is not saved: run {found.layout.launcher} config set"
    result: list[Action] = [
        actions.Configure(command, key, value, f"{by_hand} {key} {value}") for key, value in choices
    ]
    before = found.receipt.passthrough if found.receipt else ""
    if change.passthrough != before:
        result.append(actions.Configure(command, "status_line.passthrough", change.passthrough))
    return result


def mcp_server(found: Survey) -> str:
    """Return the MCP server's definition as the receipt shall hold it, "" for none of ours."""
    return mcp_entry.definition(found.layout) if found.with_mcp and not found.has_foreign_server else ""


def _mcp_server(found: Survey) -> list[Action]:
    wanted = mcp_server(found)
    if found.has_foreign_server or mcp_entry.is_ours(found.mcp_registered, wanted):
        return []
    result: list[Action] = [mcp_entry.Unregister(found.mcp_client)] if found.mcp_registered is not None else []
    if wanted and found.mcp_client is not None:
        result.append(mcp_entry.Register(found.mcp_client, wanted))
    return result


def cli(place: Layout) -> tuple[str, ...]:
    """Return the argument list that starts the installed command."""
    return (str(place.python), "-I", "-X", "utf8", str(place.entry))


def _commands(found: Survey) -> list[Action]:
    place, commands = found.layout, found.commands
    result: list[Action] = []
    if commands.to_write:
        contents = {f"{name}.md": commands.texts[name] for name in commands.to_write}
        named = ", ".join(f"/{name}" for name in commands.to_write)
        result.append(actions.WriteFiles(place.client_commands, contents, 0o644, named))
    if commands.to_remove:
        names = tuple(f"{name}.md" for name in commands.to_remove)
        result.append(actions.RemoveFiles(place.client_commands, names, ", ".join(names)))
    return result


def _receipt(found: Survey, change: SettingsChange) -> bytes:
    place, earlier = found.layout, found.receipt
    edited = {name: earlier.commands[name] for name in found.commands.edited} if earlier else {}
    made = [] if place.config.exists() else ["."]
    if found.commands.to_write and not place.client_commands.exists():
        made.append("commands")
    return receipt.Receipt(
        version=found.version,
        files={path: files.sha256(content) for path, content in found.bundle.items()},
        commands={name: files.sha256(text) for name, text in found.commands.texts.items()} | edited,
        interpreter=found.interpreter.path,
        hook_form="exec" if client.knows_exec_form(found.client_version) else "shell",
        client_version=None if found.client_version is None else client.spelled(found.client_version),
        status_line=found.wanted.status_line or "",
        passthrough=change.passthrough,
        commands_left=found.commands.foreign,
        made_folders=tuple(dict.fromkeys([*(earlier.made_folders if earlier else ()), *made])),
        settings=change.record,
        mcp_server=mcp_server(found),
    ).encoded()
