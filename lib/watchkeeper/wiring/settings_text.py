"""The user's settings with our entries in them, and with them taken out again: text to text, no file touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.wiring import compaction_entry, hook_entries, json_text, status_line_entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

EMPTY = "{}\n"


class Wanted(NamedTuple):
    """What the settings shall hold of ours."""

    groups: Mapping[str, hook_entries.Group]
    status_line: str | None
    """The command of the status line, carrying nothing; None: the user's own line stays as it is."""
    state_folders: Collection[str]
    """How command lines may spell the state folder in hand."""
    auto_compact_pct: float = 0.0
    """At which share the client shall compact by itself; 0 leaves that to it."""


class Undo(NamedTuple):
    """What else has to be known to take our entries out exactly."""

    made: tuple[str, ...] = ()
    """What stood nowhere before: `hooks`, `hooks.<event>`, `statusLine.type`, `env`, a member."""
    nulls: tuple[str, ...] = ()
    """What was null before, named likewise, or `statusLine`."""
    status_line: str | None = None
    """The user's own status line command as JSON text, None where there was none."""
    members: compaction_entry.Members = ()
    """What was put in beside hooks and status line."""


def problem(settings: Any) -> str | None:
    """Return why nothing can be merged into `settings`, as the end of a sentence, or None. A null is no reason."""
    if not isinstance(settings, dict):
        return "is not a JSON object"
    hooks = settings.get("hooks")
    if not isinstance(hooks, (dict, type(None))):
        return "has `hooks` that are not an object"
    for event, groups in (hooks or {}).items():
        if not _is_list_of_objects(groups):
            return f"has hooks for {event} that are not a list of objects"
        if not all(_is_list_of_objects(group.get("hooks")) for group in groups or []):
            return f"has a hook group for {event} whose `hooks` are not a list of objects"
    return status_line_entry.problem(settings)


def is_wired(settings: Mapping[str, Any], wanted: Wanted, written: compaction_entry.Members = ()) -> bool:
    """Return whether `settings` hold exactly the wanted entries of ours, wherever they stand among others.

    `written` are the members that the last installation has put in.
    """
    if not compaction_entry.is_as_wanted(settings, wanted.auto_compact_pct, written):
        return False
    ours = [
        (event, group)
        for event, group in groups_in(settings)
        if any(hook_entries.is_ours(handler, wanted.state_folders) for handler in group.get("hooks") or [])
    ]
    if len(ours) != len(wanted.groups) or dict(ours) != dict(wanted.groups):
        return False
    line = settings.get("statusLine")
    if not isinstance(line, dict) or not status_line_entry.is_written(line):
        return wanted.status_line is None
    if wanted.status_line is None or line.get("type") != "command":
        return False
    return bool(line["command"] == status_line_entry.beside(wanted.status_line, status_line_entry.carried(line)))


def wired(text: str, wanted: Wanted) -> tuple[str, Undo]:
    """Return settings `text`, in which no installation has written, with the wanted entries, and how to undo that."""
    settings = json_text.parsed(text)
    made: list[str] = []
    nulls: list[str] = []

    hooks = settings.get("hooks") or {}
    text = _put_in(text, ("hooks",), {}, made, nulls)
    for event, group in wanted.groups.items():
        if hooks.get(event) is None:
            text = _put_in(text, ("hooks", event), [group], made, nulls)
        else:
            text = json_text.appended(text, ("hooks", event), group)
    line, before = settings.get("statusLine"), None
    if wanted.status_line is not None and line is None:
        text = _put_in(text, ("statusLine",), status_line_entry.entry(wanted.status_line), made, nulls)
    elif wanted.status_line is not None:
        place = ("statusLine", "command")
        before = json_text.raw(text, place)
        command = status_line_entry.beside(wanted.status_line, status_line_entry.foreign_command(settings))
        text = json_text.replaced(text, place, json.dumps(command, ensure_ascii=False))
        text = _put_in(text, ("statusLine", "type"), "command", made, nulls)
    return with_members(text, wanted.auto_compact_pct, Undo(tuple(made), tuple(nulls), before))


def with_members(text: str, pct: float, undo: Undo) -> tuple[str, Undo]:
    """Return settings `text`, which hold no members of ours, with those that make the client compact at `pct`."""
    made, nulls = list(undo.made), list(undo.nulls)
    wanted = compaction_entry.members(json_text.parsed(text), pct)
    for name, value in wanted:
        path = tuple(name.split("."))
        for depth in range(1, len(path)):
            text = _put_in(text, path[:depth], {}, made, nulls)
        text = _put_in(text, path, value, made, nulls)
    return text, undo._replace(made=tuple(made), nulls=tuple(nulls), members=wanted)


def without_members(text: str, undo: Undo) -> tuple[str, Undo]:
    """Return settings `text` without the members that stand there as they were put in, and what is left to undo."""
    gone: set[str] = set()
    for name, _ in compaction_entry.standing(json_text.parsed(text), undo.members):
        path = tuple(name.split("."))
        text = _taken_out(text, path, undo)
        gone.add(name)
        while len(path) > 1 and not _at(json_text.parsed(text), path[:-1]) and _was_nothing(path[:-1], undo):
            path = path[:-1]
            text = _taken_out(text, path, undo)
            gone.add(".".join(path))
    made, nulls = (tuple(name for name in names if name not in gone) for names in (undo.made, undo.nulls))
    return text, Undo(made, nulls, undo.status_line)


def unwired(text: str, undo: Undo | None, state_folders: Collection[str]) -> str:
    """Return settings `text` without what an installation has written there.

    With no `undo` known, what is left empty goes as well, and the status line that ours carries comes back.
    """
    if undo is not None:
        text, undo = without_members(text, undo)
    while True:
        settings = json_text.parsed(text)
        ours = next(_our_handlers(settings, state_folders), None)
        if ours is None:
            break
        event, group, handler = ours
        groups = settings["hooks"][event]
        if len(groups[group]["hooks"]) > 1:
            text = json_text.removed(text, ("hooks", event, group, "hooks", handler))
        elif len(groups) > 1 or not _was_nothing(("hooks", event), undo):
            text = json_text.removed(text, ("hooks", event, group))
        elif len(settings["hooks"]) > 1 or not _was_nothing(("hooks",), undo):
            text = _taken_out(text, ("hooks", event), undo)
        else:
            text = _taken_out(text, ("hooks",), undo)
    line = settings.get("statusLine")
    if not status_line_entry.is_written(line):
        return text
    before = _own_command(line, undo)
    if before is None:
        return _taken_out(text, ("statusLine",), undo)
    text = json_text.replaced(text, ("statusLine", "command"), before)
    if undo is not None and "type" in line and _was_nothing(("statusLine", "type"), undo):
        text = _taken_out(text, ("statusLine", "type"), undo)
    return text


def count_ours(
    settings: Mapping[str, Any], state_folders: Collection[str], written: compaction_entry.Members = ()
) -> int:
    """Return how many entries an installation has put into `settings`, status line and `written` members included."""
    entries = len(list(_our_handlers(settings, state_folders))) + len(compaction_entry.standing(settings, written))
    return entries + status_line_entry.is_written(settings.get("statusLine"))


def groups_in(settings: Mapping[str, Any]) -> Iterator[tuple[str, hook_entries.Group]]:
    """Yield each hook group with its event."""
    for event, groups in (settings.get("hooks") or {}).items():
        for group in groups or []:
            yield event, group


def _our_handlers(settings: Mapping[str, Any], state_folders: Collection[str]) -> Iterator[tuple[str, int, int]]:
    for event, groups in (settings.get("hooks") or {}).items():
        for position, group in enumerate(groups or []):
            for index, handler in enumerate(group.get("hooks") or []):
                if hook_entries.is_ours(handler, state_folders):
                    yield event, position, index


def _own_command(line: Mapping[str, Any], undo: Undo | None) -> str | None:
    """Return the user's command that stood in place of ours, as JSON text, None for none."""
    known, carried = undo.status_line if undo else None, status_line_entry.carried(line)
    if carried and (known is None or json.loads(known) != carried):
        return json.dumps(carried, ensure_ascii=False)
    return known


def _put_in(text: str, path: tuple[str, ...], value: Any, made: list[str], nulls: list[str]) -> str:
    """Return settings `text` with `value` at `path`, unless something stands there already; note what stood there."""
    holder = _at(json_text.parsed(text), path[:-1])
    if holder.get(path[-1]) is not None:
        return text
    (nulls if path[-1] in holder else made).append(".".join(path))
    return json_text.put(text, path, value)


def _at(settings: Any, path: Sequence[str]) -> Any:
    for key in path:
        settings = settings[key]
    return settings


def _was_nothing(path: tuple[str, ...], undo: Undo | None) -> bool:
    return undo is None or ".".join(path) in {*undo.made, *undo.nulls}


def _taken_out(text: str, path: tuple[str, ...], undo: Undo | None) -> str:
    if undo is not None and ".".join(path) in undo.nulls:
        return json_text.replaced(text, path, "null")
    return json_text.removed(text, path)


def _is_list_of_objects(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
