"""The user's settings with our entries in them, and with them taken out again: text to text, no file touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.wiring import hook_entries, json_text, status_line_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EMPTY = "{}\n"


class Wanted(NamedTuple):
    """What the settings shall hold of ours."""

    groups: Mapping[str, hook_entries.Group]
    status_line: str
    """The command of the status line."""


class Undo(NamedTuple):
    """What else has to be known to take our entries out exactly."""

    made: tuple[str, ...] = ()
    """What stood nowhere before: `hooks`, `hooks.<event>`."""
    status_line: str | None = None
    """The user's own status line command as JSON text, None where there was none."""


def problem(settings: Any) -> str | None:
    """Return why nothing can be merged into `settings`, as the end of a sentence, or None."""
    if not isinstance(settings, dict):
        return "is not a JSON object"
    hooks = settings.get("hooks", {})
    if not isinstance(hooks, dict):
        return "has `hooks` that are not an object"
    for event, groups in hooks.items():
        if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
            return f"has hooks for {event} that are not a list of objects"
        for group in groups:
            handlers = group.get("hooks", [])
            if not isinstance(handlers, list) or not all(isinstance(handler, dict) for handler in handlers):
                return f"has a hook group for {event} whose `hooks` are not a list of objects"
    return status_line_entry.problem(settings)


def is_wired(settings: Mapping[str, Any], wanted: Wanted) -> bool:
    """Return whether `settings` hold exactly the wanted entries of ours, wherever they stand among others."""
    hooks = settings.get("hooks", {})
    present = {event: [group for group in groups if _has_ours(group)] for event, groups in hooks.items()}
    line = settings.get("statusLine")
    return (
        {event: groups for event, groups in present.items() if groups}
        == {event: [group] for event, group in wanted.groups.items()}
        and isinstance(line, dict)
        and line.get("command") == wanted.status_line
    )


def wired(text: str, wanted: Wanted) -> tuple[str, Undo]:
    """Return settings `text`, which must hold nothing of ours, with the wanted entries, and how to undo that."""
    settings = json_text.parsed(text)
    made: list[str] = []
    if "hooks" not in settings:
        text = json_text.appended(text, (), {}, key="hooks")
        made.append("hooks")
    for event, group in wanted.groups.items():
        if event in settings.get("hooks", {}):
            text = json_text.appended(text, ("hooks", event), group)
        else:
            text = json_text.appended(text, ("hooks",), [group], key=event)
            made.append(f"hooks.{event}")
    if "statusLine" not in settings:
        return json_text.appended(text, (), status_line_entry.entry(wanted.status_line), key="statusLine"), Undo(
            tuple(made)
        )
    place = ("statusLine", "command")
    before = json_text.raw(text, place)
    return json_text.replaced(text, place, json.dumps(wanted.status_line, ensure_ascii=False)), Undo(
        tuple(made), before
    )


def unwired(text: str, undo: Undo | None) -> str:
    """Return settings `text` without any entry of ours. With no `undo` known, what is left empty goes as well."""
    while True:
        settings = json_text.parsed(text)
        ours = next(_our_handlers(settings), None)
        if ours is None:
            break
        event, group, handler = ours
        groups = settings["hooks"][event]
        if len(groups[group]["hooks"]) > 1:
            text = json_text.removed(text, ("hooks", event, group, "hooks", handler))
        elif len(groups) > 1 or not _is_made(f"hooks.{event}", undo):
            text = json_text.removed(text, ("hooks", event, group))
        elif len(settings["hooks"]) > 1 or not _is_made("hooks", undo):
            text = json_text.removed(text, ("hooks", event))
        else:
            text = json_text.removed(text, ("hooks",))
    if not status_line_entry.is_ours(settings.get("statusLine")):
        return text
    if undo is None or undo.status_line is None:
        return json_text.removed(text, ("statusLine",))
    return json_text.replaced(text, ("statusLine", "command"), undo.status_line)


def count_ours(settings: Mapping[str, Any]) -> int:
    """Return how many entries of ours `settings` hold, the status line included."""
    return len(list(_our_handlers(settings))) + status_line_entry.is_ours(settings.get("statusLine"))


def _our_handlers(settings: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    for event, groups in settings.get("hooks", {}).items():
        for position, group in enumerate(groups):
            for index, handler in enumerate(group.get("hooks", [])):
                if hook_entries.is_ours(handler):
                    yield event, position, index


def _has_ours(group: Mapping[str, Any]) -> bool:
    return any(hook_entries.is_ours(handler) for handler in group.get("hooks", []))


def _is_made(what: str, undo: Undo | None) -> bool:
    return undo is None or what in undo.made
