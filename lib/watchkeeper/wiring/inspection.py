"""Which wiring is in force, for `doctor`: settings, plugin, both, none, or settings that have gone stale."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.paths import paths_in
from watchkeeper.errors import UserError
from watchkeeper.wiring import (
    compaction_entry,
    files,
    hook_entries,
    layout,
    receipt,
    settings_file,
    settings_text,
    status_line_entry,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLUGIN = "watchkeeper"


class Wiring(NamedTuple):
    """What starts Watchkeeper in a session, and what is wrong with it."""

    in_force: str
    """`settings`, `plugin`, `both`, `none`, `stale`, or `unknown` when the settings cannot be read."""
    reasons: tuple[str, ...]
    """One sentence for each thing worth knowing."""


def inspect(config: str, environ: Mapping[str, str]) -> Wiring:
    """Return the wiring of the configuration directory `config`, without changing or starting anything.

    A project's own settings, which may enable or disable the plugin, are not looked at.
    """
    place = layout.layout_in(config, environ)
    try:
        settings = settings_file.read(place.client_settings).settings
    except UserError as why:
        return Wiring("unknown", (str(why),))
    plugins = enabled_plugins(settings)
    reasons = list(_remarks(settings, plugins, place))
    if not settings_text.count_ours(settings, place.state_folders):
        return Wiring("plugin" if plugins else "none", tuple(reasons))
    pct = compaction_entry.wanted_pct(paths_in(config, environ))
    stale = list(_stale(settings, receipt.read(place.receipt), place, pct))
    if stale:
        return Wiring("stale", (*stale, *reasons))
    return Wiring("both" if plugins else "settings", tuple(reasons))


def enabled_plugins(settings: Mapping[str, Any]) -> list[str]:
    """Return the names under which `settings` enable the plugin, marketplace included."""
    enabled = settings.get("enabledPlugins")
    if not isinstance(enabled, dict):
        return []
    return [name for name, value in enabled.items() if value is True and name.partition("@")[0] == PLUGIN]


def _remarks(settings: Mapping[str, Any], plugins: list[str], place: layout.Layout) -> Iterator[str]:
    if settings.get("disableAllHooks") is True:
        yield "disableAllHooks is set, so neither hooks nor the status line run."
    if plugins and settings_text.count_ours(settings, place.state_folders):
        yield f"The plugin {plugins[0]} is enabled as well: harmless, each event counts once."
    if plugins and not _shows_ours(settings, place):
        yield "A plugin cannot bring a status line, so reported limits are missing: install.py wires one."


def _stale(
    settings: Mapping[str, Any], record: receipt.Receipt | None, place: layout.Layout, pct: float
) -> Iterator[str]:
    if record is None:
        yield "There is no readable receipt of the installation: run install.py again."
        return
    wired = Counter(
        event
        for event, group in settings_text.groups_in(settings)
        for handler in group.get("hooks") or []
        if hook_entries.is_ours(handler, place.state_folders)
    )
    for event in hook_entries.SCRIPTS:
        if wired[event] != 1:
            yield f"{event} is wired {wired[event]} times in the settings: run install.py again."
    if not _shows_ours(settings, place):
        yield "The status line is another one's: run install.py again to have ours beside it."
    if not compaction_entry.is_as_wanted(settings, pct, record.settings.members):
        yield f"context.auto_compact_pct = {pct:g} is not what Claude Code's settings say: run install.py again."
    for path in (record.interpreter, str(place.python)):
        if not os.access(path, os.X_OK):
            yield f"{path} is gone: run install.py again."
    changed = [path for path, sha256 in record.files.items() if _sha256_of(place, path) != sha256]
    if changed:
        yield f"{len(changed)} files of the bundle are missing or changed ({changed[0]} is one): run install.py again."


def _shows_ours(settings: Mapping[str, Any], place: layout.Layout) -> bool:
    return status_line_entry.runs_ours(status_line_entry.command_of(settings.get("statusLine")), place.home)


def _sha256_of(place: layout.Layout, path: str) -> str | None:
    content = files.content_of(place.app / path)
    return None if content is None else files.sha256(content)
