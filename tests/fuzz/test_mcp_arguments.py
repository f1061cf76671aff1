"""What a model asks over MCP: no argument makes a tool fail but with a sentence that the model can read."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the MCP server's packages are not installed")

from mcp_types import CallToolRequestParams
from pydantic import ValidationError

from tests.fuzz.inputs import json_texts
from tests.fuzz.reader import Reader
from tests.fuzz.test_readers import MANY, fed
from tests.support.clock import SettableClock
from tests.support.environment import User
from watchkeeper.app import Surroundings
from watchkeeper.monitor import mcp_server
from watchkeeper.render.ink import Pen

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
CALLS = (
    {"name": "get_token_usage", "arguments": {"workspace_id": ""}},
    {"name": "check_should_terminate", "arguments": {"workspace_id": "/p"}},
    {
        "name": "request_termination",
        "arguments": {
            "workspace_id": "",
            "reason": "token_limit_approaching",
            "continuation_command": f"claude --resume {SESSION}",
            "priority": "graceful",
        },
    },
    {"name": "get_context_status", "arguments": {"workspace_id": "p"}},
    {"name": "estimate_plan", "arguments": {"path": "plan.md"}},
    {"name": "list_queue", "arguments": {}},
    {"name": "health_check"},
)
# Each call opens the ledger and looks for transcripts.
FEW, SOME = 60, MANY // 10


@pytest.fixture
def reader(home: User, tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Asks the server of a made-up user, who works in an empty folder."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    nowhere = io.StringIO()
    around = Surroundings(home.environ, clock.at, nowhere, nowhere, nowhere, 80, Pen(False), False)
    entry = mcp_server.server(around).get_request_handler("tools/call")
    assert entry is not None

    def ask(data: bytes, _: Path) -> None:
        try:
            told = CallToolRequestParams.model_validate(json.loads(data))
        except (ValidationError, ValueError, RecursionError):
            # What is no call the SDK refuses itself.
            return
        answer: Any = asyncio.run(entry.handler(None, told))  # type: ignore[arg-type]
        text = answer.content[0].text
        assert text
        assert "Traceback" not in text
        # The SDK tells of a bug as of a refusal, but a refusal of ours is a sentence that says what to do.
        assert not answer.is_error or text.endswith(".") or "validation error" in text or "Unknown tool" in text

    return Reader(json_texts(*CALLS), ask, writes=True)


def test_no_argument_breaks_a_tool(
    reader: Reader, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each call is answered, or refused in a sentence."""
    fed(reader, FEW, tmp_path, is_same_every_time=True)
    record_property("fuzzed", FEW)


@pytest.mark.slow
def test_no_argument_of_many_breaks_a_tool(
    reader: Reader, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Nor does one of many that are others in every run."""
    fed(reader, SOME, tmp_path, is_same_every_time=False)
    record_property("fuzzed", SOME)
