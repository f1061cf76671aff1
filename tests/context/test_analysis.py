"""One look at a transcript agrees with what is known of it, on every published one."""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.context.sizes import sizes_before_compactions
from tests.context.transcript import SESSION, Transcript, numbered
from tests.transcripts.samples import SHARED, needs_shared
from watchkeeper.context import analysis, pruning, steering
from watchkeeper.transcripts import fork

TRANSCRIPTS = SHARED / "transcripts"
NEW = "11111111-2222-4333-8444-555555555555"


def published() -> Iterator[Path]:
    yield from sorted(path for path in TRANSCRIPTS.rglob("*.jsonl"))


def last_context_tokens(path: Path) -> int | None:
    """What the last main-thread response read, found in the plainest way there is; None if a compaction came later."""
    found = None
    for line in path.read_bytes().split(b"\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if not isinstance(record, dict):
            continue
        if record.get("subtype") == "compact_boundary":
            found = None
        message = record.get("message")
        if record.get("type") == "assistant" and not record.get("isSidechain") and isinstance(message, dict):
            usage: dict[str, Any] = message.get("usage") or {}
            kinds = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
            tokens = sum(usage.get(kind) or 0 for kind in kinds)
            if tokens and message.get("model") != "<synthetic>":
                found = tokens
    return found


@needs_shared
def test_parts_add_up_to_what_the_last_response_read() -> None:
    """On every published transcript the total is the last response's, and the parts make it, to the token."""
    measured, rewound = 0, []
    for path in published():
        whole = analysis.analyse(str(path)).composition
        expected = last_context_tokens(path)

        assert whole.total_tokens == sum(part.tokens for part in whole.parts), path.name
        assert min(part.tokens for part in whole.parts) >= 0 if whole.parts else True, path.name
        if expected is not None and whole.source == "estimated":
            # The conversation went on from a point before any response.
            rewound.append(path.name)
        elif expected is not None:
            assert (expected, "measured") == (whole.total_tokens, whole.source), path.name
            measured += 1

    assert measured > 100
    assert len(rewound) <= 3


@needs_shared
def test_little_is_left_unexplained() -> None:
    """What is in no part of the transcript is a small share of all real contexts together."""
    rest = total = 0
    for path in published():
        whole = analysis.analyse(str(path)).composition
        total += whole.total_tokens
        rest += sum(part.tokens for part in whole.parts if part.part == "rest")

    assert rest / total < 0.01


@needs_shared
def test_sizes_before_compactions_are_the_clients() -> None:
    """What is reckoned right before each compaction is what the client noted, to half a percent in the median."""
    sizes = [pair for path in published() for pair in sizes_before_compactions(str(path))]

    errors = [abs(reckoned - noted) / noted for noted, reckoned in sizes]
    assert len(errors) >= 12
    assert statistics.median(errors) < 0.005


@needs_shared
@pytest.mark.parametrize("keep_recent", [10, 0])
def test_pruned_copies_of_real_transcripts_are_faithful(tmp_path: Path, keep_recent: int) -> None:
    """Every published conversation can be copied with all that can be left out left out."""
    copied = pruned = 0
    for path in published():
        source = shutil.copyfile(path, tmp_path / path.name)
        looked_at = analysis.analyse(str(source), keep_recent)
        if not looked_at.chain.leaf:
            continue
        plan = pruning.plan(looked_at.candidates, looked_at.composition.total_tokens, str(source))

        made = Path(fork.write(str(source), looked_at.graph, plan.stubs, NEW, keep_recent).path)

        copied += 1
        pruned += bool(plan.stubs)
        assert plan.tokens_after <= plan.tokens_before
        made.unlink()
        source.unlink()

    assert copied >= 100
    assert pruned >= (70 if keep_recent else 100)


@needs_shared
def test_real_sessions_have_inert_briefs() -> None:
    """Whatever was said in a real session, the words that steer its compaction are bounded and cannot act."""
    for path in published():
        told = analysis.read_brief(str(path))
        text, essentials = steering.instructions(told, None), steering.essentials(told, None)

        assert len(text) <= steering.LONGEST_INSTRUCTIONS
        assert len(essentials) <= steering.LONGEST_ESSENTIALS
        assert not text or (text + essentials).replace("\n", "").isprintable()
        assert not text.startswith("{")


def test_a_pruned_copy_reads_as_was_promised(tmp_path: Path) -> None:
    """Looked at again, the copy has stubs where results were, and nothing more to prune."""
    told = Transcript()
    told.prompt("Read")
    told.read(20_000, "/home/dev/project/a.py", numbered(300))
    told.read(24_000, "/home/dev/project/a.py", numbered(300))
    told.bash(28_000, "make all", numbered(400, "step"))
    told.bash(33_000, "ls", "a.py")
    told.respond(33_100, "Done")
    path = str(told.write(tmp_path))
    looked_at = analysis.analyse(path, 1)
    plan = pruning.plan(looked_at.candidates, looked_at.composition.total_tokens, path)

    made = fork.write(path, looked_at.graph, plan.stubs, NEW, 1)

    again = analysis.analyse(made.path, 1)
    assert 2 == made.stubs == len(plan.left_out)
    assert [] == again.candidates
    assert [len(looked_at.reading.items), len(looked_at.reading.results)] == [
        len(again.reading.items),
        len(again.reading.results),
    ]


def test_the_brief_reaches_back_before_compactions(tmp_path: Path) -> None:
    """What was asked first is not forgotten because the context was compacted since."""
    told = Transcript()
    told.prompt("Build the parser")
    told.respond(150_000, "Built")
    told.compact(150_000, "What was said.", [str(told.last)])
    told.prompt("Now the tests")

    found = analysis.read_brief(str(told.write(tmp_path)))

    assert ("Build the parser", ("Build the parser", "Now the tests")) == (found.objective, found.asked)


def test_how_long_the_cache_lasts(tmp_path: Path) -> None:
    """The context is at hand for as long as the last response's cache, not longer, and not before it."""
    told = Transcript()
    told.prompt("Hello")
    told.respond(20_000, "Hello")
    found = analysis.analyse(str(told.write(tmp_path)))

    at = found.measured_at
    assert [False, True, False] == [found.is_cached(at + seconds) for seconds in (-1, 299, 300)]
    assert str(tmp_path / f"{SESSION}.jsonl") == found.path


def pruned(path: Path, session_id: str, keep_recent: int) -> tuple[pruning.Plan, Path]:
    """The plan and the file of a copy."""
    found = analysis.analyse(str(path), keep_recent)
    made = fork.write(str(path), found.graph, found.plan.stubs, session_id, keep_recent)
    return found.plan, Path(made.path)


def test_a_copy_holds_what_was_promised_before_anything_was_said_in_it(tmp_path: Path) -> None:
    """The sizes that were measured before the pruning are those of the original; a copy's is less by what it freed."""
    told = Transcript()
    told.prompt("Read on")
    for number in range(4):
        told.read(20_000 + 5_000 * number, f"/src/{number}.py", numbered(400))
    told.respond(40_000, "Read.")
    plan, copy = pruned(told.write(tmp_path), NEW, keep_recent=1)

    found = analysis.analyse(str(copy), keep_recent=0)

    assert 40_000 == plan.tokens_before
    assert (3, "estimated") == (len(plan.left_out), found.composition.source)
    assert found.composition.total_tokens == pytest.approx(plan.tokens_after, rel=0.01)
    assert found.composition.total_tokens == sum(part.tokens for part in found.composition.parts)


def test_a_copy_of_a_copy_leaves_out_what_is_whole(tmp_path: Path) -> None:
    """What was left out already is promised no second time, and the sizes add up from copy to copy."""
    told = Transcript()
    told.prompt("Read on")
    for number in range(4):
        told.read(20_000 + 5_000 * number, f"/src/{number}.py", numbered(400))
    told.respond(40_000, "Read.")
    first, copy = pruned(told.write(tmp_path), NEW, keep_recent=1)

    second, again = pruned(copy, NEW.replace("1", "2"), keep_recent=0)

    assert (3, 1) == (len(first.left_out), len(second.left_out))
    assert second.tokens_before == pytest.approx(first.tokens_after, rel=0.01)
    assert analysis.analyse(str(again), 0).composition.total_tokens == pytest.approx(second.tokens_after, rel=0.01)


def test_what_is_said_in_a_copy_measures_it(tmp_path: Path) -> None:
    """The first response of a copy's own tells its size exactly; the stubs are as small as they are."""
    told = Transcript()
    told.prompt("Read on")
    for number in range(4):
        told.read(20_000 + 5_000 * number, f"/src/{number}.py", numbered(400))
    told.respond(40_000, "Read.")
    plan, copy = pruned(told.write(tmp_path), NEW, keep_recent=1)
    told.prompt("Go on")
    told.respond(26_000, "Gone on.")
    first, second = told.records[-2:]
    first["parentUuid"] = analysis.analyse(str(copy)).chain.leaf
    with copy.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({**record, "sessionId": NEW}) + "\n" for record in (first, second))

    whole = analysis.analyse(str(copy)).composition

    assert (26_000, "measured") == (whole.total_tokens, whole.source)
    spare = {named.name: named.tokens for named in whole.files}
    assert max(spare[f"/src/{number}.py"] for number in range(3)) < 300
    assert spare["/src/3.py"] > 3_000
    assert 26_000 < plan.tokens_before
