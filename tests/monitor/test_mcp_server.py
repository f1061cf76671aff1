"""The MCP server, asked by the SDK's own client."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the MCP server's packages are not installed")

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

import watchkeeper
from tests.commands.scene import SESSION, Scene, danger
from tests.support.environment import User

MAIN = Path(watchkeeper.__file__).with_name("__main__.py")
TOOLS = [
    "get_token_usage",
    "check_should_terminate",
    "request_termination",
    "get_monitor_status",
    "health_check",
    "get_context_status",
    "estimate_plan",
    "list_queue",
]
PLAN = "# Sign-in\n\n## Phase 1: Tokens\n\n- [ ] Write the refresh of tokens\n- [ ] Test it\n"

Ask = Callable[..., dict[str, Any]]


def connected(user: User, folder: Path, use: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    """What `use` returns, with a client whose server works in `folder`."""
    server = StdioServerParameters(
        command=sys.executable, args=["-I", "-X", "utf8", str(MAIN), "mcp"], env=dict(user.environ), cwd=folder
    )

    async def run() -> Any:
        async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            return await use(session)

    return asyncio.run(run())


@pytest.fixture
def project(real_processes: User, tmp_path: Path, real_clock: None) -> Path:
    """A project's folder with a plan, and a session there that is in danger, now."""
    import time

    folder = tmp_path / "my-app"
    (folder / ".git").mkdir(parents=True)
    (folder / "plan.md").write_text(PLAN, encoding="utf-8")
    scene = Scene(real_processes)
    scene.now, scene.project = time.time(), str(folder)
    danger(scene)
    return folder


@pytest.fixture
def ask(real_processes: User, project: Path) -> Ask:
    """Calls a tool and returns what it answered, or its error as `{"error": …}`."""

    def asked(tool: str, **arguments: object) -> dict[str, Any]:
        result = connected(real_processes, project, lambda session: session.call_tool(tool, arguments))
        if result.is_error:
            return {"error": result.content[0].text}
        assert json.loads(result.content[0].text) == result.structured_content
        return dict(result.structured_content)

    return asked


def test_tools_are_listed(real_processes: User, project: Path) -> None:
    """Each has a description, and typed results."""
    listed = connected(real_processes, project, lambda session: session.list_tools())

    assert TOOLS == [tool.name for tool in listed.tools]
    assert all(tool.description and tool.output_schema for tool in listed.tools)
    # A rough bound: what they cost is measured in the real client.
    characters = sum(len(json.dumps([tool.name, tool.description, tool.input_schema])) for tool in listed.tools)
    assert characters < 2_600


def test_token_usage_is_the_ledgers(ask: Ask, project: Path) -> None:
    """The newest session of the folder, or of the one named."""
    here = ask("get_token_usage")

    assert (81.5, "reported", "quota", "warning") == (
        here["usage_pct"],
        here["source"],
        here["measure"],
        here["state"],
    )
    assert here["estimated_tokens"] > 0
    assert here["usage_pct"] == ask("get_token_usage", workspace_id=str(project))["usage_pct"]


def test_whether_to_end(ask: Ask) -> None:
    """Not below the critical threshold, with the reason."""
    told = ask("check_should_terminate")

    assert (False, "within safe limits: 81% of the quota is used") == (told["should_terminate"], told["reason"])


def test_a_request_is_filed(ask: Ask, real_processes: User) -> None:
    """For the session of the workspace, with the four parameters that were asked for."""
    told = ask(
        "request_termination",
        workspace_id="",
        reason="token_limit_approaching",
        continuation_command="claude --continue",
        priority="graceful",
    )

    assert (True, SESSION, False) == (told["filed"], told["session"], told["monitor_running"])
    (file,) = real_processes.config.glob("watchkeeper/workspaces/*/termination-request")
    assert ["claude", "--continue"] == json.loads(file.read_text(encoding="utf-8"))["continuation_command"]


def test_the_others_answer(ask: Ask) -> None:
    """Daemon, health, context, estimate and queue."""
    assert not ask("get_monitor_status")["running"]
    assert ("ok", 1) == (ask("health_check")["status"], ask("health_check")["sessions"])
    assert 112_000 == ask("get_context_status")["used_tokens"]
    estimate = ask("estimate_plan", path="plan.md")
    assert estimate["low_tokens"] < estimate["mid_tokens"] < estimate["high_tokens"]
    assert {"sessions": []} == ask("list_queue")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get_token_usage", {"workspace_id": "nowhere"}, "no folder and no workspace"),
        ("request_termination", {"continuation_command": "claude '"}, "close its quotes"),
        ("request_termination", {"priority": "now"}, "graceful"),
        ("estimate_plan", {"path": "missing.md"}, "missing.md"),
    ],
)
def test_errors_can_be_read(ask: Ask, tool: str, arguments: dict[str, str], said: str) -> None:
    """What went wrong is a sentence for the model, not a trace."""
    told = ask(tool, **arguments)["error"]

    assert said in told
    assert "Traceback" not in told
