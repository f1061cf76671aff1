"""Watchkeeper in the real client: every promise of the watch, seen from the user's and the API's side."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.realclient.messages import Tool, Turn, Usage, agent, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.support.guards import ROOT

pytestmark = pytest.mark.realclient

RESETS_AT = float(int(time.time()) + 2 * 3600)


@pytest.fixture
def product(claude: Claude) -> Product:
    """Watchkeeper, installed."""
    made = Product(claude)
    made.install()
    return made


def test_the_ledger_agrees_with_the_api_in_a_headless_run(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Every tool call is counted once and the tokens are the API's, sub-agents included, token for token."""
    stand_in.script(
        Turn(
            "Three at once.",
            (bash("echo one"), bash("echo two"), Tool("Read", {"file_path": str(claude.project / "a.txt")})),
        ),
        Turn("A sub-agent.", (agent("Look around"),)),
        Turn("Done."),
    )
    stand_in.script(Turn("Looking.", (bash("echo deep"),)), Turn("Seen."), kind="subagent")
    (claude.project / "a.txt").write_text("alpha\n")

    run = claude.headless("Go")

    assert 0 == run.returncode
    asked_for = sorted(tool_use_id for exchange in stand_in.exchanges() for tool_use_id in exchange.tool_use_ids)
    assert asked_for == product.tool_calls()
    assert stand_in.totals("main", "subagent") == product.used()
    assert "" == product.hook_failures()


def test_the_ledger_agrees_with_the_api_in_a_terminal(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """The same holds for an interactive session over several turns."""
    stand_in.script(
        Turn("First.", (bash("echo one"),)), Turn("Said one."), Turn("Second.", (bash("echo two"),)), Turn("Said two.")
    )

    with claude.terminal() as terminal:
        terminal.submit("One, please")
        terminal.wait_for("Said one.")
        terminal.submit("Two, please")
        terminal.wait_for("Said two.")
        terminal.quit()

    assert 2 == len(product.tool_calls())
    assert stand_in.totals("main") == product.used()
    assert "" == product.hook_failures()


def test_an_alert_is_shown_once_and_not_used_up_headless(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """A headless run does not use an alert up: the person who sits down next sees it, once."""
    claude.use_oauth_token()
    stand_in.report_limits(five_hour_pct=55, five_hour_resets_at=RESETS_AT)
    product.tell_limits(used_pct=55, resets_at=RESETS_AT)
    told_before = product.query("state.db", "SELECT count(*) FROM told WHERE latch = 'user'")
    stand_in.script(Turn("Headless.", (bash("echo one"),)), Turn("Done."))
    claude.headless("Go")
    told_after = product.query("state.db", "SELECT count(*) FROM told WHERE latch = 'user'")
    stand_in.script(Turn("Attended.", (bash("echo two"),)), Turn("Again.", (bash("echo three"),)), Turn("All done."))

    with claude.terminal() as terminal:
        terminal.submit("Go on")
        terminal.wait_for("All done.")
        text = terminal.text

    assert told_before == told_after
    assert 1 == text.count("Watchkeeper: 55% of the five-hour quota is used")


def test_the_model_is_told_at_eighty_percent_and_a_sub_agent_is_not(
    product: Product, claude: Claude, stand_in: StandIn
) -> None:
    """From 80 percent on the next request of the main thread carries the line, once; a sub-agent's carries none."""
    claude.use_oauth_token()
    stand_in.report_limits(five_hour_pct=81.5, five_hour_resets_at=RESETS_AT)
    stand_in.script(
        Turn("Ready."), Turn("Agent.", (agent("Look around"),)), Turn("Main.", (bash("echo main"),)), Turn("Finished.")
    )
    stand_in.script(
        Turn("Looking.", (bash("echo deep"),)), Turn("More.", (bash("echo deeper"),)), Turn("Seen."), kind="subagent"
    )
    line = "of the user's five-hour quota is used"

    with claude.terminal() as terminal:
        terminal.submit("Get ready")
        terminal.wait_for("5h 81% reported")
        terminal.submit("Go on")
        terminal.wait_for("Finished.")
        stand_in.wait_for(3, "subagent")

    assert [0, 0, 1, 1] == [exchange.text.count(line) for exchange in stand_in.exchanges("main")[:4]]
    assert [0] * 3 == [exchange.text.count(line) for exchange in stand_in.exchanges("subagent")]


def test_session_status_costs_no_request_in_a_terminal(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """/session-status shows the reported share and the session's context, and the API sees nothing of it."""
    claude.use_oauth_token()
    stand_in.report_limits(five_hour_pct=41.5, five_hour_resets_at=RESETS_AT)
    stand_in.script(Turn("Hello.", usage=Usage(1_000, 50, 2_000, 40_000)))

    with claude.terminal(columns=100, lines=70) as terminal:
        terminal.submit("Hello")
        terminal.wait_for("5h 41% reported")
        before = len(stand_in.exchanges())
        terminal.submit("/session-status")
        text = terminal.wait_for("Combined health")
        terminal.quit()

    assert before == len(stand_in.exchanges())
    assert "41%" in text
    assert "43,000 tokens" in text
    assert "operation blocked by hook" in text


def test_session_status_costs_no_request_headless(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """In -p the status is printed plainly, with exit code 0 and no request; arguments are data, never a shell's."""
    run = claude.headless("/session-status")
    hostile = claude.headless('/session-status --json "; echo pwned"')

    assert (0, 0) == (run.returncode, hostile.returncode)
    assert "Token quota" in run.result["result"]
    assert "\x1b" not in run.result["result"]
    assert "pwned" not in hostile.result["result"].replace("; echo pwned", "")
    assert [] == stand_in.exchanges()


def test_a_projects_own_command_is_left_alone(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """A command of the same name that is not ours goes to the model as ever."""
    (claude.config / "commands" / "session-status.md").unlink()
    own = claude.project / ".claude" / "commands" / "session-status.md"
    own.parent.mkdir(parents=True)
    own.write_text("---\ndescription: mine\n---\nSay mine.\n")
    stand_in.script(Turn("Mine."))

    run = claude.headless("/session-status")

    assert "Mine." == run.result["result"]
    assert 1 == len(stand_in.exchanges("main"))


def test_install_client_rewrite_uninstall_leaves_only_the_users(claude: Claude) -> None:
    """After the client itself has rewritten its settings, uninstalling takes out ours alone and keeps all else."""
    mine = {
        "model": "sonnet",
        "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true", "timeout": 9}]}]},
        "statusLine": {"type": "command", "command": "echo mine"},
    }
    claude.write_settings(
        {**json.loads(claude.settings_file.read_text() if claude.settings_file.exists() else "{}"), **mine}
    )
    before = json.loads(claude.settings_file.read_text())
    product = Product(claude)
    product.install()
    marketplace = _marketplace(claude.user.home.parent / "market")

    claude.run("plugin", "marketplace", "add", str(marketplace))
    claude.run("plugin", "install", "tiny@tiny-market")
    product.uninstall()

    after = json.loads(claude.settings_file.read_text())
    assert {name: before[name] for name in before} == {name: after[name] for name in before}
    assert {"tiny@tiny-market": True} == after["enabledPlugins"]
    assert "watchkeeper" not in claude.settings_file.read_text()
    assert not (product.state / "app").exists()


def test_a_session_goes_on_without_the_bundle(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """When the bundle is deleted under a live session, prompts, tools, commands and compaction go on."""
    stand_in.script(Turn("Hello."), Turn("Working.", (bash("echo one"),)), Turn("Worked."), Turn("Said by the model."))
    stand_in.script(Turn("A summary."), kind="compaction")

    with claude.terminal() as terminal:
        terminal.submit("Hello")
        terminal.wait_for("Hello.")
        product.state.rename(product.state.with_name("moved-away"))
        terminal.submit("Work")
        terminal.wait_for("Worked.")
        terminal.submit("/session-status")
        terminal.wait_for("Said by the model.")
        terminal.submit("/compact")
        stand_in.wait_for(1, "compaction")
        terminal.wait_for("Compacted")
        terminal.quit()

    assert 4 <= len(stand_in.exchanges("main"))


def test_the_tree_is_a_valid_plugin(claude: Claude) -> None:
    """`claude plugin validate` accepts the checkout itself."""
    run = claude.run("plugin", "validate", ROOT)

    assert 0 == run.returncode, run.stdout + run.stderr


def test_as_a_plugin_it_watches_too(claude: Claude, stand_in: StandIn) -> None:
    """The same tree, loaded as a plugin, counts tool calls and tokens."""
    stand_in.script(Turn("One.", (bash("echo one"),)), Turn("Done."))

    run = claude.headless("Go", "--plugin-dir", ROOT)

    assert 0 == run.returncode
    assert 1 == len(Product(claude).tool_calls())


def _marketplace(folder: Path) -> Path:
    plugin = folder / "tiny" / ".claude-plugin"
    plugin.mkdir(parents=True)
    (plugin / "plugin.json").write_text(json.dumps({"name": "tiny", "version": "1.0.0", "description": "tiny"}))
    (folder / ".claude-plugin").mkdir()
    listed = {"name": "tiny", "source": "./tiny", "description": "tiny"}
    market = {"name": "tiny-market", "owner": {"name": "me"}, "plugins": [listed]}
    (folder / ".claude-plugin" / "marketplace.json").write_text(json.dumps(market))
    return folder
