"""What an installation finds: bundle, machine, the user's files. Reads only, and says no before anything is touched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.paths import bundle_root, paths_in
from watchkeeper.errors import UserError
from watchkeeper.wiring import (
    bundle,
    client,
    command_files,
    compaction_entry,
    environment,
    hook_entries,
    interpreter,
    layout,
    mcp_entry,
    receipt,
    settings_file,
    settings_text,
    status_line_entry,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.wiring.programs import Run


class Survey(NamedTuple):
    """Everything a plan is made from."""

    layout: layout.Layout
    version: str
    bundle: dict[str, bytes]
    """The files to install, by path below the bundle."""
    interpreter: interpreter.Interpreter
    client_version: client.Version | None
    settings: settings_file.SettingsFile
    receipt: receipt.Receipt | None
    commands: command_files.Commands
    tools: environment.Tools
    environment_reason: str | None
    """Why the environment has to be made; None: it is whole."""
    leaves_status_line: bool
    """Whether the user's own status line runs ours, so that it stays as it is."""
    with_mcp: bool = False
    """Whether the MCP server is to be there."""
    mcp_client: str | None = None
    """The client that registers it; None: there is none on the path."""
    mcp_registered: dict[str, Any] | None = None
    """The server of that name that is registered for the user."""
    auto_compact_pct: float = 0.0
    """At which share the client shall compact by itself, by the configuration; 0 leaves that to it."""

    @property
    def has_foreign_server(self) -> bool:
        """Whether a server of that name is somebody else's."""
        written = self.receipt.mcp_server if self.receipt else ""
        wanted = mcp_entry.definition(self.layout)
        return self.mcp_registered is not None and not any(
            mcp_entry.is_ours(self.mcp_registered, text) for text in (written, wanted)
        )

    @property
    def lock_name(self) -> str:
        """The file of the locked requirements."""
        return mcp_entry.LOCK_FILE if self.with_mcp else "requirements.lock"

    @property
    def wanted(self) -> settings_text.Wanted:
        """What settings.json shall hold of ours."""
        names = [*self.commands.texts, *self.commands.edited]
        hooks_folder = (self.layout.app / "hooks").as_posix()
        exec_form = client.knows_exec_form(self.client_version)
        groups = hook_entries.installed_groups(self.interpreter.path, hooks_folder, names, exec_form)
        line = None if self.leaves_status_line else status_line_entry.command(self.interpreter.path, hooks_folder)
        return settings_text.Wanted(groups, line, self.layout.state_folders, self.auto_compact_pct)


def survey(
    config: str,
    version: str,
    environ: Mapping[str, str],
    run: Run,
    source: Path | None = None,
    mcp: bool | None = None,
) -> Survey:
    """Return what is found for the configuration directory `config`. Raises UserError for every reason not to go on.

    `mcp` says whether the MCP server is to be there; None: as it was.
    """
    layout.require_usable(config)
    place = layout.layout_in(config, environ)
    settings = settings_file.read(place.client_settings)
    contents = bundle.contents(source or Path(bundle_root()))
    client_version = client.installed_version(run, environ)
    client.require_supported(client_version)
    uv = environment.uv_on(environ)
    hooks_python = interpreter.chosen(
        interpreter.candidates(environ), lambda path: interpreter.prove(path, run), prefers_ensurepip=uv is None
    )
    earlier = receipt.read(place.receipt)
    written = earlier.commands if earlier else {}
    with_mcp = mcp if mcp is not None else bool(earlier and earlier.mcp_server)
    lock = contents.get(mcp_entry.LOCK_FILE, b"") if with_mcp else contents["requirements.lock"]
    reason = environment.reason_to_make(place.environment, lock, place.python, hooks_python.version[:2], run)
    if reason and uv is None and not hooks_python.has_ensurepip:
        raise UserError(interpreter.NO_ENSUREPIP)
    return Survey(
        layout=place,
        version=version,
        bundle=contents,
        interpreter=hooks_python,
        client_version=client_version,
        settings=settings,
        receipt=earlier,
        commands=command_files.compared(contents, place.app, place.launcher, place.config, written),
        tools=environment.Tools(hooks_python.path, uv, hooks_python.has_ensurepip),
        environment_reason=reason,
        leaves_status_line=status_line_entry.runs_ours(_own_status_line(settings, earlier), place.home),
        with_mcp=with_mcp,
        mcp_client=mcp_entry.client_on(environ),
        mcp_registered=mcp_entry.registered(paths_in(config, environ).account),
        auto_compact_pct=compaction_entry.wanted_pct(paths_in(config, environ)),
    )


def _own_status_line(settings: settings_file.SettingsFile, earlier: receipt.Receipt | None) -> str:
    """Return the user's own status line command, which may stand beside ours already."""
    line = settings.settings.get("statusLine")
    if not status_line_entry.is_written(line):
        return status_line_entry.foreign_command(settings.settings)
    return status_line_entry.carried(line) or (earlier.passthrough if earlier else "")
