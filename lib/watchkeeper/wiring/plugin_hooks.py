"""hooks/hooks.json, the wiring of the plugin: `python -m watchkeeper.wiring.plugin_hooks` prints what it must hold."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.core.paths import bundle_root
from watchkeeper.wiring import bundle, command_files, hook_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

DESCRIPTION = (
    "Watchkeeper: counts usage, warns once at each threshold, answers its status commands without a model call."
)


def text(command_names: Iterable[str]) -> str:
    """Return the content of hooks.json for the slash commands of the bundle."""
    hooks = {event: [group] for event, group in hook_entries.plugin_groups(command_names).items()}
    return json.dumps({"description": DESCRIPTION, "hooks": hooks}, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(command_files.names_in(bundle.contents(Path(bundle_root())))))
