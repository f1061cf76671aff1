"""Freeing the context in the real client: pruned copies are resumed, steering arrives, the original stays as it is."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.realclient.exchanges import Exchange, Kind
from tests.realclient.messages import Reply, Tool, Turn, Usage, bash
from tests.realclient.session import Claude, hooks
from tests.realclient.stand_in import StandIn
from watchkeeper import git
from watchkeeper.context import analysis, steering
from watchkeeper.context.analysis import Analysis
from watchkeeper.context.items import STUB_MARK
from watchkeeper.context.pruning import Plan
from watchkeeper.transcripts import chain, fork
from watchkeeper.transcripts.fork import Fork

pytestmark = pytest.mark.realclient

# A made-up tokenizer that bills what it is sent: so many characters a token.
CHARACTERS_PER_TOKEN = 4


def read(path: Path, **options: int) -> Tool:
    return Tool("Read", {"file_path": str(path), **options})


def size_of(body: Mapping[str, Any]) -> int:
    """What the stand-in bills for a request."""
    text = json.dumps([body.get("system"), body.get("tools"), body["messages"]], ensure_ascii=False)
    return len(text) // CHARACTERS_PER_TOKEN


class Billing:
    """Answers from a script and bills every request by its size, as the API does."""

    def __init__(self, stand_in: StandIn) -> None:
        self.turns: list[Turn] = []
        stand_in.decide = self._decide

    def script(self, *turns: Turn) -> None:
        self.turns += turns

    def _decide(self, kind: Kind, body: Mapping[str, Any]) -> Reply | None:
        if kind != "main":
            return None
        turn = self.turns.pop(0) if self.turns else Turn("Nothing more to do.")
        usage = Usage(3, 40, 0, size_of(body) - 3)
        return Turn(turn.text, turn.tools, usage)


@pytest.fixture
def billing(stand_in: StandIn) -> Billing:
    return Billing(stand_in)


def worked(claude: Claude, billing: Billing) -> Path:
    """A session with large reads, over and over, and large outputs; its transcript."""
    first, second = claude.project / "first.py", claude.project / "second.py"
    first.write_text("".join(f"first {number} = compute({number}) + offset\n" for number in range(600)))
    second.write_text("".join(f"second {number} = compute({number}) - offset\n" for number in range(500)))
    billing.script(
        Turn("I read both.", (read(first), read(second))),
        Turn("A long list.", (bash("seq 1 6000"),)),
        Turn("I read it again.", (read(first),)),
        Turn("And again.", (read(first), bash("echo between"))),
        Turn("The list once more.", (bash("seq 1 6000"),)),
        Turn(
            "An edit.", (Tool("Edit", {"file_path": str(first), "old_string": "first 7 =", "new_string": "first_7 ="}),)
        ),
        Turn("A last look.", (read(first, offset=1, limit=20),)),
        Turn("That is done."),
    )
    run = claude.headless("Work on the first file")
    assert 0 == run.returncode
    (transcript,) = claude.transcripts()
    return transcript


def prune(transcript: Path, keep_recent: int = 2) -> tuple[Analysis, Plan, Fork]:
    looked_at = analysis.analyse(str(transcript), keep_recent)
    plan = looked_at.plan
    made = fork.write(str(transcript), looked_at.graph, plan.stubs, str(uuid.uuid4()), keep_recent)
    return looked_at, plan, made


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_pairs(exchange: Exchange) -> None:
    """Every call in a request is answered right after it, by one result that is not empty."""
    messages = exchange.body["messages"]
    for place, message in enumerate(messages):
        content = message["content"] if isinstance(message["content"], list) else []
        asked = [block["id"] for block in content if block["type"] == "tool_use"]
        assert all(block.get("text") != "" for block in content if block["type"] == "text")
        if asked:
            after = messages[place + 1]["content"]
            answers = {block["tool_use_id"]: block["content"] for block in after if block["type"] == "tool_result"}
            assert sorted(asked) == sorted(answers)
            assert all(answers.values())


def test_the_measured_total_is_what_was_billed(claude: Claude, stand_in: StandIn, billing: Billing) -> None:
    """What is used is what the last request was billed, and the parts make it; reads take what they are long."""
    whole = analysis.analyse(str(worked(claude, billing))).composition

    last = stand_in.exchanges("main")[-1]
    assert size_of(last.body) == whole.total_tokens == sum(part.tokens for part in whole.parts)
    assert "measured" == whole.source
    reads = sum(part.tokens for part in whole.parts if part.part == "file_reads")
    sent = [
        block["content"]
        for message in last.body["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_result" and "compute(" in str(block["content"])
    ]
    assert reads == pytest.approx(len(json.dumps(sent)) / CHARACTERS_PER_TOKEN, rel=0.05)


def test_a_pruned_copy_is_resumed_and_is_smaller_by_what_was_promised(
    claude: Claude, stand_in: StandIn, billing: Billing
) -> None:
    """The copy goes on where the original stopped, with valid pairs and stubs; the original is not touched."""
    original = worked(claude, billing)
    before = checksum(original)
    _, plan, made = prune(original)

    billing.script(Turn("On it."), Turn("On it."))
    resumed = claude.headless("Go on", "--resume", made.session_id)
    after_pruning = stand_in.exchanges("main")[-1]
    untouched = checksum(original)
    claude.headless("Go on", "--resume", original.stem)
    without = stand_in.exchanges("main")[-1]

    assert (0, "On it.", made.session_id) == (
        resumed.returncode,
        resumed.result["result"],
        resumed.result["session_id"],
    )
    assert before == untouched
    promised = plan.tokens_before - plan.tokens_after
    assert promised > 10_000
    assert size_of(without.body) - size_of(after_pruning.body) == pytest.approx(promised, rel=0.1)
    assert made.stubs == after_pruning.text.count(STUB_MARK) == len(plan.left_out)
    assert 0 == without.text.count(STUB_MARK)
    assert_pairs(after_pruning)
    assert [message["role"] for message in without.body["messages"]] == [
        message["role"] for message in after_pruning.body["messages"]
    ]


def test_a_stubbed_file_can_be_read_and_edited_again(claude: Claude, stand_in: StandIn, billing: Billing) -> None:
    """The stub tells the truth: the client hands the file out again, and edits it."""
    original = worked(claude, billing)
    _, _, made = prune(original, keep_recent=0)
    first = claude.project / "first.py"

    billing.script(
        Turn("Again.", (read(first),)),
        Turn("Edit.", (Tool("Edit", {"file_path": str(first), "old_string": "first 9 =", "new_string": "first_9 ="}),)),
        Turn("Done."),
    )
    run = claude.headless("Go on", "--resume", made.session_id)

    assert "Done." == run.result["result"]
    assert "first_9 =" in first.read_text()
    assert "first 599 = compute(599)" in stand_in.exchanges("main")[-1].text


def test_a_copy_can_be_pruned_and_resumed_again(claude: Claude, stand_in: StandIn, billing: Billing) -> None:
    """A copy that went on is a session like any other."""
    _, _, made = prune(worked(claude, billing))
    second = claude.project / "second.py"
    billing.script(Turn("Once more.", (read(second),)), Turn("Seen."), Turn("Here I am."))
    claude.headless("Go on", "--resume", made.session_id)

    _, plan, again = prune(Path(made.path), keep_recent=0)
    run = claude.headless("And now?", "--resume", again.session_id)

    assert plan.stubs
    assert "Here I am." == run.result["result"]
    assert_pairs(stand_in.exchanges("main")[-1])


def test_what_a_compaction_preserved_is_read_in_the_copy(claude: Claude, stand_in: StandIn, billing: Billing) -> None:
    """After a compaction the client sends the same of the copy as of the original, stubs aside."""
    big = claude.project / "big.py"
    big.write_text("".join(f"line {number} of a large file\n" for number in range(700)))
    billing.script(
        Turn("Looking.", (read(big),)),
        Turn("First words."),
        Turn("Looking further.", (read(big, offset=20, limit=300),)),
        Turn("Last words."),
        Turn("Reading.", (read(big),)),
        Turn("All read."),
        Turn("Again.", (read(big, limit=690),)),
        Turn("Seen."),
    )
    with claude.terminal(columns=120, lines=50) as terminal:
        for prompt, answer in (
            ("Look at it", "First words."),
            ("Look further", "Last words."),
            ("/compact", "Compacted"),
            ("Read it", "All read."),
            ("Read it again", "Seen."),
        ):
            terminal.submit(prompt)
            terminal.wait_for(answer)
        terminal.quit()
    (original,) = claude.transcripts()
    graph = chain.read_graph(str(original))
    boundary = graph.chain().boundary
    assert boundary is not None
    assert boundary.preserved

    _, plan, made = prune(original, keep_recent=0)
    claude.headless("Go on", "--resume", made.session_id)
    copied = stand_in.exchanges("main")[-1]
    claude.headless("Go on", "--resume", original.stem)
    whole = stand_in.exchanges("main")[-1]

    assert plan.stubs
    assert [message["role"] for message in whole.body["messages"]] == [
        message["role"] for message in copied.body["messages"]
    ]
    assert "Last words." in copied.text
    assert_pairs(copied)


def test_steering_reaches_the_summariser_and_the_essentials_what_comes_after(
    claude: Claude, stand_in: StandIn, billing: Billing
) -> None:
    """What PreCompact prints ends up in the summariser's instructions; SessionStart's words in the next request."""
    claude.make_git_repository()
    steers, reminds = claude.recorder(), claude.recorder()
    claude.write_settings({"hooks": hooks(PreCompact=steers, SessionStart=reminds)})
    billing.script(
        Turn("We decided to keep tabs.", (Tool("Write", {"file_path": str(claude.project / "a.py"), "content": "x"}),)),
        Turn("Written."),
        Turn("Going on."),
    )
    with claude.terminal(columns=120, lines=50) as terminal:
        terminal.submit("Build the parser of the little language")
        terminal.wait_for("Written.")
        told = analysis.read_brief(str(_written(claude, b"Written.")))
        seen = git.look(told.folder)
        text, essentials = steering.instructions(told, seen), steering.essentials(told, seen)
        # A recorder reads its reply when it is called.
        Path(steers["args"][-1]).write_text(text, encoding="utf-8")
        reply = {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": essentials}}
        Path(reminds["args"][-1]).write_text(json.dumps(reply), encoding="utf-8")
        terminal.submit("/compact keep it short")
        terminal.wait_for("Compacted")
        terminal.submit("Go on then")
        terminal.wait_for("Going on.")
        terminal.quit()

    (summariser,) = stand_in.exchanges("compaction")
    assert text in summariser.text
    assert "Objective:\n- Build the parser of the little language" in text
    assert "We decided to keep tabs." in text
    assert "a.py (1 edit, not committed)" in text
    assert essentials in stand_in.exchanges("main")[-1].text


def _written(claude: Claude, content: bytes) -> Path:
    """The only transcript, once it holds this: the client writes it a moment later than it shows it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        (transcript,) = claude.transcripts()
        if content in transcript.read_bytes():
            return transcript
        time.sleep(0.02)
    raise TimeoutError(content)
