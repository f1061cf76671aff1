"""Which Claude Code is installed, and what follows from its version."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.wiring.programs import Run

Version = tuple[int, int, int]

# Up to 2.1.100 one hook event that the client does not know makes it skip the user's whole settings file; from 2.1.101
# it skips that event alone. The status line has `rate_limits` since 2.1.80.
OLDEST_SUPPORTED: Version = (2, 1, 101)

# From here on a hook may have `args` and is started without a shell.
EXEC_FORM: Version = (2, 1, 139)

_VERSION = re.compile(r"\b(\d{1,9})\.(\d{1,9})\.(\d{1,9})\b")
_ASK_TIMEOUT_S = 30.0


def installed_version(run: Run, environ: Mapping[str, str]) -> Version | None:
    """Return the version of the `claude` on the path of `environ`, None when there is none or it does not say."""
    program = shutil.which("claude", path=environ.get("PATH", ""))
    if program is None:
        return None
    answer = run([program, "--version"], environ=environ, timeout_s=_ASK_TIMEOUT_S)
    return parsed(answer.output) if answer.returncode == 0 else None


def parsed(text: str) -> Version | None:
    """Return the first version number in `text`."""
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def require_supported(version: Version | None) -> None:
    """Raise UserError for a client that is known to be too old."""
    if version is not None and version < OLDEST_SUPPORTED:
        raise UserError(
            f"Claude Code {spelled(version)} is older than {spelled(OLDEST_SUPPORTED)}, the oldest that Watchkeeper "
            "works with: run `claude update`, then this again."
        )


def knows_exec_form(version: Version | None) -> bool:
    """Return whether hooks can be started without a shell; an unknown client gets the form that every one knows."""
    return version is not None and version >= EXEC_FORM


def spelled(version: Version | None) -> str:
    """Return `version` as people write it."""
    return "unknown" if version is None else ".".join(map(str, version))
