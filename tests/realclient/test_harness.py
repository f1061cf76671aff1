"""The harness itself: the client runs here, and the stand-in, the recorder and the screen tell the truth about it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from tests.realclient.messages import OVERLOADED, UNAUTHORIZED, Tool, Turn, Usage, agent, bash, usage_limit
from tests.realclient.session import STATUS_LINE, Claude, hooks
from tests.realclient.stand_in import StandIn, total

pytestmark = pytest.mark.realclient

RESETS_AT = float(int(time.time()) + 2 * 3600)
BLOCK = {
    "decision": "block",
    "reason": "\033[32mAnswered for nothing\033[0m",
    "hookSpecificOutput": {"hookEventName": "UserPromptExpansion", "suppressOriginalPrompt": True},
}


def recorded_usage(claude: Claude) -> Usage:
    """The usage in all transcripts, one per response."""
    by_message: dict[str, Usage] = {}
    for path in claude.config.glob("projects/**/*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["type"] == "assistant":
                usage = entry["message"]["usage"]
                by_message[entry["message"]["id"]] = Usage(*(usage[name] for name in Usage._fields))
    return total(by_message.values())


def test_headless_run_with_two_tool_calls(claude: Claude, stand_in: StandIn) -> None:
    """Each scripted tool call is made and recorded, and log, result and transcript agree on the tokens."""
    claude.write_settings({"hooks": hooks(PostToolUse=claude.recorder())})
    stand_in.script(Turn("First.", (bash("echo one"),)), Turn("Second.", (bash("echo two"),)), Turn("Both done."))

    run = claude.headless("Say one, then two")

    assert (0, "Both done.") == (run.returncode, run.result["result"])
    asked_for = [tool_use_id for exchange in stand_in.exchanges("main") for tool_use_id in exchange.tool_use_ids]
    assert asked_for == [record.payload["tool_use_id"] for record in claude.recorded("PostToolUse")]
    assert ["main"] * 3 == [exchange.kind for exchange in stand_in.exchanges()]
    assert "one" in stand_in.exchanges()[1].text.splitlines()
    assert stand_in.totals() == Usage(*(run.result["usage"][name] for name in Usage._fields)) == recorded_usage(claude)


def test_client_sees_the_made_up_user_only(claude: Claude, stand_in: StandIn) -> None:
    """Hooks and model are told the made-up user's folders, and the client asks no host but the stand-in."""
    claude.write_settings({"hooks": hooks(SessionStart=claude.recorder())})
    claude.make_git_repository()

    claude.headless("Hello", environment={"HTTPS_PROXY": stand_in.url})

    [record] = claude.recorded()
    assert str(claude.user.home) == record.environment["HOME"]
    assert str(claude.project) == record.payload["cwd"] == record.environment["CLAUDE_PROJECT_DIR"]
    assert Path(record.payload["transcript_path"]).is_relative_to(claude.config)
    assert "Is a git repository: true" in stand_in.exchanges()[0].text
    assert [] == stand_in.unknown_requests


def test_interactive_session_shows_the_answer(claude: Claude, stand_in: StandIn) -> None:
    """A prompt typed into the terminal is answered on its screen, asks no foreign host, and /exit ends the session."""
    claude.write_settings({"hooks": hooks(SessionEnd=claude.recorder())})
    stand_in.script(Turn("A scripted answer."))

    with claude.terminal(environment={"HTTPS_PROXY": stand_in.url}) as terminal:
        terminal.submit("A question?")
        text = terminal.wait_for("A scripted answer.")
        terminal.quit()

    assert "❯ A question?" in text
    assert ["prompt_input_exit"] == [record.payload["reason"] for record in claude.recorded("SessionEnd")]
    assert [] == stand_in.unknown_requests


def test_long_prompts_and_repeated_ones(claude: Claude, stand_in: StandIn) -> None:
    """A prompt longer than the window is wide is typed whole, and the same prompt twice is sent twice."""
    prompt = "This sentence is longer than a narrow window and goes on, " * 3
    stand_in.script(Turn("Answer one."), Turn("Answer two."))

    with claude.terminal(columns=60) as terminal:
        for answer in ("Answer one.", "Answer two."):
            terminal.submit(prompt)
            terminal.wait_for(answer)

    assert 2 == stand_in.exchanges()[1].text.count(prompt.strip())


def test_window_can_be_resized(claude: Claude, stand_in: StandIn) -> None:
    """After a resize the client draws for the new width and hooks are told it."""
    claude.write_settings({"hooks": hooks(Stop=claude.recorder())})
    stand_in.script(Turn("Wide."), Turn("Narrow."))

    with claude.terminal(columns=120) as terminal:
        terminal.submit("First prompt")
        terminal.wait_for("Wide.")
        claude.wait_recorded("Stop")
        terminal.resize(70)
        terminal.wait_until(lambda text: "─" * 70 in text.splitlines(), "it drew a line of 70 columns")
        terminal.submit("Second prompt")
        terminal.wait_for("Narrow.")
        records = claude.wait_recorded("Stop", count=2)

    assert ["120", "70"] == [record.environment["COLUMNS"] for record in records]


def test_waiting_tells_what_the_screen_shows(claude: Claude) -> None:
    """Waiting for what never comes ends, with the screen in the error."""
    with claude.terminal() as terminal:
        terminal.wait_ready()
        with pytest.raises(TimeoutError, match="Claude Code v"):
            terminal.wait_for("what nobody says", timeout_s=0.1)


def test_reported_limits_reach_the_status_line(claude: Claude, stand_in: StandIn) -> None:
    """With an OAuth token the limits of the response headers reach the status line's input, whose output is shown."""
    claude.use_oauth_token()
    claude.write_settings({"statusLine": claude.status_line_recorder("\033[35mour line\033[0m")})
    stand_in.report_limits(81.5, RESETS_AT, 10, RESETS_AT + 60)

    with claude.terminal() as terminal:
        terminal.submit("Hello")
        [record, *_] = claude.wait_recorded(STATUS_LINE, lambda payload: "rate_limits" in payload)
        terminal.wait_for("our line")
        colours = terminal.colours_of("our line")

    expected = {
        "five_hour": {"used_percentage": 81.5, "resets_at": RESETS_AT},
        "seven_day": {"used_percentage": 10, "resets_at": RESETS_AT + 60},
    }
    assert expected == record.payload["rate_limits"]
    assert {"magenta"} == set(colours)


def test_api_key_sees_no_limits(claude: Claude, stand_in: StandIn) -> None:
    """With an API key the status line is told no limits, whatever the headers say."""
    claude.write_settings({"statusLine": claude.status_line_recorder("our line")})
    stand_in.report_limits(81.5, RESETS_AT)

    with claude.terminal() as terminal:
        terminal.submit("Hello")
        [record, *_] = claude.wait_recorded(STATUS_LINE, lambda payload: payload["context_window"]["current_usage"])

    assert "rate_limits" not in record.payload


def test_blocked_command_costs_no_request(claude: Claude, stand_in: StandIn) -> None:
    """A hook that blocks a command shows its text, in a window and headless, and the stand-in sees no request."""
    claude.write_command("made-up-status")
    claude.write_settings({"hooks": hooks(UserPromptExpansion=claude.recorder(BLOCK))})

    run = claude.headless("/made-up-status --json", output="text")
    with claude.terminal() as terminal:
        terminal.submit("/made-up-status")
        terminal.wait_for("Answered for nothing")
        colours = terminal.colours_of("Answered for nothing")

    assert (0, True) == (run.returncode, "Answered for nothing" in run.stdout)
    assert {"green"} == set(colours)
    assert ["--json", ""] == [record.payload["command_args"] for record in claude.recorded("UserPromptExpansion")]
    assert [] == stand_in.exchanges()


def test_sub_agent_is_told_apart(claude: Claude, stand_in: StandIn) -> None:
    """A sub-agent's requests are logged as its own, under the id that its hooks are given."""
    (claude.project / "a.txt").write_text("alpha\n", encoding="utf-8")
    claude.write_settings({"hooks": hooks(PostToolUse=claude.recorder(), SubagentStop=claude.recorder())})
    read = Tool("Read", {"file_path": str(claude.project / "a.txt")})
    stand_in.script(Turn("Delegating.", (agent("Read a.txt"),)), Turn("It says alpha."))
    stand_in.script(Turn("Reading.", (read,)), Turn("alpha"), kind="subagent")

    run = claude.headless("What does a.txt say?")

    assert "It says alpha." == run.result["result"]
    first, last = stand_in.exchanges("subagent")
    [stop] = claude.recorded("SubagentStop")
    assert stop.payload["agent_id"] == first.agent_id == last.agent_id
    agents = {record.payload["tool_name"]: record.payload.get("agent_id") for record in claude.recorded("PostToolUse")}
    assert {"Agent": None, "Read": first.agent_id} == agents
    assert [None, None] == [exchange.agent_id for exchange in stand_in.exchanges("main")]
    assert recorded_usage(claude) == stand_in.totals("main", "subagent") == stand_in.totals()


def test_compaction_is_told_apart(claude: Claude, stand_in: StandIn) -> None:
    """/compact asks for a summary once, the session goes on with it, and no transcript holds what that request used."""
    claude.write_settings({"hooks": hooks(PostCompact=claude.recorder())})
    stand_in.script(Turn("An answer."), Turn("After it."))
    stand_in.script(Turn("<summary>They talked in rhymes.</summary>"), kind="compaction")

    with claude.terminal() as terminal:
        terminal.submit("A question")
        terminal.wait_for("An answer.")
        terminal.submit("/compact")
        claude.wait_recorded("PostCompact")
        terminal.submit("Another question")
        terminal.wait_for("After it.")
        terminal.quit()

    assert ["main", "compaction", "main"] == [exchange.kind for exchange in stand_in.exchanges()]
    assert "They talked in rhymes." in stand_in.exchanges()[2].text
    assert recorded_usage(claude) == stand_in.totals("main")


def test_usage_limit_ends_a_headless_run(claude: Claude, stand_in: StandIn) -> None:
    """A used-up window ends a headless run with the client's own words about the reset."""
    claude.use_oauth_token()
    stand_in.script(usage_limit(RESETS_AT))

    run = claude.headless("Hello")

    assert (1, True) == (run.returncode, run.result["is_error"])
    assert run.result["result"].startswith("You've hit your 5-hour limit · resets")
    assert [Usage()] == [exchange.usage for exchange in stand_in.exchanges()]


def test_usage_limit_reaches_the_hook(claude: Claude, stand_in: StandIn) -> None:
    """In a window the same limit reaches StopFailure."""
    claude.use_oauth_token()
    claude.write_settings({"hooks": hooks(StopFailure=claude.recorder())})
    stand_in.script(usage_limit(RESETS_AT))

    with claude.terminal() as terminal:
        terminal.submit("Hello")
        [record] = claude.wait_recorded("StopFailure")

    assert "rate_limit" == record.payload["error"]
    assert record.payload["last_assistant_message"].startswith("You've hit your 5-hour limit")


def test_overloaded_server_is_asked_again(claude: Claude, stand_in: StandIn) -> None:
    """The client tries once more after a 529, and only the answer counts."""
    stand_in.script(OVERLOADED, Turn("There you are."))

    run = claude.headless("Hello")

    assert "There you are." == run.result["result"]
    assert [Usage(), recorded_usage(claude)] == [exchange.usage for exchange in stand_in.exchanges("main")]


def test_wrong_login_is_an_error(claude: Claude, stand_in: StandIn) -> None:
    """A 401 ends a headless run with exit code 1."""
    stand_in.script(UNAUTHORIZED, UNAUTHORIZED)

    run = claude.headless("Hello", output="json")

    assert (1, True, 401) == (run.returncode, run.result["is_error"], run.result["api_error_status"])


def test_request_can_decide_the_answer(claude: Claude, stand_in: StandIn) -> None:
    """A function that sees the request decides the answer, and leaves to the script what it does not want."""
    stand_in.decide = lambda _, body: None if "once more" in json.dumps(body) else Turn(f"Asked {body['model']}.")
    stand_in.script(Turn("From the script."))

    answers = [claude.headless(prompt).result["result"] for prompt in ("Hello", "Say it once more")]

    assert [f"Asked {stand_in.exchanges()[0].model}.", "From the script."] == answers


def test_session_can_be_held_at_work(claude: Claude, stand_in: StandIn) -> None:
    """A gate holds an answer back, so that a test can look at a session that waits for it."""
    gate = threading.Event()
    stand_in.script(Turn("Open.", gate=gate))

    with claude.terminal() as terminal:
        terminal.submit("Hello")
        stand_in.wait_for(1)
        working = terminal.wait_for("esc to interrupt")
        gate.set()
        terminal.wait_for("Open.")

    assert "Open." not in working


def test_tools_start_before_the_response_is_complete(claude: Claude, stand_in: StandIn) -> None:
    """While a response still streams, hooks of its tool calls run and the transcript holds nothing of it."""
    claude.write_settings({"hooks": hooks(PostToolUse=claude.recorder())})
    gate = threading.Event()
    stand_in.script(Turn("Two calls.", (bash("echo one"), bash("echo two")), ending_gate=gate), Turn("Done."))

    with claude.terminal() as terminal:
        terminal.submit("Hello")
        records = claude.wait_recorded("PostToolUse", count=2)
        gate.set()
        terminal.wait_for("Done.")
        terminal.quit()

    [transcript] = claude.transcripts()
    content = transcript.read_bytes()
    for record in records:
        tool_use_id = record.payload["tool_use_id"].encode()
        assert (False, True) == (tool_use_id in content[: record.transcript_bytes], tool_use_id in content)
