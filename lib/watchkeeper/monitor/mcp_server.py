"""The MCP server: what a model may ask of Watchkeeper, each tool with a short description, since each costs context."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server
from mcp_types import CallToolRequestParams, CallToolResult, InputRequiredResult, ListToolsResult, TextContent
from pydantic import BaseModel, Field

from watchkeeper import __version__
from watchkeeper.app import App, Surroundings
from watchkeeper.catchup import catch_up
from watchkeeper.core import words
from watchkeeper.errors import UserError

from . import asking, control, monitor_config, termination, workspace
from .tracker import CRITICAL, UNKNOWN, newest_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

Workspace = Annotated[str, Field(description="Project folder; empty: this one")]


class TokenUsage(BaseModel):
    """How near a session is to its end."""

    estimated_tokens: int | None
    usage_pct: float | None
    source: str
    measure: str | None
    state: str
    age_s: float | None


class Termination(BaseModel):
    """Whether a session should end."""

    should_terminate: bool
    reason: str


class Filed(BaseModel):
    """A request that was filed."""

    filed: bool
    session: str
    monitor_running: bool


class MonitorStatus(BaseModel):
    """The daemon."""

    running: bool
    pid: int | None
    auto_terminate: bool
    requests: list[str]


class Health(BaseModel):
    """Whether the server works."""

    status: str
    version: str
    sessions: int


class ContextStatus(BaseModel):
    """The context window of a session."""

    used_tokens: int | None
    limit_tokens: int | None
    used_pct: float | None
    level: str
    source: str
    advice: str | None


class PlanEstimate(BaseModel):
    """What a plan is estimated to take."""

    low_tokens: int
    mid_tokens: int
    high_tokens: int
    coverage: float | None
    fits_quota: bool | None
    phases: list[dict[str, Any]]


class Queue(BaseModel):
    """Planned sessions."""

    sessions: list[dict[str, Any]]


def server(surroundings: Surroundings, config_dir: str | None = None) -> Server[Any]:
    """Return the server of a configuration directory; each call reads anew.

    It has tools alone: for one that also offers to list resources the client tells the model of three tools more.
    """
    tools = _tools(surroundings, config_dir)

    async def on_list_tools(*_: object) -> ListToolsResult:
        return ListToolsResult(tools=await tools.list_tools())

    async def on_call_tool(_: object, call: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
        try:
            return await tools.call_tool(call.name, call.arguments or {})
        except ToolError as error:
            return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)

    return Server("watchkeeper", version=__version__, on_list_tools=on_list_tools, on_call_tool=on_call_tool)


def _tools(surroundings: Surroundings, config_dir: str | None) -> MCPServer[Any]:

    @contextmanager
    def opened() -> Iterator[App]:
        from watchkeeper.core import clock

        app = App(surroundings._replace(now=clock.now(), is_hurried=True), config_dir)
        try:
            yield app
        finally:
            app.ledger.close()

    made: MCPServer[Any] = MCPServer("watchkeeper", version=__version__, log_level="ERROR")
    tools = _Tools(opened)
    for tool, description in (
        (tools.get_token_usage, "Tokens used in a project's newest session: the worse of quota and context."),
        (tools.check_should_terminate, "Whether that session is near its end."),
        (tools.request_termination, "Ask to save and end it, then continue."),
        (tools.get_monitor_status, "The monitor daemon."),
        (tools.health_check, "Whether this server works."),
        (tools.get_context_status, "How full the context window is."),
        (tools.estimate_plan, "Tokens a Markdown plan will take."),
        (tools.list_queue, "Planned sessions."),
    ):
        made.add_tool(tool, description=description)
    return made


class _Tools:
    """The tools; a sentence for the user becomes an error that the model can read."""

    def __init__(self, opened: Callable[[], AbstractContextManager[App]]) -> None:
        self._opened = opened

    def get_token_usage(self, workspace_id: Workspace = "") -> TokenUsage:
        view = self._with(lambda app: self._usage(app, workspace_id))
        age_s = view[view["measure"]]["age_s"] if view["measure"] else None
        return TokenUsage(**{name: view[name] for name in TokenUsage.model_fields if name != "age_s"}, age_s=age_s)

    def check_should_terminate(self, workspace_id: Workspace = "") -> Termination:
        view = self._with(lambda app: self._usage(app, workspace_id))
        pct, measure = view["usage_pct"], view["measure"]
        share = "" if pct is None else f"{words.share(pct)} of the {measure} is used"
        reason = {CRITICAL: share, UNKNOWN: "cannot be told"}.get(view["state"], f"within safe limits: {share}")
        return Termination(should_terminate=view["should_terminate"], reason=reason)

    def request_termination(
        self,
        workspace_id: Workspace = "",
        reason: str = "token_limit_approaching",
        continuation_command: str = "",
        priority: Literal["graceful", "immediate"] = "graceful",
    ) -> Filed:
        def file(app: App) -> dict[str, Any]:
            catch_up(app)
            termination.check_of_a_model(termination.split(continuation_command))
            return asking.request(app, reason, continuation_command, priority, None, workspace_id)

        view = self._with(file)
        return Filed(**{name: view[name] for name in Filed.model_fields})

    def get_monitor_status(self) -> MonitorStatus:
        view = self._with(control.status_view)
        return MonitorStatus(**{name: view[name] for name in MonitorStatus.model_fields})

    def health_check(self) -> Health:
        def count(app: App) -> int:
            return int(app.ledger.usage.execute("SELECT count(*) FROM sessions").fetchone()[0])

        return Health(status="ok", version=__version__, sessions=self._with(count))

    def get_context_status(self, workspace_id: Workspace = "") -> ContextStatus:
        view = self._with(lambda app: self._usage(app, workspace_id))["context"]
        return ContextStatus(**{name: view[name] for name in ContextStatus.model_fields})

    def estimate_plan(self, path: str) -> PlanEstimate:
        from watchkeeper.estimates import plan_estimate

        view = self._with(lambda app: plan_estimate.estimate(app, plan_estimate.Wish(path)))
        total = view["total"]
        return PlanEstimate(
            low_tokens=total["low_tokens"],
            mid_tokens=total["mid_tokens"],
            high_tokens=total["high_tokens"],
            coverage=total["coverage"],
            fits_quota=view["fits_quota"],
            phases=[{name: phase[name] for name in ("name", "type", "mid_tokens")} for phase in view["phases"]],
        )

    def list_queue(self) -> Queue:
        from watchkeeper.planner import view

        names = ("id", "name", "state", "priority", "estimated_tokens", "at", "project", "waits_for")
        found = self._with(lambda app: view.list_view(app, everything=False))
        return Queue(sessions=[{name: each[name] for name in names} for each in found["sessions"]])

    def _usage(self, app: App, workspace_id: str) -> dict[str, Any]:
        catch_up(app)
        base = monitor_config.base_of(monitor_config.config_of(app.settings), app.paths)
        project = workspace.find(app, base, workspace_id).project
        calling = "" if workspace_id else app.environ.get("CLAUDE_CODE_SESSION_ID", "")
        return asking.usage_view(app, calling or newest_session(app, project), project)

    def _with(self, ask: Callable[[App], Any]) -> Any:
        try:
            with self._opened() as app:
                return ask(app)
        except (UserError, OSError, sqlite3.Error) as error:
            raise ToolError(str(error)) from error


def serve(surroundings: Surroundings, config_dir: str | None = None) -> None:
    """Answer on standard input and output until the client goes."""
    # What a command would print besides its answer must not get among the messages.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        asyncio.run(_serve(server(surroundings._replace(stdout=nowhere, stderr=nowhere), config_dir)))


async def _serve(made: Server[Any]) -> None:
    async with stdio_server() as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())
