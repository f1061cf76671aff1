"""Compaction in the real client: the summariser is told what must survive, and the model the essentials afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from tests.realclient.messages import Tool, Turn, Usage, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn

pytestmark = pytest.mark.realclient


def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds: the client writes a moment later than it shows."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_steering_and_essentials_arrive(claude: Claude, stand_in: StandIn) -> None:
    """The summariser's request holds the steering text once, and the next request of the model the essentials."""
    product = Product(claude)
    product.install()
    stand_in.script(
        Turn("Failing.", (bash("echo 'FAILED tests/test_dates.py::test_leap_year'; exit 1"),)),
        Turn("The leap year test fails; next I will mend the parser."),
        Turn("Going on."),
    )
    stand_in.script(Turn("A summary of it all."), kind="compaction")

    with claude.terminal() as terminal:
        terminal.submit("Teach the parser leap years")
        terminal.wait_for("next I will mend the parser")
        terminal.submit("/compact")
        [asked] = stand_in.wait_for(1, "compaction")
        terminal.wait_for("Compacted")
        terminal.submit("Go on")
        terminal.wait_for("Going on.")
        terminal.quit()

    later = stand_in.exchanges("main")[-1]
    assert 1 == asked.text.count("what these notes of Watchkeeper list")
    assert "Teach the parser leap years" in asked.text
    assert 1 == later.text.count("Notes of Watchkeeper from before the compaction")
    assert "" == product.hook_failures()


@pytest.mark.parametrize("command", ["/context-status", "/compact-context"])
def test_looking_at_the_context_costs_no_request(claude: Claude, stand_in: StandIn, command: str) -> None:
    """What fills the context, and the ways to free it, are shown without asking the API."""
    Product(claude).install()
    stand_in.script(Turn("Reading.", (bash("seq 1 400"),)), Turn("Done."))

    with claude.terminal(columns=100, lines=70) as terminal:
        terminal.submit("Read on")
        terminal.wait_for("Done.")
        before = len(stand_in.exchanges())
        terminal.submit(command)
        terminal.wait_for("operation blocked by hook")
        text = terminal.wait_for("nothing needs to be done")
        terminal.quit()

    assert before == len(stand_in.exchanges())
    assert "tokens" in text


@pytest.mark.parametrize(
    ("model", "window", "at"),
    [
        pytest.param("claude-opus-5-5", 1_000_000, 882_000, id="a large window"),
        pytest.param("claude-haiku-4-5-20251001", 200_000, 162_000, id="a window that it would fill to its end"),
    ],
)
def test_the_configured_share_is_where_the_client_compacts(
    claude: Claude, stand_in: StandIn, model: str, window: int, at: int
) -> None:
    """At the first response above the share the client compacts by itself, and that size is what is shown before."""
    product = Product(claude)
    product.install()
    set_up = product.command("config", "set", "context.auto_compact_pct", "90")
    sizes = (at // 2, at - 2_000, at + 1_000)
    stand_in.script(*(Turn("Step.", (bash("true"),), Usage(3, 40, 0, size)) for size in sizes))
    told = {
        "session_id": "another-terminal",
        "cwd": str(claude.project),
        "model": {"id": model},
        "context_window": {"context_window_size": window, "current_usage": {}, "total_input_tokens": 9},
    }
    product.command("status-line", stdin=json.dumps(told))

    run = claude.headless("Work", "--model", model)

    assert (0, "") == (set_up.returncode, set_up.stderr)
    asked = [exchange.kind for exchange in stand_in.exchanges() if exchange.kind in ("main", "compaction")]
    assert (0, ["main"] * 3 + ["compaction", "main"]) == (run.returncode, asked)
    session = claude.transcripts()[0].stem
    shown = product.json("context-status", "--session", session)["context"]
    assert (at, "told") == (shown["auto_compaction"]["at_tokens"], shown["auto_compaction"]["source"])
    assert "" == product.hook_failures()


def test_a_running_session_compacts_at_a_share_that_is_set_meanwhile(claude: Claude, stand_in: StandIn) -> None:
    """The share reaches a session that is open already, and without it the settings are what they were."""
    product = Product(claude)
    product.install()
    before = claude.settings_file.read_bytes()
    usage = Usage(3, 40, 0, 500_000)
    stand_in.script(*(Turn(f"Answer {number}.", (), usage) for number in range(40)))

    with claude.terminal() as terminal:
        terminal.submit("Work")
        terminal.wait_for("Answer 0.")
        product.command("config", "set", "context.auto_compact_pct", "50")
        # The client reads its settings a moment after they have changed, and says nothing of it.
        for number in range(1, 40):
            terminal.submit("Go on")
            terminal.wait_for(f"Answer {number}.")
            if stand_in.exchanges("compaction"):
                break
        terminal.quit()

    assert stand_in.exchanges("compaction")
    product.command("config", "set", "context.auto_compact_pct", "0")
    assert before == claude.settings_file.read_bytes()


def test_a_pruned_copy_is_gone_on_with_inside_the_session(claude: Claude, stand_in: StandIn) -> None:
    """`/resume` with the id that --prune tells goes on from the smaller copy; the original's file is not touched."""
    product = Product(claude)
    product.install()
    large = claude.project / "large.py"
    large.write_text("".join(f"line {number} of a large file\n" for number in range(900)), encoding="utf-8")
    read = Tool("Read", {"file_path": str(large)})
    stand_in.script(
        Turn("Reading.", (read,)), Turn("Again.", (read,)), Turn("Read twice."), Turn("Here I am, in the copy.")
    )

    with claude.terminal() as terminal:
        terminal.submit("Read it twice")
        terminal.wait_for("Read twice.")
        [original] = claude.transcripts()
        until(lambda: b"Read twice." in original.read_bytes())
        pruned = product.json("compact-context", "--session", original.stem, "--prune", "--keep-recent", "1")
        copy = pruned["fork"]["session_id"]
        before = original.read_bytes()
        terminal.submit(f"/resume {copy}")
        # Its SessionStart hook has run: the client has gone over to the copy.
        until(lambda: product.query("usage.db", f"SELECT 1 FROM sessions WHERE session_id = '{copy}' AND attended = 1"))
        terminal.submit("Go on")
        terminal.wait_for("Here I am, in the copy.")
        terminal.quit()

    last = stand_in.exchanges("main")[-1]
    assert copy == last.session_id
    assert 1 == last.text.count("[Left out by Watchkeeper:")
    assert original.read_bytes().startswith(before)
    assert b"Here I am" not in original.read_bytes()
