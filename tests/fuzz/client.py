"""Readers of what Claude Code writes: payloads, its status line's JSON, transcripts, streams, state and settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.context.transcript import Call, Transcript, numbered
from tests.fuzz.inputs import documents, json_lines, json_texts, noise
from tests.fuzz.reader import Reader
from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import SESSION, Hooks
from watchkeeper.adapters.processes import Identity
from watchkeeper.automation import client_state, headless, live_sessions, preflight
from watchkeeper.context import brief, composition, items, measure, opportunities, task_list
from watchkeeper.core import account, autocompact, entry, limit_message, payload, records, status_line
from watchkeeper.core import paths as places
from watchkeeper.core.paths import Paths
from watchkeeper.transcripts import chain, plain, record_lines
from watchkeeper.wiring import client, json_text, mcp_entry, settings_text, status_line_entry

EVENTS = ("PostToolUse", "PostToolUseFailure", "Stop", "StopFailure", "PreCompact", "SessionStart", "SessionEnd")

COMMON = {"session_id": SESSION, "transcript_path": "/p/x.jsonl", "cwd": "/p", "prompt_id": "p-1", "agent_id": "a1"}
TOOL = {
    **COMMON,
    "hook_event_name": "PostToolUse",
    "tool_name": "Read",
    "tool_use_id": "toolu_1",
    "tool_input": {"file_path": "/p/a.py", "limit": 10},
    "tool_response": {"type": "text", "file": {"content": "x", "numLines": 3, "startLine": 1, "totalLines": 9}},
    "duration_ms": 7,
}
FAILED = {**COMMON, "error": "usage_limit_reached", "error_message": "You've hit your limit · resets 6:40pm (UTC)"}
START = {**COMMON, "source": "resume", "model": "claude-sonnet-5-5", "trigger": "auto", "reason": "prompt_input_exit"}
STATUS = {
    "session_id": SESSION,
    "cwd": "/p",
    "model": {"id": "claude-sonnet-5-5", "display_name": "Sonnet 5.5"},
    "workspace": {"project_dir": "/p", "current_dir": "/p/a"},
    "context_window": {
        "context_window_size": 200_000,
        "used_percentage": 21.0,
        "total_input_tokens": 42_000,
        "current_usage": {"input_tokens": 2, "cache_read_input_tokens": 40_000, "cache_creation_input_tokens": 9},
    },
    "rate_limits": {
        "five_hour": {"used_percentage": 41.5, "resets_at": NOON + 3_600},
        "seven_day": {"used_percentage": 12.0, "resets_at": NOON + 90_000},
    },
    "cost": {"total_cost_usd": 1.5, "total_duration_ms": 5_000, "total_api_duration_ms": 900},
}
STREAM = [
    {"type": "system", "subtype": "init", "session_id": SESSION},
    {
        "type": "rate_limit_event",
        "rate_limit_info": {
            "unifiedWindows": {
                "five_hour": {"utilization": 0.4, "resetsAt": NOON + 600},
                "seven_day": {"utilization": 1},
            },
            "isUsingOverage": True,
        },
    },
    {
        "type": "result",
        "subtype": "success",
        "is_error": False,
        "result": "Done.",
        "session_id": SESSION,
        "num_turns": 3,
        "total_cost_usd": 0.25,
        "modelUsage": {"m": {"inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 3}},
        "permission_denials": [{"tool_name": "Bash"}],
        "api_error": None,
    },
]
LIVE = {
    "pid": 4321,
    "sessionId": SESSION,
    "cwd": "/p",
    "startedAt": NOON * 1000,
    "status": "busy",
    "kind": "interactive",
}
ACCOUNT = {
    "oauthAccount": {"accountUuid": "0f0e", "emailAddress": "a@b.c"},
    "projects": {"/p": {"hasTrustDialogAccepted": True}},
    "bypassPermissionsModeAccepted": True,
    "mcpServers": {"watchkeeper": {"type": "stdio", "command": "/x", "args": ["mcp"]}},
}
SETTINGS = {
    "permissions": {"defaultMode": "plan", "allow": ["Bash(ls)"]},
    "env": {
        "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "80",
        "DISABLE_COMPACT": "0",
        "CLAUDE_CODE_AUTO_COMPACT_WINDOW": "150000",
    },
    "autoCompactEnabled": True,
    "modelSettings": {"claude-sonnet-5-5": {"autoCompactWindow": 150_000}},
    "autoCompactWindow": 300_000,
    "skipDangerousModePermissionPrompt": True,
    "hooks": {
        "Stop": [{"hooks": [{"type": "command", "command": "echo", "timeout": 5}]}],
        "PostToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "echo", "args": ["a"]}]}],
    },
    "statusLine": {"type": "command", "command": "~/.claude/line.sh", "padding": 0},
}
FOLDERS = ("/c/watchkeeper",)
OUR_LINE = status_line_entry.command("/usr/bin/python3", "/c/watchkeeper/app/hooks")
GROUP = {"hooks": [{"type": "command", "command": "/c/watchkeeper/app/hooks/stop.py"}]}
LOGIN = {"loggedIn": True, "authMethod": "claude.ai", "loginExpiresAt": NOON * 1000, "email": "a@b.c"}
TASK: dict[str, Any] = {"id": "1", "subject": "Write it", "status": "in_progress", "blocks": [], "owner": None}
LIMITS = tuple(
    text.encode()
    for text in (
        "You've hit your session limit · resets 6:40pm (Europe/Berlin)",
        "You've hit your weekly limit · resets Nov 24 at 9am (UTC)",
        "Claude AI usage limit reached|1795200000",
        "5-hour limit reached ∙ resets 3pm",
    )
)


def transcript() -> list[Any]:
    """The records of a session with everything in it that is read: calls, results, a list of tasks, a compaction."""
    made = Transcript(SESSION, "/p")
    made.prompt("Add sign-in. We decided to use tokens, not sessions.")
    made.read(18_000, "/p/a.py", numbered(3))
    made.bash(20_000, "pytest -q", "1 failed, 3 passed\nFAILED tests/test_a.py::test_b", is_error=True)
    (call,) = made.respond(30_000, Call("TodoWrite", {"todos": [{"content": "Guard", "status": "pending"}]}))
    made.result(call, "ok", response={"newTodos": []})
    made.attachment("file", "some text")
    made.compact(60_000, "In short.", preserved=made.links[-2:])
    made.respond(52_000, {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}, "Done.")
    sidechain = {"isSidechain": True, "agentId": "a1"}
    made.respond(9_000, "Found it.", usage={"iterations": [{"input_tokens": 1}]}, **sidechain)
    made.line({"type": "cost-state", "sessionId": SESSION, "state": {"totalCostUSD": 1.5}})
    made.line({"type": "progress", "data": {"message": {"message": made.records[1].get("message")}}})
    return made.records


RECORDS = transcript()


def _paths(folder: Path) -> Paths:
    return places.paths_in(str(folder / ".claude"), {})


def _payload(data: bytes, _: Path) -> None:
    event = payload.parse(data, "PostToolUse")
    if event is not None:
        assert event.session_id == payload.identifier(event.session_id) != ""
        for field in event.fields:
            event.text(field).encode("utf-8")
        event.transcript_path.encode("utf-8")


def _hook(data: bytes, folder: Path) -> None:
    event = EVENTS[len(data) % len(EVENTS)]
    watch = _hooks(folder).watch(NOON)
    with watch.ledger:
        output, _ = entry.run(event, data, watch)
    if output:
        output.encode("utf-8")
        assert isinstance(json.loads(output), dict)


def _status_line(data: bytes, folder: Path) -> None:
    watch = _hooks(folder).watch(NOON)
    with watch.ledger:
        line = status_line.run(data, watch)
    line.encode("utf-8")
    assert "\n" not in line
    assert "\0" not in line


def _hooks(folder: Path) -> Hooks:
    config = folder / ".claude"
    return Hooks(User(folder, config, {"HOME": str(folder), "CLAUDE_CONFIG_DIR": str(config)}))


def _transcript(data: bytes, folder: Path) -> None:
    path = str(folder / "t.jsonl")
    facts, unreadable = records.read_lines(data.split(b"\n"), SESSION, in_agent_file=False)
    assert unreadable >= 0
    for fact in facts:
        if isinstance(fact, records.Response):
            assert min(fact[6:10]) >= 0
            assert fact.at >= 0.0
    for placed in record_lines.read(path):
        if placed.record is not None:
            # Each is found again where it stands; compared as texts, since what is no number equals nothing.
            again = record_lines.read_at(path, [(placed.offset, placed.length)])
            assert [repr(placed.record)] == [repr(record) for record in again]
    graph = chain.read_graph(path)
    graph.history(graph.chain())


def _conversation(data: bytes, folder: Path) -> None:
    found = [placed.record for placed in record_lines.read(str(folder / "t.jsonl")) if placed.record is not None]
    reading = items.take_apart(found)
    measured = measure.measure(reading)
    composition.compose(reading, measured, opportunities.spare_items(reading))
    opportunities.candidates(reading, measured)
    brief.brief(found)


def _plain(data: bytes, _: Path) -> None:
    """The short way to a response finds what the long one does."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return
    row = plain.plain_row(record, in_agent_file=False)
    if row is not None:
        fact = records.fact_of(record, SESSION, in_agent_file=False)
        assert isinstance(fact, records.Response)
        assert row == tuple(fact[:10])


def _limit(text: str, _: Path) -> None:
    found = limit_message.parse(text, NOON)
    assert found is None or NOON < found[1] < NOON + 9 * 86_400


def _stream(data: bytes, _: Path) -> None:
    follower = headless.Follower("", lambda: NOON)
    for line in data.decode("utf-8", "replace").split("\n"):
        follower.line(line)
    if follower.ended is not None:
        assert min(follower.ended.tokens.values()) >= 0


def _live(_: bytes, folder: Path) -> None:
    paths = _paths(folder)
    found = live_sessions.live_sessions(paths, lambda pid: Identity(pid, NOON, "/usr/bin/claude"))
    assert found is not None
    assert len(found) <= 1
    live_sessions.claiming_processes(paths, SESSION)


def _account(_: bytes, folder: Path) -> None:
    paths = _paths(folder)._replace(account=str(folder / ".claude.json"))
    account.account_key(paths, {})
    client_state.is_trusted(paths, "/p/a")
    client_state.warns_of_bypass(paths)
    mcp_entry.is_ours(mcp_entry.registered(paths.account), '{"type": "stdio"}')


def _client_settings(_: bytes, folder: Path) -> None:
    paths = _paths(folder)
    control = autocompact.read(paths, {})
    for model, window_tokens in (("claude-sonnet-5-5", 200_000), ("x", 1_000_000)):
        tokens = autocompact.threshold_tokens(control, model, window_tokens)
        assert tokens is None or 0 < tokens < window_tokens
    client_state.default_mode(paths, str(folder))
    client_state.warns_of_bypass(paths)


def _merging(data: bytes, _: Path) -> None:
    """Our entries go in and come out again, and not a byte of the user's is another one."""
    text = data.decode("utf-8", "replace")
    found = json_text.parsed(text)
    if settings_text.problem(found) or settings_text.count_ours(found, FOLDERS):
        return
    wanted = settings_text.Wanted({"Stop": GROUP, "PreCompact": GROUP}, OUR_LINE, FOLDERS, 80.0)
    wired, undo = settings_text.wired(text, wanted)
    assert text == settings_text.unwired(wired, undo, FOLDERS)


def _login(data: bytes, _: Path) -> None:
    login = preflight.login_of(data.decode("utf-8", "replace"))
    assert login.expires_at is None or login.expires_at == login.expires_at


def _tasks(_: bytes, folder: Path) -> None:
    for task in task_list.stored_tasks(str(folder), SESSION):
        assert task.subject.isprintable()


READERS = {
    "payload": Reader(json_texts(TOOL, FAILED, START), _payload),
    "hook": Reader(json_texts(TOOL, FAILED, START), _hook, writes=True),
    "status line": Reader(json_texts(STATUS), _status_line, writes=True),
    "transcript": Reader(json_lines(RECORDS) | noise, _transcript, file="t.jsonl"),
    "conversation": Reader(json_lines(RECORDS), _conversation, file="t.jsonl"),
    "response": Reader(json_texts(*(each for each in RECORDS if each.get("type") == "assistant")), _plain),
    "limit message": Reader(documents(*LIMITS), _limit, is_text=True),
    "stream of a run": Reader(json_lines(STREAM), _stream),
    "file of a running session": Reader(json_texts(LIVE), _live, file=".claude/sessions/4321.json"),
    "client's state": Reader(json_texts(ACCOUNT), _account, file=".claude.json"),
    "client's settings": Reader(json_texts(SETTINGS), _client_settings, file=".claude/settings.json"),
    "settings to merge into": Reader(json_texts(SETTINGS, {}), _merging, (json_text.NotPlainJson,)),
    "client's tasks": Reader(json_texts(TASK), _tasks, file=f"tasks/{SESSION}/1.json"),
    "answer about the login": Reader(json_texts(LOGIN), _login),
    "client's version": Reader(
        documents(b"2.1.329 (Claude Code)\n"), lambda text, _: client.parsed(text), is_text=True
    ),
}
