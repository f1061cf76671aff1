"""Installing and updating: look, plan, do, and say what is known and what is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.wiring import (
    actions,
    client,
    compaction_entry,
    inspection,
    mcp_entry,
    plan,
    settings_text,
    status_line_entry,
)
from watchkeeper.wiring.survey import survey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from watchkeeper.wiring.actions import Effects
    from watchkeeper.wiring.survey import Survey

_STATUS_TIMEOUT_S = 60.0


def install(
    config: str,
    version: str,
    effects: Effects,
    choices: Sequence[tuple[str, str]] = (),
    dry_run: bool = False,
    source: Path | None = None,
    mcp: bool | None = None,
) -> bool:
    """Bring the configuration directory `config` to this version of Watchkeeper; with `dry_run` only say how.

    `mcp` puts the MCP server in, or takes it out; None leaves it as it is.
    Returns whether anything had to change. Raises UserError, with nothing wired, when it cannot be done.
    """
    found = survey(config, version, effects.environ, effects.run, source, mcp)
    steps = plan.planned(found, choices)
    is_first = found.receipt is None and not found.layout.config_file.exists()
    if dry_run:
        for step in steps:
            effects.say(f"Would {step}.")
    else:
        actions.perform(steps, effects)
    if not steps:
        effects.say(f"Watchkeeper {version} is installed in {found.layout.state}; there is nothing to change.")
    elif not dry_run:
        effects.say(f"Watchkeeper {version} is installed in {found.layout.state}; open sessions use it at once.")
    at_first = unknown_at_first(found, bool(choices)) if is_first else []
    for sentence in (where_it_is(found, effects.environ) if is_first else []) + remarks(found) + at_first:
        effects.say(sentence)
    return bool(steps)


def where_it_is(found: Survey, environ: Mapping[str, str]) -> list[str]:
    """Return how the command can be typed by its name, nothing when the shell finds it already."""
    folder = str(found.layout.launcher.parent)
    if folder in environ.get("PATH", "").split(os.pathsep):
        return []
    return [f"To type `watchkeeper` in a terminal, put this folder on your PATH: {folder}"]


def unknown_at_first(found: Survey, has_plan: bool) -> list[str]:
    """Return what nobody can know right after the first installation, and what makes it known."""
    report = "Claude Code reports it to the status line after a response, with a subscription and in a terminal"
    if has_plan:
        return [f"Unknown so far: how much of your quota is used. {report}."]
    by_hand = f"{found.layout.launcher} config set quota.plan NAME"
    return [f"Unknown so far: your plan and how much of it is used. {report}; or name your plan: {by_hand}"]


def remarks(found: Survey) -> list[str]:
    """Return what the user should know about this installation: what was left alone, what is unknown and why."""
    launcher = found.layout.launcher
    result = [
        f"You have a /{name} of your own: it is left as it is, and ours is this command: {launcher} {name}"
        for name in found.commands.foreign
    ]
    result += [f"You have changed {name}.md: your text of /{name} is kept." for name in found.commands.edited]
    if found.leaves_status_line:
        result.append("Your status line runs Watchkeeper's by itself, so it is left as it is.")
    written = found.receipt.settings.members if found.receipt else ()
    result += compaction_entry.remarks(found.settings.settings, found.auto_compact_pct, written)
    result += _unknown_without_receipt(found)
    if found.client_version is None:
        result.append(
            "Unknown: which Claude Code you run, since no `claude` on the path says its version. The hooks are wired "
            f"in the form that every one from {client.spelled(client.OLDEST_SUPPORTED)} on knows; run this again "
            "once it is there."
        )
    if found.with_mcp and found.has_foreign_server:
        result.append(f"You have an MCP server called {mcp_entry.NAME} of your own: it is left as it is.")
    elif found.with_mcp and found.mcp_client is None:
        result.append(mcp_entry.by_hand(mcp_entry.definition(found.layout)))
    if found.settings.settings.get("disableAllHooks") is True:
        result.append("Your settings have disableAllHooks: nothing is watched until that is taken out.")
    if inspection.enabled_plugins(found.settings.settings):
        result.append("Watchkeeper is wired as a plugin, too. That is harmless, and one of the two is enough.")
    return result


def _unknown_without_receipt(found: Survey) -> list[str]:
    """Return what nobody can know of entries in the settings whose receipt is gone."""
    settings, line = found.settings.settings, found.settings.settings.get("statusLine")
    if found.receipt is not None or not settings_text.count_ours(settings, found.layout.state_folders):
        return []
    lists = (
        "The receipt of the former installation is gone: a removal will take out our entries, but whether "
        f"{found.settings.path} had empty hook lists of its own is not known any more."
    )
    own_line = (
        "If you had a status line before ours, its command was lost with the receipt; name it again: "
        f"{found.layout.launcher} config set status_line.passthrough COMMAND"
    )
    return [lists, own_line] if status_line_entry.may_have_lost(line) else [lists]


def first_status(launcher: Path, effects: Effects) -> None:
    """Say what `watchkeeper session-status` says; an installation is fine, too, when there is nothing to say yet."""
    answer = effects.run([str(launcher), "session-status"], environ=effects.environ, timeout_s=_STATUS_TIMEOUT_S)
    if answer.returncode:
        effects.say(f"There is no first status yet ({answer.reason}).")
    else:
        effects.say(answer.output.rstrip())
