from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.support.processes import PythonRunner
from watchkeeper.wiring import bundle, command_files, hook_entries, plugin_hooks

TREE = Path(__file__).resolve().parents[2]


def test_the_file_is_what_the_builder_yields() -> None:
    """hooks.json holds what PYTHONPATH=lib python -m watchkeeper.wiring.plugin_hooks prints."""
    names = command_files.names_in(bundle.contents(TREE))

    assert plugin_hooks.text(names) == (TREE / "hooks" / "hooks.json").read_text(encoding="utf-8")


def test_the_plugin_wires_the_same_events() -> None:
    """The plugin's hooks differ from the installed ones in interpreter and place only."""
    hooks = json.loads(plugin_hooks.text(["session-status"]))["hooks"]
    installed = hook_entries.installed_groups(
        "python3", "${CLAUDE_PLUGIN_ROOT}/hooks", ["session-status"], exec_form=True
    )

    # This one is a script with a short path in the bundle, and one made by the installer elsewhere.
    del installed["PreCompact"]
    [[handler]] = [group["hooks"] for group in hooks.pop("PreCompact")]
    assert {event: [group] for event, group in installed.items()} == hooks
    assert ("${CLAUDE_PLUGIN_ROOT}/hooks/pre-compact", []) == (handler["command"], handler["args"])


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no such script")
def test_the_plugins_pre_compact_script_runs_and_may_lose_its_bundle(run_python: PythonRunner, tmp_path: Path) -> None:
    """The script starts the hook beside it, and exits 0 in silence when that was taken away."""
    script = TREE / "hooks" / "pre-compact"
    alone = tmp_path / "pre-compact"
    shutil.copy(script, alone)

    ran = [run_python(stdin="{}", executable=str(path)) for path in (script, alone)]

    assert [(0, "", "")] * 2 == [(done.returncode, done.stdout, done.stderr) for done in ran]


def test_it_lives_where_the_client_looks() -> None:
    """The manifest does not name the file, which the client loads by itself: named, it would be loaded twice."""
    manifest = json.loads((TREE / ".claude-plugin" / "plugin.json").read_text(encoding="utf-8"))
    marketplace = json.loads((TREE / ".claude-plugin" / "marketplace.json").read_text(encoding="utf-8"))

    assert "hooks" not in manifest
    assert ["./"] == [plugin["source"] for plugin in marketplace["plugins"] if plugin["name"] == manifest["name"]]


def test_the_manifest_names_each_command() -> None:
    """The client does not look into commands/ where the manifest names files, so it names them all."""
    manifest = json.loads((TREE / ".claude-plugin" / "plugin.json").read_text(encoding="utf-8"))

    names = command_files.names_in(bundle.contents(TREE))
    assert [f"./commands/{name}.md" for name in names] == manifest["commands"]
