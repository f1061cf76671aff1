"""A headless run: its command line, the reading of its stream, and a whole run of a stand-in for the client."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.automation.stage import HANDOFF, Stage
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.automation import headless, plan
from watchkeeper.automation.headless import Follower
from watchkeeper.core import state

INIT = {"type": "system", "subtype": "init", "session_id": "0a5b1c2d", "model": "claude-sonnet-5-5"}
LIMITS = {
    "type": "rate_limit_event",
    "rate_limit_info": {
        "status": "allowed",
        "isUsingOverage": False,
        "unifiedWindows": {
            "five_hour": {"utilization": 0.0715, "resetsAt": NOON + 17_000},
            "seven_day": {"utilization": 0.2, "resetsAt": NOON + 200_000},
        },
    },
}
USE = {"inputTokens": 3, "outputTokens": 47, "cacheReadInputTokens": 13_009, "cacheCreationInputTokens": 1_113}
RESULT = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "result": "Done.",
    "session_id": "0a5b1c2d",
    "num_turns": 4,
    "total_cost_usd": 0.25,
    "modelUsage": {"claude-sonnet-5-5": USE, "claude-haiku-4-5": USE},
    "permission_denials": [{"tool_name": "Bash"}],
}


def follow(*messages: object, account: str = "") -> tuple[Follower, list[str], list[state.Report]]:
    """What a follower has seen after these messages, and what it was told to tell."""
    started: list[str] = []
    reports: list[state.Report] = []
    follower = Follower(account, lambda: NOON, started.append, reports.extend)
    for message in messages:
        follower.line(message if isinstance(message, str) else json.dumps(message))
    return follower, started, reports


def test_the_command_line() -> None:
    """Values are joined to their options, the user's own arguments come after, the prompt behind the dashes."""
    chosen = plan.made(
        headless=True,
        agent="planner",
        model="opus",
        permission_mode="dontAsk",
        budget_usd=2.5,
        extra=["--allowedTools", "Bash(git *)"],
    )

    assert [
        *("/bin/claude", "-p", "--output-format", "stream-json", "--verbose", "--session-id=s", "--agent=planner"),
        *("--model=opus", "--permission-mode=dontAsk", "--max-budget-usd=2.5", "--allowedTools", "Bash(git *)"),
        *("--", "--do it"),
    ] == headless.command("/bin/claude", chosen, "s", "--do it")


def test_what_the_client_leaves_to_itself_is_not_named() -> None:
    """An empty choice is no option at all."""
    command = headless.command("/bin/claude", plan.made(headless=True), "s", "go")

    assert [
        *("/bin/claude", "-p", "--output-format", "stream-json", "--verbose", "--session-id=s", "--", "go")
    ] == command


def test_a_run_is_followed() -> None:
    """Its id, the limits as reports of the stream, and how it ended."""
    follower, started, reports = follow(INIT, {"type": "assistant"}, LIMITS, "no JSON", RESULT, account="acc")

    assert (["0a5b1c2d"], "0a5b1c2d") == (started, follower.session_id)
    assert [
        state.Report("acc", "five_hour", NOON + 17_000, 7.15, NOON, "stream", False),
        state.Report("acc", "seven_day", NOON + 200_000, 20.0, NOON, "stream", False),
    ] == [each._replace(used_pct=round(each.used_pct, 6)) for each in reports]
    assert follower.ended == headless.Ended(
        subtype="success",
        is_error=False,
        text="Done.",
        session_id="0a5b1c2d",
        turns=4,
        cost_usd=0.25,
        tokens={
            "input_tokens": 6,
            "output_tokens": 94,
            "cache_creation_input_tokens": 2_226,
            "cache_read_input_tokens": 26_018,
        },
        api_error="",
        denials=1,
    )


def test_a_limit_with_success_in_its_name_is_an_error() -> None:
    """An API failure is a success of the client's with is_error: what counts is is_error."""
    told = {**RESULT, "is_error": True, "api_error": "usage_limit_reached"}

    ended = follow(told)[0].ended

    assert ended is not None
    assert (True, "usage_limit_reached") == (ended.is_error, ended.api_error)


@pytest.mark.parametrize(
    "info",
    [
        None,
        [],
        {"unifiedWindows": None},
        {"unifiedWindows": {"five_hour": None}},
        {"unifiedWindows": {"five_hour": {"utilization": True, "resetsAt": NOON + 60}}},
        {"unifiedWindows": {"five_hour": {"utilization": "much", "resetsAt": NOON + 60}}},
        {"unifiedWindows": {"five_hour": {"utilization": -0.1, "resetsAt": NOON + 60}}},
        {"unifiedWindows": {"five_hour": {"utilization": float("nan"), "resetsAt": NOON + 60}}},
        {"unifiedWindows": {"five_hour": {"utilization": 0.5, "resetsAt": NOON - 60}}},
        {"unifiedWindows": {"five_hour": {"utilization": 0.5, "resetsAt": (NOON + 60) * 1000}}},
        {"unifiedWindows": {"five_hour": {"utilization": 0.5}}},
    ],
    ids=["none", "list", "null", "null window", "bool", "text", "negative", "nan", "past", "milliseconds", "no reset"],
)
def test_limits_that_cannot_be_true_are_passed_over(info: Any) -> None:
    """The figures are checked as those of the status line are."""
    assert [] == headless.reports_of(info, "", NOON)


def test_more_than_all_is_all_and_overage_is_kept() -> None:
    """A share over one happens while extra usage is on."""
    windows = {"five_hour": {"utilization": 1.37, "resetsAt": NOON + 60}}

    (report,) = headless.reports_of({"unifiedWindows": windows, "isUsingOverage": True}, "", NOON)

    assert (100.0, True) == (report.used_pct, report.overage)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "subtype", "session_id", "result", "modelUsage", "rate_limit_info", "unifiedWindows", "x"]
                ),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_no_line_breaks_the_reading(value: Any) -> None:
    """Whatever a version of the client prints, reading it raises nothing."""
    for kind in ("system", "result", "rate_limit_event"):
        follow({"type": kind, "subtype": "init", "x": value, "modelUsage": value, "rate_limit_info": value})
    follow(json.dumps(value), '{"result"', "{" * 5_000 + '"result"')


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e999, "1e999", None])
def test_numbers_beyond_all_floats_are_not_told(number: object) -> None:
    """A run that ended has ended, whatever it says that it cost."""
    ended = headless.ended_of({"total_cost_usd": number, "num_turns": number})

    assert (None, None) == (ended.cost_usd, ended.turns)
    windows = {"five_hour": {"utilization": -(10**400), "resetsAt": NOON}}
    assert [] == headless.reports_of({"unifiedWindows": windows}, "", NOON)


CLIENT = """#!{python} -S
import json, os, sys
if sys.argv[1:] == ["--version"]:
    print("2.1.329 (Claude Code)"); sys.exit()
if sys.argv[1] == "auth":
    print(json.dumps({{"loggedIn": True, "authMethod": "claude.ai"}})); sys.exit()
open({seen!r}, "w").write(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]))
for message in {messages}:
    print(json.dumps(message), flush=True)
sys.exit({code})
"""


def client(stage: Stage, messages: list[object], code: int = 0) -> Path:
    """A program in the client's place that prints these messages; return where it notes how it was called."""
    seen = Path(stage.scene.user.home, "seen.json")
    text = CLIENT.format(python=sys.executable, seen=str(seen), messages=repr(messages), code=code)
    Path(stage.claude).write_text(text.replace("false", "False"), encoding="utf-8")
    return seen


def test_a_whole_headless_session(stage: Stage, real_processes: User) -> None:
    """It runs to its end in the project, its output is kept, its limits are in the ledger, and its result is told."""
    stage.ready()
    seen = client(stage, [INIT, LIMITS, {"type": "assistant", "message": "x" * 100_000}, RESULT])
    booked = stage.book(headless=True)

    fired = stage.fire(booked.booking_id)

    argv, environ, folder = json.loads(seen.read_text(encoding="utf-8"))
    after = stage.booking(booked.booking_id)
    assert (True, "launched") == (fired.launched, after.state)
    assert (stage.project, HANDOFF) == (folder, environ["WATCHKEEPER_HANDOFF"])
    assert f"--session-id={after.session_id}" in argv
    output = Path(stage.scene.paths.state, "automation", f"{booked.booking_id}.jsonl")
    assert 4 == len(output.read_text(encoding="utf-8").splitlines())
    assert (0, 4, 0.25, str(output)) == tuple(after.result[name] for name in ("code", "turns", "cost_usd", "output"))
    with stage.scene.ledger as ledger:
        report = state.latest_report(ledger.state, "", "five_hour", stage.now)
    assert report is not None
    assert ("stream", NOON + 17_000) == (report.source, report.resets_at)
    assert ["A Claude Code session has started", "The booked session has ended"] == [
        title for title, _ in stage.outside.notices
    ]


@pytest.mark.parametrize(
    ("messages", "code", "reason", "state"),
    [
        (
            [INIT, {**RESULT, "is_error": True, "api_error": "usage_limit_reached"}],
            1,
            "usage_limit_reached",
            "launched",
        ),
        ([INIT], 137, "it ended with code 137 and no result", "launched"),
        ([], 1, "it ended with code 1 and no result", "failed"),
    ],
    ids=["limit reached", "killed", "never began"],
)
def test_a_headless_session_that_fails_says_so(
    stage: Stage, real_processes: User, messages: list[object], code: int, reason: str, state: str
) -> None:
    """Code 0 or not: what counts is what it said at its end; its handoff waits for anyone."""
    stage.ready()
    client(stage, messages, code)
    booked = stage.book(headless=True)

    fired = stage.fire(booked.booking_id)

    assert (state, state == "launched") == (stage.booking(booked.booking_id).state, fired.launched)
    assert reason in stage.booking(booked.booking_id).reason
    assert reason in stage.outside.notices[-1][1]
    assert "" == stage.waiting().booking_id
