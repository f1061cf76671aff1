"""Gets the pinned Claude Code into a cache folder keyed by the lock file's checksum, and says where it is."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

CACHE_VARIABLE = "WATCHKEEPER_TEST_CACHE"
INSTALL_TIMEOUT_S = 300.0
PINNED = Path(__file__).parent
PINNED_FILES = ("package.json", "package-lock.json")
VERSION: str = json.loads((PINNED / "package.json").read_text(encoding="utf-8"))["dependencies"][
    "@anthropic-ai/claude-code"
]


class ClientMissing(Exception):
    """The client is not here and cannot be fetched; the text is the reason."""


def unavailable() -> str | None:
    """The reason why the real client cannot run here, or None. Downloads nothing."""
    if sys.platform == "win32":
        return "it is driven through a pseudo-terminal, which Windows does not have"
    if shutil.which("npm") is None and not client_folder().exists():
        return "npm, which fetches it, is not installed"
    return None


def executable() -> Path:
    """The absolute path of the client, fetched on first use. Raise ClientMissing."""
    reason = unavailable()
    if reason is not None:
        raise ClientMissing(reason)
    folder = client_folder()
    if not folder.exists():
        _install(folder)
    # The platform's own package holds the program; the wrapper's install script would only link it to a second name.
    found = list(folder.glob("node_modules/@anthropic-ai/claude-code-*/claude"))
    if len(found) != 1:
        raise ClientMissing(f"{folder} holds {len(found)} clients for this platform, not one")
    return found[0]


def without_client(reason: str, environ: Mapping[str, str]) -> NoReturn:
    """End a test that needs the client: fail where CI is set, skip elsewhere."""
    if environ.get("CI"):
        pytest.fail(f"CI must run the tests in the real client, and cannot: {reason}", pytrace=False)
    pytest.skip(f"no real client: {reason}")


def client_folder() -> Path:
    """Where the client of exactly these pins is, or will be, for this platform."""
    pins = b"".join((PINNED / name).read_bytes() for name in PINNED_FILES)
    key = hashlib.sha256(pins).hexdigest()[:16]
    return cache_folder() / f"claude-code-{sys.platform}-{platform.machine()}-{key}"


def cache_folder() -> Path:
    """The folder that WATCHKEEPER_TEST_CACHE names, else one of this user's own for temporary files; made if need be.

    Raise ClientMissing when the latter is somebody else's.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        folder = Path(chosen).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()).absolute() / f"watchkeeper-test-cache-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Anybody can guess this name in a shared folder, and what lies in it is run.
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise ClientMissing(f"others can write to {folder}: remove it, or set {CACHE_VARIABLE}")
    return folder


def _install(folder: Path) -> None:
    import fcntl  # not on Windows, where nothing is installed

    with folder.with_name(f"{folder.name}.lock").open("w", encoding="utf-8") as lock:
        # A second process waits for the first one's download instead of making its own.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as temporary:
            aside = Path(temporary) / "client"
            aside.mkdir()
            for name in PINNED_FILES:
                shutil.copyfile(PINNED / name, aside / name)
            _npm_ci(aside)
            aside.rename(folder)


def _npm_ci(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=INSTALL_TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise ClientMissing(f"npm did not fetch it within {INSTALL_TIMEOUT_S:.0f} seconds") from None
    except subprocess.CalledProcessError as error:
        raise ClientMissing(f"npm could not fetch it: {error.stderr.strip()[-500:]}") from None
