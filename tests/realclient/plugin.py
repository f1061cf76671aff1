"""The bundle as a plugin of a test's client, installed from a folder that is a marketplace too."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.realclient.product import borrow_environment
from tests.realclient.session import Claude
from tests.support.tree import TREE
from watchkeeper import first_use
from watchkeeper.wiring import bundle, programs
from watchkeeper.wiring.environment import Tools

NAME = "watchkeeper@watchkeeper"
COMMANDS = sorted(path.stem for path in (TREE / "commands").glob("*.md"))
CALLED = {"start-next-session": "The queue is empty", "plan-next-session": "handoff", "save-and-restart": "handoff"}
"""What Claude takes part in, and a word of what is printed then."""
HANDOFF = '"objectives": ["Guard the routes"], "estimated_tokens": 15000'

Found = TypeVar("Found")


def write_market(folder: Path) -> None:
    """Write the bundle as a marketplace into `folder`."""
    for name, content in bundle.contents(TREE).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        (folder / name).chmod((TREE / name).stat().st_mode)


class Plugin:
    """The plugin, installed from `market`; nothing but the system's programs and one Python is on the path."""

    def __init__(self, claude: Claude, market: Path) -> None:
        self.claude = claude
        self.market = market
        self.data = claude.config / "plugins" / "data" / "watchkeeper-watchkeeper"
        tools = market.parent / "tools"
        tools.mkdir()
        (tools / "python3").symlink_to(os.path.realpath(sys.executable))
        claude.environment["PATH"] = os.pathsep.join([str(tools), str(claude.client.parent), "/usr/bin", "/bin"])
        (claude.project / "plan.md").write_text("# Plan\n\n## Phase 1: Write it\n\n2 hours\n", encoding="utf-8")
        claude.run("plugin", "marketplace", "add", str(market))
        installed = claude.run("plugin", "install", NAME)
        assert 0 == installed.returncode, installed.stdout + installed.stderr

    def borrow_packages(self) -> None:
        """Give the commands the packages of the tests."""
        self.data.mkdir(parents=True, exist_ok=True)
        tools = Tools(sys.executable, None, has_ensurepip=True)
        borrow_environment(self.data / "venv", TREE / "requirements.lock", tools, programs.run, lambda _: None)

    def answer(self, command: str) -> str:
        """What a headless run of a command ends with."""
        answer: str = self.claude.headless(f"/watchkeeper:{command}").result["result"]
        return answer

    def call(self, name: str) -> str:
        """The line that the file of a command has Claude run, with a handoff where it takes one."""
        text = (TREE / "commands" / f"{name}.md").read_text(encoding="utf-8")
        call = re.search(rf'^    (python3 .*/__main__\.py" {name} --no-color)', text, re.MULTILINE)
        assert call is not None
        line = call[1].replace("${CLAUDE_PLUGIN_ROOT}", str(self.market))
        return line if name == "start-next-session" else f"{line} <<'WATCHKEEPER_END'\n{HANDOFF}\nWATCHKEEPER_END"

    def problem(self) -> str:
        """Why the environment could not be made the last time."""
        return _text(self.data / first_use.NOTE)

    def refused_at(self) -> int:
        """When that was, in nanoseconds."""
        return (self.data / first_use.NOTE).stat().st_mtime_ns

    def progress(self) -> str:
        """How far its making is."""
        return _text(self.data / first_use.PROGRESS)


def wait_for(look: Callable[[], Found], timeout_s: float) -> Found:
    """Look until there is something, and return that. Raise TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:.0f} s")
        time.sleep(0.05)
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
