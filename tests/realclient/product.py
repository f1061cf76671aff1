"""Watchkeeper installed into the configuration directory of a test's client, as install.py does it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import watchkeeper
from tests.realclient.messages import Usage
from tests.realclient.session import Claude
from watchkeeper.wiring import files, installation, programs, removal
from watchkeeper.wiring.actions import Effects
from watchkeeper.wiring.environment import MARKER, Tools
from watchkeeper.wiring.programs import Run


class Product:
    """Watchkeeper on the made-up user's machine."""

    def __init__(self, claude: Claude) -> None:
        self.claude = claude
        self.state = claude.config / "watchkeeper"
        self.said: list[str] = []

    @property
    def effects(self) -> Effects:
        # Only what is outside the real home: shims of version managers live there.
        folders = [self.claude.client.parent, Path(os.path.realpath(sys.executable)).parent, "/usr/bin", "/bin"]
        environ = {**self.claude.user.environ, "PATH": os.pathsep.join(map(str, folders))}
        return Effects(programs.run, self.said.append, environ, borrow_environment)

    def install(self, **settings: str) -> None:
        """Install; settings are keys of config.toml with `__` for the dot, for example quota__plan="pro"."""
        choices = [(name.replace("__", "."), value) for name, value in settings.items()]
        installation.install(str(self.claude.config), watchkeeper.__version__, self.effects, choices)

    def uninstall(self) -> None:
        removal.uninstall(str(self.claude.config), self.effects)

    def command(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run the installed `watchkeeper` in the project's folder."""
        return subprocess.run(
            [str(self.state / "bin" / "watchkeeper"), *arguments],
            env=self.claude.user.environ,
            cwd=self.claude.project,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def tell_limits(self, used_pct: float, resets_at: float) -> None:
        """Tell the status line limits, as the client does in another terminal."""
        limits = {"five_hour": {"used_percentage": used_pct, "resets_at": resets_at}}
        told = {"session_id": "another-terminal", "cwd": str(self.claude.project), "rate_limits": limits}
        self.command("status-line", stdin=json.dumps(told))

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self.command(*arguments, "--json")
        assert 0 == done.returncode, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def query(self, name: str, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.state / name)) as db:
            return db.execute(statement).fetchall()

    def used(self) -> Usage:
        """What the ledger's command says was used."""
        totals = self.json("usage")
        return Usage(*(totals[kind] for kind in Usage._fields))

    def tool_calls(self) -> list[str]:
        return [row[0] for row in self.query("usage.db", "SELECT tool_use_id FROM tool_calls ORDER BY 1")]

    def hook_failures(self) -> str:
        log = self.state / "logs" / "hooks.log"
        return log.read_text() if log.exists() else ""


def borrow_environment(environment: Path, lock_file: Path, tools: Tools, run: Run, say: Callable[[str], None]) -> None:
    """Make an environment that borrows the packages of the tests' own, which are the same locked ones and more."""
    files.remove_tree(environment)
    packages = next(part for part in sys.path if part.endswith("site-packages"))
    folder = environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for made in (folder, environment / "bin"):
        made.mkdir(parents=True)
    (folder / "site-packages").symlink_to(packages)
    (environment / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", environment)
    marker = {
        "lock_sha256": files.sha256(lock_file.read_bytes()),
        "python_version": f"{sys.version_info[0]} {sys.version_info[1]}",
    }
    (environment / MARKER).write_text(json.dumps(marker))
