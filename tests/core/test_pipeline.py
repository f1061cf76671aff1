"""Tests of core/pipeline.py: what hooks record, and which jobs they start."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, SESSION, Hooks, report, response
from watchkeeper.config import compiled
from watchkeeper.core import entry, follow, usage
from watchkeeper.core import settings as settings_of


def assistant(message_id: str, tokens: int, tool_use_ids: tuple[str, ...] = (), **changes: Any) -> str:
    """A transcript line of a response."""
    content = [{"type": "tool_use", "id": tool_use_id, "name": "Bash"} for tool_use_id in tool_use_ids]
    record = {
        "type": "assistant",
        "sessionId": SESSION,
        "timestamp": "2026-11-20T11:59:00.000Z",
        "message": {"id": message_id, "model": "m", "content": content, "usage": {"output_tokens": tokens}},
    }
    return json.dumps({**record, **changes}) + "\n"


def rows(hooks: Hooks, statement: str) -> list[Any]:
    with hooks.ledger() as ledger:
        return ledger.usage.execute(statement).fetchall()


def test_a_tool_call_told_twice_counts_once(home: User) -> None:
    """Wired twice, the same tool call arrives twice and is stored once."""
    hooks = Hooks(home)
    for _ in range(2):
        hooks.call("PostToolUse", NOON, tool_use_id="toolu_1")

    assert [("toolu_1", "Bash", 0)] == rows(hooks, "SELECT tool_use_id, name, failed FROM tool_calls")


def test_a_failed_call_counts_as_failed(home: User) -> None:
    """PostToolUseFailure stores the call with its failure."""
    hooks = Hooks(home)
    hooks.call("PostToolUseFailure", NOON, tool_name="Bash", tool_use_id="toolu_1", error="Exit code 1")

    assert [("toolu_1", 1)] == rows(hooks, "SELECT tool_use_id, failed FROM tool_calls")


def test_every_hook_takes_in_what_the_transcript_has_grown_by(home: User) -> None:
    """What the transcript gained since the last hook is in the ledger after the next one, each response once."""
    hooks = Hooks(home)
    transcript = hooks.project / f"{SESSION}.jsonl"
    transcript.write_text(assistant("m1", 10))
    hooks.call("PostToolUse", NOON)
    with transcript.open("a") as file:
        file.write(assistant("m1", 25) + assistant("m2", 7))
    hooks.call("Stop", NOON + 1)

    assert [("m1", 25), ("m2", 7)] == rows(hooks, "SELECT message_id, output_tokens FROM responses ORDER BY 1")


def test_a_sub_agents_transcript_is_followed_too(home: User) -> None:
    """A sub-agent's call takes in the sub-agent's own transcript."""
    hooks = Hooks(home)
    (hooks.project / f"{SESSION}.jsonl").write_text(assistant("m1", 10))
    folder = hooks.project / SESSION / "subagents"
    folder.mkdir(parents=True)
    (folder / "agent-abc.jsonl").write_text(assistant("m2", 20, agentId="abc", isSidechain=True))

    hooks.call("PostToolUse", NOON, agent_id="abc")

    assert [("m1", ""), ("m2", "abc")] == rows(hooks, "SELECT message_id, agent_id FROM responses ORDER BY 1")


def test_an_estimate_gives_way_to_the_measurement(home: User) -> None:
    """A call's growth is estimated until the responses that hold it are read: its own part first, its result's next."""
    hooks = Hooks(home)
    transcript = hooks.project / f"{SESSION}.jsonl"
    transcript.write_text(assistant("m1", 10))
    pending = []
    hooks.call("PostToolUse", NOON, tool_use_id="toolu_1", tool_response={"stdout": "x" * 10_000, "stderr": ""})
    pending.append(_pending(hooks))
    with transcript.open("a") as file:
        file.write(assistant("m2", 10, ("toolu_1",), timestamp="2026-11-20T11:59:59.000Z"))
    hooks.call("Stop", NOON + 1)
    pending.append(_pending(hooks))
    with transcript.open("a") as file:
        file.write(assistant("m3", 10, timestamp="2026-11-20T12:00:05.000Z"))
    hooks.call("Stop", NOON + 6)
    pending.append(_pending(hooks))

    whole, result_only, nothing = pending
    assert whole > result_only > 3000
    assert 0 == nothing


def test_calls_made_at_once_are_not_estimated_twice(home: User) -> None:
    """A call whose record is read before its hook runs counts as measured in its own part."""
    hooks = Hooks(home)
    (hooks.project / f"{SESSION}.jsonl").write_text(assistant("m1", 10, ("toolu_1", "toolu_2")))
    hooks.call("PostToolUse", NOON, tool_use_id="toolu_1")
    hooks.call("PostToolUse", NOON, tool_use_id="toolu_2")

    measured = rows(hooks, "SELECT tool_use_id, call_measured, result_tokens > 0 FROM tool_calls ORDER BY 1")
    assert [("toolu_1", 1, 1), ("toolu_2", 1, 1)] == measured


def test_a_transcript_far_behind_is_left_to_a_job(home: User) -> None:
    """More than a hook may read is not begun: a background job is started, once for all hooks of the next seconds."""
    hooks = Hooks(home)
    (hooks.project / f"{SESSION}.jsonl").write_text(assistant("m1", 10, padding="x" * (follow.MOST_BYTES + 1)))

    started = [("refresh" in hooks.jobs("PostToolUse", NOON + late)) for late in (0, 1, 6)]

    assert [True, False, True] == started
    assert [] == rows(hooks, "SELECT * FROM responses")


def test_a_job_is_started_by_one_hook_only(home: User) -> None:
    """The machine is looked at once a minute, however many hooks run."""
    hooks = Hooks(home)

    started = ["sample" in hooks.jobs("PostToolUse", NOON + late) for late in (0, 1, 59, 60, 61)]

    assert [True, False, False, True, False] == started


def test_changed_settings_are_compiled_in_the_background(home: User) -> None:
    """When a person edited config.toml since it was compiled, a job compiles it."""
    hooks = Hooks(home)
    (home.config / "watchkeeper").mkdir()
    (home.config / "watchkeeper" / "config.toml").write_text("[quota]\nplan = 'pro'\n")

    assert "compile" in hooks.jobs("PostToolUse", NOON)


def test_damaged_settings_are_compiled_anew(home: User) -> None:
    """What hooks read is made again from the file that a person edits, whatever has become of it."""
    hooks = Hooks(home)
    where = hooks.watch(NOON).paths
    os.makedirs(where.state, exist_ok=True)
    for path, text in ((where.config_file, '[status_line]\npassthrough = "mine"\n'), (where.settings, '{"status_l')):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    hooks.settings = settings_of.load(where)

    assert "compile" in hooks.jobs("PostToolUse", NOON)
    compiled.compile_settings(where, home.environ, [])
    assert "mine" == settings_of.load(where)["status_line"]["passthrough"]


def drafts(hooks: Hooks, event: str, at: float, **fields: Any) -> list[str]:
    return [job.partition(":")[0] for job in hooks.jobs(event, at, **fields) if job.startswith("draft=")]


@pytest.mark.parametrize("changes", [{}, {"notices": {"desktop": False}}, {"quota": {"alerts": [95]}}])
def test_in_danger_the_draft_is_renewed(home: User, changes: dict[str, dict[str, Any]]) -> None:
    """At each level from danger on, and every five minutes there, whatever is told and to whom."""
    hooks = Hooks(home)
    hooks.configure(**changes)
    seen = []
    for minutes, used_pct in enumerate((79.9, 80.0, 81.0, 90.5, 91.0, 95.0, 96.0, 96.0, 96.0, 96.0, 96.0)):
        hooks.report(report(used_pct, NOON + minutes * 60, NOON + 4 * HOUR))
        seen.append(drafts(hooks, "PostToolUse", NOON + minutes * 60 + 1))

    levels_told = [[], ["draft=danger"], [], ["draft=critical"], [], ["draft=emergency"]]
    assert [*levels_told, [], [], [], [], ["draft=emergency"]] == seen


def test_in_danger_each_turn_ends_with_a_draft(home: User) -> None:
    """However recently a tool's hook has started one; turns that follow each other at once share it."""
    hooks = Hooks(home)
    hooks.report(report(85.0, NOON, NOON + 4 * HOUR))
    events = [("PostToolUse", 1), ("Stop", 2), ("PostToolUse", 3), ("Stop", 4), ("Stop", 33)]

    seen = [drafts(hooks, event, NOON + seconds) for event, seconds in events]

    assert [["draft=danger"], ["draft=turn"], [], [], ["draft=turn"]] == seen


def test_snoozed_alerts_do_not_keep_the_draft(home: User) -> None:
    """Who wants no alerts loses nothing all the same."""
    hooks = Hooks(home)
    with hooks.ledger() as ledger:
        ledger.state.execute("INSERT INTO mutes VALUES ('', 'alerts', ?)", (NOON + HOUR,))
    hooks.report(report(85.0, NOON, NOON + 4 * HOUR))

    assert ["draft=turn"] == drafts(hooks, "Stop", NOON + 1)


def test_a_full_context_is_danger_too(home: User) -> None:
    """80 % of the usable window counts like 80 % of the quota."""
    hooks = Hooks(home)
    hooks.configure(context={"reserve_tokens": 0})
    for used, expected in ((79_000, []), (80_000, ["draft=danger"])):
        window = {"total_input_tokens": used, "context_window_size": 100_000, "current_usage": {}}
        hooks.status_line(NOON + used, model={"id": "m", "display_name": "M"}, context_window=window)

        assert expected == drafts(hooks, "PostToolUse", NOON + used + 1)


@pytest.mark.parametrize(
    ("event", "fields", "expected"),
    [
        ("SessionEnd", {"reason": "clear"}, ["draft=end"]),
        ("StopFailure", {"error": "rate_limit"}, ["draft=limit"]),
        ("StopFailure", {"error": "overloaded"}, []),
        ("PreCompact", {"trigger": "auto"}, ["draft=compaction"]),
        ("PreCompact", {"trigger": "manual"}, []),
        ("PostToolUse", {}, []),
        ("SessionStart", {"source": "startup"}, []),
    ],
    ids=["end", "limit", "overload", "auto", "manual", "tool", "start"],
)
def test_occasions_of_a_draft(home: User, event: str, fields: dict[str, Any], expected: list[str]) -> None:
    """A limit, an end and an automatic compaction renew the draft, once at a time."""
    hooks = Hooks(home)

    assert (expected, []) == (drafts(hooks, event, NOON, **fields), drafts(hooks, event, NOON + 1, **fields))


def test_a_session_is_stored_with_what_its_start_tells(home: User) -> None:
    """SessionStart stores project, folder and whether somebody sits there; SessionEnd when it ended."""
    hooks = Hooks(home)
    hooks.call("SessionStart", NOON, source="startup")
    hooks.call("SessionEnd", NOON + 60, reason="other")

    with hooks.ledger() as ledger:
        row = usage.session_row(ledger.usage, SESSION)

    assert ("/home/dev/proj", "/home/dev/proj", 1, NOON, NOON + 60) == tuple(
        row[name] for name in ("cwd", "project", "attended", "started_at", "ended_at")
    )


def test_damage_deep_in_a_file_is_noticed_too(home: User) -> None:
    """A file whose damage only a later read meets is set aside as well, and the call is counted."""
    hooks = Hooks(home)
    hooks.used(*(response(f"m{number}", NOON - number) for number in range(400)))
    path = home.config / "watchkeeper" / "usage.db"
    with hooks.ledger() as ledger:
        ledger.usage.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))

    answer = hooks.call("PostToolUse", NOON)

    assert "usage.db is damaged" in answer["systemMessage"]
    assert 1 == rows(hooks, "SELECT count(*) FROM tool_calls")[0][0]


def test_who_found_the_damage_headless_leaves_word(home: User) -> None:
    """A headless run that has to set a file aside keeps the sentence for the next attended session."""
    folder = home.config / "watchkeeper"
    folder.mkdir()
    (folder / "state.db").write_bytes(b"this is no database at all" * 100)

    assert {} == Hooks(home, CLAUDE_CODE_SESSION_ATTENDED="0").call("PostToolUse", NOON)
    assert "state.db" in Hooks(home).call("PostToolUse", NOON + 1)["systemMessage"]
    assert {} == Hooks(home).call("PostToolUse", NOON + 2)


def test_a_damaged_ledger_is_told_in_the_session(home: User) -> None:
    """When a ledger file had to be set aside the user reads one sentence, and the call is counted in the fresh one."""
    hooks = Hooks(home)
    folder = home.config / "watchkeeper"
    folder.mkdir()
    (folder / "usage.db").write_bytes(b"this is no database at all" * 100)

    answer = hooks.call("PostToolUse", NOON)

    assert "usage.db is damaged and was set aside as" in answer["systemMessage"]
    assert 1 == rows(hooks, "SELECT count(*) FROM tool_calls")[0][0]
    assert 1 == len([name for name in os.listdir(folder) if name.startswith("usage.db.set-aside-")])


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{", b'{"session_id": 7}', b'{"session_id": "../../x"}', b"\xff\xfe", b'{"session_id": ""}'],
)
def test_a_payload_without_a_session_does_nothing(home: User, data: bytes) -> None:
    """What names no session is no event."""
    watch = Hooks(home).watch(NOON)

    assert ("", ()) == entry.run("PostToolUse", data, watch)
    assert not (home.config / "watchkeeper").exists()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)
_FIELDS = [
    "transcript_path",
    "cwd",
    "agent_id",
    "tool_name",
    "tool_input",
    "tool_response",
    "tool_use_id",
    "duration_ms",
    "error",
    "source",
    "last_assistant_message",
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        ["PostToolUse", "PostToolUseFailure", "Stop", "StopFailure", "SessionStart", "SessionEnd", "PreCompact"]
    ),
    st.dictionaries(st.sampled_from(_FIELDS), _JSON),
)
def test_no_payload_breaks_a_hook(home: User, event: str, fields: dict[str, Any]) -> None:
    """Wrong types in any field of any event are taken as they come."""
    watch = Hooks(home).watch(NOON)
    data = json.dumps({"session_id": SESSION, **fields}).encode()

    with watch.ledger:
        output, _ = entry.run(event, data, watch)

    assert "" == output


def _pending(hooks: Hooks) -> int:
    with hooks.ledger() as ledger:
        row = usage.session_row(ledger.usage, SESSION)
        at = row["context_at"]
        assert isinstance(at, float)
        return usage.pending_tokens(ledger.usage, SESSION, at)
