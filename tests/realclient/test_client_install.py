"""Getting the real client: pinned, kept once, safe for two processes at a time, and never silently missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.realclient import client_install
from tests.realclient.client_install import (
    PINNED,
    VERSION,
    ClientMissing,
    client_folder,
    executable,
    unavailable,
    without_client,
)
from tests.support.environment import User

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the real client is driven through a pseudo-terminal")

FAKE_NPM = """#!/bin/sh
set -eu
test "$1" = ci && test -f package-lock.json
folder=node_modules/@anthropic-ai/claude-code-made-up
mkdir -p "$folder"
echo called >> "$NPM_CALLS"
while test "$(ls "$NPM_CALLERS" | wc -l)" -lt "$NPM_WAITS_FOR"; do sleep 0.02; done
echo "the client" > "$folder/claude"
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up npm on the search path and an empty cache; returns the file in which npm notes its calls."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "npm"
    program.write_text(FAKE_NPM, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NPM_CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("NPM_CALLERS", str(tmp_path))
    monkeypatch.setenv("NPM_WAITS_FOR", "0")
    monkeypatch.setenv(client_install.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "calls"


def left_in_cache() -> set[str]:
    return {path.name for path in client_folder().parent.iterdir()}


def test_lock_is_pinned_and_names_no_registry() -> None:
    """Every package of the lock file has the pinned version and a checksum, and no address."""
    lock = json.loads((PINNED / "package-lock.json").read_text(encoding="utf-8"))
    packages = [entry for name, entry in lock["packages"].items() if name]

    assert {VERSION} == {entry["version"] for entry in packages}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages)
    assert "://" not in json.dumps(lock)


def test_client_is_fetched_once(real_processes: User, npm: Path) -> None:
    """The first use fetches the client into the keyed folder, the second finds it there."""
    paths = {executable(), executable()}

    assert {client_folder() / "node_modules/@anthropic-ai/claude-code-made-up/claude"} == paths
    assert ["called"] == npm.read_text(encoding="utf-8").split()


def test_two_processes_fetch_once(real_processes: User, npm: Path, tmp_path: Path) -> None:
    """Two processes that miss the client at the same time fetch it once, both have it, nothing else is left."""
    (tmp_path / "callers").mkdir()
    paths = {"NPM_CALLERS": str(tmp_path / "callers"), "PYTHONPATH": str(PINNED.parents[1])}
    environ = {**os.environ, **paths, "NPM_WAITS_FOR": "2"}
    script = """
import os, pathlib
from tests.realclient.client_install import executable
pathlib.Path(os.environ["NPM_CALLERS"], str(os.getpid())).touch()
print(executable().read_text())
"""
    both = [
        subprocess.Popen([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=60)[0].strip() for process in both]

    assert ["the client"] * 2 == printed
    assert ["called"] == npm.read_text(encoding="utf-8").split()
    assert {client_folder().name, f"{client_folder().name}.lock"} == left_in_cache()


def test_npms_words_are_the_reason(real_processes: User, npm: Path, tmp_path: Path) -> None:
    """When npm fails, what it said is the reason and nothing is left in the cache."""
    (tmp_path / "bin" / "npm").write_text("#!/bin/sh\necho no such registry >&2\nexit 1\n", encoding="utf-8")

    with pytest.raises(ClientMissing, match="no such registry"):
        executable()

    assert {f"{client_folder().name}.lock"} == left_in_cache()


def test_without_npm_the_reason_is_told(npm: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither npm nor a kept client: that is the reason, and it is no error to ask."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))

    assert "npm, which fetches it, is not installed" == unavailable()


def test_shared_cache_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a chosen cache folder, one below the folder for temporary files is used only if nobody else can write."""
    monkeypatch.delenv(client_install.CACHE_VARIABLE, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = client_install.cache_folder()
    private = folder.stat().st_mode & 0o777
    folder.chmod(0o777)

    assert 0o700 == private
    with pytest.raises(ClientMissing, match="others can write"):
        client_install.cache_folder()


@pytest.mark.parametrize(
    ("environ", "outcome"),
    [({}, pytest.skip.Exception), ({"CI": "true"}, pytest.fail.Exception)],
    ids=["elsewhere", "CI"],
)
def test_missing_client_is_never_silent(environ: dict[str, str], outcome: type[BaseException]) -> None:
    """Where the client cannot run, tests are skipped with the reason, and fail with it in CI."""
    with pytest.raises(outcome, match="npm is broken"):
        without_client("npm is broken", environ)
