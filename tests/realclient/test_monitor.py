"""The monitor and the real client: a session ended in order and gone on with; figures asked for over MCP."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import watchkeeper
from tests.realclient import session as sessions
from tests.realclient.messages import Tool, Turn, Usage
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from watchkeeper.adapters import processes
from watchkeeper.wiring import installation

pytestmark = pytest.mark.realclient

WAIT_S = 30.0
WORD = "walnut-73"
USAGE_TOOL = "mcp__watchkeeper__get_token_usage"
PERMISSIONS = ("--permission-mode", "default", "--allowedTools", f"Bash,{USAGE_TOOL}")
# Of JSON of this kind one token is about this many characters.
CHARACTERS_PER_TOKEN = 3.5


@pytest.fixture
def product(claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """Watchkeeper, installed for somebody whose windows open in tmux, with the monitor running."""
    monkeypatch.setattr(sessions, "_permissions", lambda: PERMISSIONS)
    claude.make_git_repository()
    made = Product(claude)
    made.install(quota__plan="pro")
    claude.environment |= {
        "TMUX_TMPDIR": claude.environment["TMPDIR"],
        "PATH": os.pathsep.join([str(claude.client.parent), claude.environment["PATH"]]),
    }
    claude.user.environ.update(claude.environment)
    yield made
    made.command("monitor", "stop")
    tmux(claude, "kill-server")


def tmux(claude: Claude, *words: str) -> str:
    done = subprocess.run(
        ["tmux", *words], env=claude.environment, cwd=claude.project, capture_output=True, text=True, check=False
    )
    return done.stdout


def screen(claude: Claude) -> str:
    return tmux(claude, "capture-pane", "-p", "-t", "work").strip()


def wait_for(condition: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    deadline = time.monotonic() + WAIT_S
    while not (found := condition()):
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.1)
    return found


def live(claude: Claude) -> list[dict[str, Any]]:
    """What the client says of the sessions that run."""
    found = []
    for path in sorted((claude.config / "sessions").glob("[0-9]*.json")):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            continue
    return found


@pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
def test_ended_saved_and_gone_on_with(
    product: Product, claude: Claude, stand_in: StandIn, is_busy: bool, tmp_path: Path
) -> None:
    """In tmux a session is asked to end, has left a draft, and goes on in a new window with all that was said."""
    work = Tool("Bash", {"command": f"touch {tmp_path}/begun; sleep {300 if is_busy else 0}"})
    stand_in.script(Turn("Working.", (work,)), *([] if is_busy else [Turn("Worked.")]), Turn("Going on."))
    command = [str(claude.client), f"Remember {WORD}, please", *PERMISSIONS]
    tmux(claude, "new-session", "-d", "-s", "work", "-x", "120", "-y", "40", *command)
    wait_for((tmp_path / "begun").exists, lambda: screen(claude))
    if not is_busy:
        wait_for(lambda: "Worked." in screen(claude), lambda: screen(claude))
    (before,) = wait_for(lambda: live(claude), "no session runs")
    assert 0 == product.command("monitor", "start").returncode
    asked_s = time.monotonic()

    asked = product.json(
        "monitor",
        "request-termination",
        "--session",
        before["sessionId"],
        "--reason",
        "token_limit_approaching",
        "--continuation-command",
        f"claude --resume {before['sessionId']} 'Go on, please'",
    )
    wait_for(lambda: before["pid"] not in [each["pid"] for each in live(claude)], "it did not end")
    ended_s = time.monotonic() - asked_s
    stand_in.wait_for(2 if is_busy else 3, "main", timeout_s=WAIT_S)
    went_on_s = time.monotonic() - asked_s

    print(f"ended after {ended_s:.1f} s, asked on after {went_on_s:.1f} s")
    last = stand_in.exchanges("main")[-1]
    assert asked["monitor_running"]
    assert WORD in last.text
    assert "Go on, please" in last.text
    (after,) = wait_for(lambda: live(claude), "nothing goes on")
    assert before["sessionId"] == after["sessionId"]
    assert before["pid"] != after["pid"]
    assert list((claude.config / "session-handoffs").glob("*.md"))
    (result,) = product.state.glob("workspaces/*/termination-result.json")
    assert "done" == json.loads(result.read_text(encoding="utf-8"))["outcome"]
    assert "" == product.hook_failures()


def test_a_process_that_has_taken_up_another_session_lives_on(
    product: Product, claude: Claude, stand_in: StandIn
) -> None:
    """After /clear the process holds another session: whoever asks for the end of the first one ends nothing."""
    stand_in.script(Turn("Worked."))
    tmux(claude, "new-session", "-d", "-s", "work", "-x", "120", "-y", "40", str(claude.client), "Hello", *PERMISSIONS)
    wait_for(lambda: "Worked." in screen(claude), lambda: screen(claude))
    (before,) = wait_for(lambda: live(claude), "no session runs")
    tmux(claude, "send-keys", "-t", "work", "-l", "/clear")
    tmux(claude, "send-keys", "-t", "work", "Enter")
    wait_for(lambda: [each["sessionId"] for each in live(claude)] != [before["sessionId"]], lambda: screen(claude))
    product.command("monitor", "start")

    request = ("--session", before["sessionId"], "--reason", "r", "--priority", "immediate")
    assert 0 == product.command("monitor", "request-termination", *request).returncode
    wait_for(lambda: list(product.state.glob("workspaces/*/termination-result.json")), "it was not looked at")

    (result,) = product.state.glob("workspaces/*/termination-result.json")
    assert "done" == json.loads(result.read_text(encoding="utf-8"))["outcome"]
    (after,) = live(claude)
    assert before["pid"] == after["pid"]
    assert processes.identify(before["pid"]) is not None


def test_a_process_that_only_claims_to_be_it_lives_on(product: Product, claude: Claude) -> None:
    """A file of the client's that names a process of another kind ends nothing."""
    with subprocess.Popen(["sleep", "600"], cwd=claude.project, env=claude.environment) as other:
        told = {"pid": other.pid, "sessionId": "a-session", "cwd": str(claude.project), "kind": "interactive"}
        folder = claude.config / "sessions"
        folder.mkdir(exist_ok=True)
        (folder / f"{other.pid}.json").write_text(json.dumps({**told, "startedAt": time.time() * 1000}), "utf-8")
        product.command("monitor", "start")
        transcript = claude.config / "projects" / "-x" / "a-session.jsonl"
        transcript.parent.mkdir(parents=True, exist_ok=True)
        record = {"type": "user", "sessionId": "a-session", "cwd": str(claude.project), "uuid": "u1"}
        transcript.write_text(json.dumps({**record, "timestamp": "2026-11-20T11:59:00.000Z"}) + "\n", "utf-8")
        request = ("--session", "a-session", "--reason", "r", "--priority", "immediate")
        assert 0 == product.command("monitor", "request-termination", *request).returncode
        wait_for(lambda: list(product.state.glob("workspaces/*/termination-result.json")), "it was not looked at")

        (result,) = product.state.glob("workspaces/*/termination-result.json")
        settled = json.loads(result.read_text(encoding="utf-8"))
        assert "refused" == settled["outcome"]
        assert "is not Claude Code" in settled["detail"]
        assert other.poll() is None
        other.kill()


def test_figures_over_mcp(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """A model that calls the tool gets what the ledger says; what the tools cost is known."""
    # Else the model is told the tools' names alone until it looks for one: what they cost then is less.
    claude.environment["ENABLE_TOOL_SEARCH"] = "false"
    claude.use_oauth_token()
    claude.user.environ.pop("ANTHROPIC_API_KEY")
    claude.user.environ.update(claude.environment)
    stand_in.script(Turn("Plain."))
    claude.headless("Say something, please")
    plain = tools_of(stand_in)
    path = os.pathsep.join([str(claude.client.parent), product.effects.environ["PATH"]])
    effects = product.effects._replace(environ={**product.effects.environ, "PATH": path})
    installation.install(str(claude.config), watchkeeper.__version__, effects, mcp=True)
    stand_in.script(Turn("Looking.", (Tool(USAGE_TOOL, {}),), Usage(1_000, 50, 2_000, 20_000)), Turn("Looked."))

    product.tell_limits(42.5, time.time() + 3600)
    run = claude.headless("How many tokens are used, please?")

    result = next(
        block
        for message in run.messages
        if message.get("type") == "user"
        for block in message["message"]["content"]
        if block.get("type") == "tool_result"
    )
    content = result["content"]
    told = json.loads(content if isinstance(content, str) else content[0]["text"])
    checked = json.loads(product.command("monitor", "check-tokens", "--json").stdout)
    added = [tool for tool in tools_of(stand_in) if tool["name"] not in {each["name"] for each in plain}]
    ours = [tool["name"] for tool in added if tool["name"].startswith("mcp__watchkeeper__")]
    cost_tokens = cost_of(added, [tool["name"] for tool in added])
    print(f"{len(added)} tools, about {cost_tokens:.0f} tokens, ours {cost_of(added, ours):.0f}, told {told}")
    assert not result.get("is_error")
    assert (42.5, "reported", "quota") == (told["usage_pct"], told["source"], told["measure"])
    assert all(checked[name] == told[name] for name in ("usage_pct", "source", "measure", "state"))
    assert 8 == len(ours)
    # Whatever the client itself adds for the first server there is counts too.
    assert cost_tokens < 1_000
    assert cost_of(added, ours) < 800
    installation.install(str(claude.config), watchkeeper.__version__, effects, mcp=False)
    assert "watchkeeper" not in claude.run("mcp", "list").stdout


def cost_of(tools: list[dict[str, Any]], names: list[str]) -> float:
    """About how many tokens these of the tools take in a request."""
    return sum(len(json.dumps(tool)) for tool in tools if tool["name"] in names) / CHARACTERS_PER_TOKEN


def tools_of(stand_in: StandIn) -> list[dict[str, Any]]:
    """The tools of the newest request of the main conversation."""
    return list(stand_in.exchanges("main")[-1].body.get("tools", []))
