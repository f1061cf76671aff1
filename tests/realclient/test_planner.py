"""Planned sessions in the real client: /start-next-session from an empty and from a full queue."""

from __future__ import annotations

import time

import pytest

from tests.realclient import session as sessions
from tests.realclient.exchanges import Exchange
from tests.realclient.messages import Tool, Turn, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn

pytestmark = pytest.mark.realclient


@pytest.fixture
def product(claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Product:
    """Watchkeeper, installed, with the plan pro. The client may run nothing but what our commands bring leave for."""
    allowed = ["--permission-mode", "default", "--allowedTools", "Write"]
    monkeypatch.setattr(sessions, "_permissions", lambda: allowed)
    claude.make_git_repository()
    # Sessions on an API key have no window to fit into.
    claude.use_oauth_token()
    made = Product(claude)
    made.install(quota__plan="pro")
    return made


def start(product: Product, options: str = "") -> Turn:
    """What Claude answers to the command: one call, as its file has it."""
    return Turn("", (bash(f'"{product.state / "bin" / "watchkeeper"}" start-next-session --no-color{options}'),))


def full_queue(product: Product) -> None:
    """115,000 of 200,000 tokens left, and a queue of three."""
    product.tell_limits(42.5, time.time() + 9_900)
    for options in (
        ("--name", "Part 2", "--objective", "Build API integration layer", "--objective", "Handle errors; $(whoami)"),
        ("--name", "Testing", "--after", "part-2"),
        ("--name", "Too large", "--tokens", "150k", "--priority", "critical"),
    ):
        tokens = () if "--tokens" in options else ("--tokens", "45k", "--hours", "3")
        assert 0 == product.command("queue", "add", *options, *tokens).returncode


def results(exchange: Exchange) -> str:
    """The tool results that a request carries."""
    contents = [message["content"] for message in exchange.body["messages"] if isinstance(message["content"], list)]
    blocks = [block for content in contents for block in content if block["type"] == "tool_result"]
    return "\n".join(str(block["content"]) for block in blocks)


def states(product: Product) -> dict[str, str]:
    return {each["id"]: each["state"] for each in product.json("queue", "list", "--all")["sessions"]}


def test_an_empty_queue_offers_small_work(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """From an empty queue Claude is told so with what would fit, with no question and no leave to be asked."""
    product.tell_limits(90.0, time.time() + 9_900)
    stand_in.script(start(product), Turn("Nothing is queued."))

    run = claude.headless("/start-next-session")

    assert [] == run.result["permission_denials"]
    first, second = stand_in.exchanges("main")
    assert "start-next-session --no-color" in first.text
    assert "The queue is empty." in results(second)
    assert "Code review, 8k to 12k tokens" in results(second)
    assert "" == product.hook_failures()


def test_a_full_queue_starts_what_was_chosen(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """One question, answered in the terminal; the session runs in the one that asked, which is told its objectives."""
    full_queue(product)
    question = {
        "question": "Which session shall start?",
        "header": "Session",
        "multiSelect": False,
        "options": [
            {"label": "Part 2", "description": "45,000 tokens, 3h"},
            {"label": "Schedule Too large", "description": "after the reset"},
        ],
    }
    stand_in.script(
        start(product, " --hours 3"),
        Turn("", (Tool("AskUserQuestion", {"questions": [question]}),)),
        start(product, " --choose part-2 --yes"),
        Turn("Building it now."),
    )

    with claude.terminal(lines=60) as terminal:
        terminal.submit("/start-next-session 3")
        terminal.wait_for("Which session shall start?")
        terminal.press("enter")
        terminal.wait_for("Building it now.")
        terminal.quit()

    asked, shown, _, told = stand_in.exchanges("main")
    assert "ARGUMENTS: 3" in asked.text
    assert "Too large needs 150,000 tokens" in results(shown)
    assert "Part 2 (3h, 45,000 tokens)" in results(shown)
    assert "What the user wants done:\n1. Build API integration layer\n2. Handle errors; $(whoami)\n" in results(told)
    assert {"part-2": "running", "testing": "planned", "too-large": "ready"} == states(product)
    running = next(each for each in product.json("queue")["sessions"] if each["id"] == "part-2")
    assert [told.session_id] == running["progress"]["session_ids"]
    assert "" == product.hook_failures()


def test_without_questions(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """With --yes Claude asks nothing; what it used since counts, and the end of its session is told."""
    full_queue(product)
    stand_in.script(start(product, " --hours 3 --yes"), Turn("Building it now."))

    claude.headless("/start-next-session 3 --yes")

    used = stand_in.exchanges("main")[-1].usage
    counted = used.input_tokens + used.output_tokens + used.cache_creation_input_tokens
    running = next(each for each in product.json("queue")["sessions"] if each["id"] == "part-2")
    assert ("running", counted) == (running["state"], running["progress"]["used_tokens"])
    assert running["progress"]["ended_at"] is not None
    assert counted == product.json("queue", "done", "part-2")["session"]["used_tokens"]
    assert "ready" == states(product)["testing"]


def test_objectives_wait_for_the_session_that_is_opened(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Started in a terminal beside Claude, the session that is opened in the project is given what it shall do."""
    full_queue(product)
    started = product.json("start-next-session", "--hours", "3", "--yes")
    assert ("started", None) == (started["outcome"], started["runs_in"])

    stand_in.script(Turn("On it."))
    with claude.terminal() as terminal:
        terminal.submit("Go on")
        terminal.wait_for("On it.")
        terminal.quit()

    exchange = stand_in.exchanges("main")[-1]
    assert "Build API integration layer" in exchange.text
    running = next(each for each in product.json("queue")["sessions"] if each["id"] == "part-2")
    assert [exchange.session_id] == running["progress"]["session_ids"]
