"""The plugin as a stranger gets it: checked by the client, installed from a marketplace, every command used."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.realclient import session as sessions
from tests.realclient.messages import Turn, bash
from tests.realclient.product import Product, borrow_environment
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.support import icon
from tests.support.tree import TREE
from watchkeeper.wiring import bundle, programs
from watchkeeper.wiring.environment import Tools

pytestmark = pytest.mark.realclient

Found = TypeVar("Found")

NAME = "watchkeeper@watchkeeper"
COMMANDS = sorted(path.stem for path in (TREE / "commands").glob("*.md"))
MADE_TIMEOUT_S = 420.0
REFUSED_TIMEOUT_S = 60.0
# What is answered without a model, and a word of its answer where nothing has happened yet.
ANSWERED = {
    "session-status": "Token quota",
    "context-status": "Context",
    "compact-context": "There is no transcript of session",
    "estimate-session plan.md": "Write it",
    "automation-status": "Next session",
    "cancel-next-session": "booked",
    "create-calendar-events": "scheduled",
    "plan-next-session --draft": "handoff",
    "save-and-restart --draft": "handoff",
}
CALLED = {"start-next-session": "The queue is empty", "plan-next-session": "handoff", "save-and-restart": "handoff"}
SAID = '"objectives": ["Guard the routes"], "estimated_tokens": 15000'


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """The bundle in a folder of its own, which is a marketplace too."""
    folder = tmp_path / "market"
    for name, content in bundle.contents(TREE).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        (folder / name).chmod((TREE / name).stat().st_mode)
    return folder


@pytest.fixture
def plugin(market: Path, claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plugin, installed; returns its data folder. The client may run what its commands bring leave for."""
    monkeypatch.setattr(sessions, "_permissions", lambda: ["--permission-mode", "default"])
    tools = market.parent / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(os.path.realpath(sys.executable))
    claude.environment["PATH"] = os.pathsep.join([str(tools), str(claude.client.parent), "/usr/bin", "/bin"])
    (claude.project / "plan.md").write_text("# Plan\n\n## Phase 1: Write it\n\n2 hours\n")
    claude.run("plugin", "marketplace", "add", str(market))
    installed = claude.run("plugin", "install", NAME)
    assert 0 == installed.returncode, installed.stdout + installed.stderr
    return claude.config / "plugins" / "data" / "watchkeeper-watchkeeper"


@pytest.fixture
def environment(plugin: Path) -> Path:
    """The packages that the plugin's commands need."""
    plugin.mkdir(parents=True, exist_ok=True)
    tools = Tools(sys.executable, None, has_ensurepip=True)
    borrow_environment(plugin / "venv", TREE / "requirements.lock", tools, programs.run, lambda _: None)
    return plugin


def answered(claude: Claude, command: str) -> str:
    result: str = claude.headless(f"/watchkeeper:{command}").result["result"]
    return result


def test_the_directory_accepts_it(claude: Claude, market: Path) -> None:
    """The client's strictest check passes with nothing to warn of."""
    run = claude.run("plugin", "validate", str(market), "--strict", "--profile", "directory")

    assert 0 == run.returncode, run.stdout + run.stderr
    assert "⚠" not in run.stdout
    assert "Validation passed" in run.stdout


def test_every_part_is_found(plugin: Path, claude: Claude) -> None:
    """The client lists every command and hook of it, enabled."""
    details = claude.run("plugin", "details", "watchkeeper").stdout

    assert f"Skills ({len(COMMANDS)})  {', '.join(COMMANDS)}" in details
    assert re.search(r"Hooks \(8\).*no model context cost", details)
    assert "enabled" in claude.run("plugin", "list").stdout


def test_commands_are_answered_without_a_model(environment: Path, claude: Claude, stand_in: StandIn) -> None:
    """What needs no model is answered by the plugin's hook, without a request."""
    found = {command: answered(claude, command) for command in ANSWERED}

    assert {} == {command: found[command] for command, word in ANSWERED.items() if word not in found[command]}
    assert [] == stand_in.exchanges()
    assert "" == Product(claude).hook_failures()


def test_commands_run_where_claude_takes_part(environment: Path, claude: Claude, stand_in: StandIn) -> None:
    """What Claude takes part in runs with the leave that its file brings, in the plugin's own environment."""
    for name, word in CALLED.items():
        text = (TREE / "commands" / f"{name}.md").read_text(encoding="utf-8")
        root = str(environment.parents[2].parents[1] / "market")
        call = re.search(rf'^    (python3 .*/__main__\.py" {name} --no-color)', text, re.MULTILINE)
        assert call is not None
        command = call[1].replace("${CLAUDE_PLUGIN_ROOT}", root)
        said = "" if name == "start-next-session" else f" <<'WATCHKEEPER_END'\n{SAID}\nWATCHKEEPER_END"
        stand_in.script(Turn("", (bash(command + said),)), Turn("Done."))

        run = claude.headless(f"/watchkeeper:{name}")

        assert [] == run.result["permission_denials"]
        asked, answer = stand_in.exchanges("main")[-2:]
        printed = answer.text.rpartition(command)[2]
        assert command in asked.text
        assert word in printed, printed


def test_no_request_carries_the_plugin(environment: Path, claude: Claude, stand_in: StandIn) -> None:
    """Installed, it adds nothing to what is sent with every request: no name and no description of a command."""
    stand_in.script(Turn("Hello.", (bash("true"),)), Turn("Done."))

    claude.headless("Go", "--allowedTools", "Bash")

    sent = "\n".join(str(exchange.body) for exchange in stand_in.exchanges())
    assert "Go" in sent
    assert "watchkeeper" not in sent.lower().replace(str(claude.user.home.parent).lower(), "")
    assert [] == [name for name in COMMANDS if name in sent]
    assert 1 == len(Product(claude).tool_calls())


def test_without_a_network_the_first_use_says_so(plugin: Path, claude: Claude, stand_in: StandIn) -> None:
    """Where its packages cannot be fetched, the next use tells why in a sentence; nothing goes to the model."""
    claude.environment |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}

    first = answered(claude, "plan-next-session")
    reason = wait_for(lambda: _said(plugin / "environment-problem.txt"), REFUSED_TIMEOUT_S)
    second = answered(claude, "session-status")

    assert "making its Python environment" in first
    assert "check the network" in reason
    assert f"cannot make its Python environment: {reason}" in second
    assert [] == stand_in.exchanges()


@pytest.mark.slow
def test_the_first_use_fetches_what_it_needs(plugin: Path, claude: Claude, stand_in: StandIn) -> None:
    """Typed for the first time a command starts the fetching, tells how far it is, and works once it is there."""
    first = answered(claude, "session-status")
    wait_for(lambda: " of " in _said(plugin / "environment-progress.txt"), MADE_TIMEOUT_S)
    meanwhile = answered(claude, "session-status")
    wait_for((plugin / "venv").exists, MADE_TIMEOUT_S)

    assert "making its Python environment" in first
    assert re.search(r"\d+ of \d+ packages", meanwhile), meanwhile
    assert "Token quota" in answered(claude, "session-status")
    assert [] == stand_in.exchanges()


def test_the_icon_is_what_its_module_draws() -> None:
    """The picture can be made anew from the tree."""
    assert icon.pixels(icon.png()) == icon.pixels(icon.PLACE.read_bytes())


def wait_for(look: Callable[[], Found], timeout_s: float) -> Found:
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s"
        time.sleep(0.05)
    return found


def _said(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
