"""The plugin as a stranger gets it: checked by the client, installed from a marketplace, every command used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.realclient.messages import Turn, bash
from tests.realclient.plugin import CALLED, COMMANDS, Plugin
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.realclient.terminal import Terminal
from tests.support import icon

pytestmark = pytest.mark.realclient

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


def test_the_directory_accepts_it(claude: Claude, market: Path) -> None:
    """The client's strictest check passes with nothing to warn of."""
    run = claude.run("plugin", "validate", str(market), "--strict", "--profile", "directory")

    assert 0 == run.returncode, run.stdout + run.stderr
    assert "⚠" not in run.stdout
    assert "Validation passed" in run.stdout


def test_every_part_is_found(plugin: Plugin, claude: Claude) -> None:
    """The client finds every command and hook of it, enabled, and reckons that no session pays for them."""
    details = claude.run("plugin", "details", "watchkeeper").stdout
    started = next(entry for entry in claude.headless("Hello").messages if entry.get("subtype") == "init")
    offered = [name for name in started["slash_commands"] if name.startswith("watchkeeper:")]

    assert [f"watchkeeper:{name}" for name in COMMANDS] == sorted(offered)
    assert re.search(r"Always-on: +~0 tok ", details), details
    assert re.search(r"Hooks \(8\).*no model context cost", details)
    assert "enabled" in claude.run("plugin", "list").stdout


def test_commands_are_answered_without_a_model(plugin_with_packages: Plugin, stand_in: StandIn) -> None:
    """What needs no model is answered by the plugin's hook, without a request."""
    found = {command: plugin_with_packages.answer(command) for command in ANSWERED}

    assert {} == {command: found[command] for command, word in ANSWERED.items() if word not in found[command]}
    assert [] == stand_in.exchanges()
    assert "" == Product(plugin_with_packages.claude).hook_failures()


def test_commands_run_where_claude_takes_part(plugin_with_packages: Plugin, stand_in: StandIn) -> None:
    """What Claude takes part in runs with the leave that its file brings, in the plugin's own environment."""
    for name, word in CALLED.items():
        command = plugin_with_packages.call(name)
        stand_in.script(Turn("", (bash(command),)), Turn("Done."))

        run = plugin_with_packages.claude.headless(f"/watchkeeper:{name}")

        assert [] == run.result["permission_denials"]
        asked, answer = stand_in.exchanges("main")[-2:]
        printed = answer.text.rpartition(command)[2]
        assert command.partition(" <<")[0] in asked.text
        assert word in printed, printed


def test_no_request_carries_the_plugin(plugin_with_packages: Plugin, claude: Claude, stand_in: StandIn) -> None:
    """Installed, it adds nothing to what is sent with every request: no name and no description of a command."""
    stand_in.script(Turn("Hello.", (bash("true"),)), Turn("Done."))

    claude.headless("Go", "--allowedTools", "Bash")

    sent = "\n".join(str(exchange.body) for exchange in stand_in.exchanges())
    assert "Go" in sent
    assert "watchkeeper" not in sent.lower().replace(str(claude.user.home.parent).lower(), "")
    assert [] == [name for name in COMMANDS if name in sent]
    assert 1 == len(Product(claude).tool_calls())


def test_the_menu_describes_each_command(plugin: Plugin, claude: Claude) -> None:
    """Who types a slash and our name sees each command with what it is for."""
    with claude.terminal(lines=60) as terminal:
        terminal.wait_ready()
        for name in COMMANDS:
            text = (plugin.market / "commands" / f"{name}.md").read_text(encoding="utf-8")
            described = re.search(r"^description: (.{30})", text, re.MULTILINE)
            assert described is not None
            terminal.press(f"/watchkeeper:{name}")
            terminal.wait_for(re.compile(rf"/watchkeeper:{name} +\(Watchkeeper\) {re.escape(described[1])}"))
            terminal.press("ctrl-u")
            terminal.wait_until(lambda _: not terminal.prompt, "the prompt was empty")


def test_every_command_is_typed(plugin_with_packages: Plugin, claude: Claude, stand_in: StandIn) -> None:
    """Typed in one session after the other, each of them shows what it is for, without a question of the client's."""
    shown = {command: word for command, word in ANSWERED.items() if "--draft" not in command}
    # A session in a terminal has a transcript from its beginning.
    shown["compact-context"] = "Three ways"
    assert sorted(COMMANDS) == sorted([command.partition(" ")[0] for command in shown] + list(CALLED))

    with claude.terminal() as terminal:
        terminal.wait_ready()
        for command, word in shown.items():
            terminal.submit(f"/watchkeeper:{command}")
            terminal.wait_for(re.compile(rf"operation blocked by hook:\s.*{word}", re.DOTALL))
            _clear(terminal)
        assert [] == stand_in.exchanges()
        for name in CALLED:
            stand_in.script(Turn("", (bash(plugin_with_packages.call(name)),)), Turn(f"That was {name}."))
            terminal.submit(f"/watchkeeper:{name}")
            terminal.wait_for(f"That was {name}.")
            assert CALLED[name] in stand_in.exchanges("main")[-1].text.rpartition("WATCHKEEPER_END")[2]
            _clear(terminal)
        terminal.quit()

    assert "" == Product(claude).hook_failures()


def test_the_icon_is_what_its_module_draws() -> None:
    """The picture can be made anew from the tree."""
    assert icon.pixels(icon.png()) == icon.pixels(icon.PLACE.read_bytes())


def _clear(terminal: Terminal) -> None:
    terminal.submit("/clear")
    terminal.wait_until(lambda text: "/watchkeeper:" not in text, "the screen was cleared")
