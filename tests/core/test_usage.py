"""Tests of core/usage.py: whatever the order, the parts and the repetitions, merging gives the same."""

from __future__ import annotations

import itertools
import pickle
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.core import usage
from watchkeeper.core.gathered import Gathered
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.core.records import MAIN, PROGRESS, SIDECHAIN, Compaction, Cost, LimitHit, Response
from watchkeeper.core.tail import Position

if TYPE_CHECKING:
    from watchkeeper.core.records import Fact

HOUR = 3600.0


def response(
    message_id: str = "m1",
    tokens: Sequence[int] = (1, 1, 1, 1),
    at: float = NOON,
    rank: int = MAIN,
    session_id: str = "s1",
    agent_id: str = "",
    model: str = "m",
    cwd: str = "/p",
    tool_uses: tuple[tuple[str, str], ...] = (),
) -> Response:
    inputs, outputs, creation, reads = tokens
    return Response(message_id, rank, session_id, agent_id, model, at, inputs, outputs, creation, reads, cwd, tool_uses)


responses = st.builds(
    response,
    st.sampled_from(["m1", "m2", "m3"]),
    # Few enough that copies are often alike in all but one thing.
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.just(1), st.integers(0, 1)),
    # A few minutes and many hours apart, and now and then without a time.
    st.just(0.0) | st.integers(1, 120).map(lambda step: step * 1000.0),
    st.sampled_from([PROGRESS, SIDECHAIN, MAIN]),
    st.sampled_from(["s1", "s2"]),
    st.sampled_from(["", "a1"]),
    st.sampled_from(["opus", "haiku"]),
)


@pytest.fixture(scope="module")
def shared_db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A ledger's usage file that every example of a law empties for itself: making one takes longer."""
    with Ledger(str(tmp_path_factory.mktemp("usage")), NOON) as ledger:
        ledger.usage.execute("PRAGMA synchronous=OFF")
        yield ledger.usage


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with Ledger(str(tmp_path), NOON) as ledger:
        yield ledger.usage


def merged(db: sqlite3.Connection, *batches: Sequence[Fact]) -> dict[str, list[Any]]:
    """What the ledger holds after the batches were merged one after the other, less who owns a response."""
    db.execute("BEGIN IMMEDIATE")
    for table in ("responses", "windows", "sessions", "agents", "compactions", "tool_calls"):
        db.execute(f"DELETE FROM {table}")
    for batch in batches:
        usage.merge_facts(db, batch)
    held = {
        "responses": "message_id, rank, agent_id, model, at, input_tokens, output_tokens,"
        " cache_creation_input_tokens, cache_read_input_tokens",
        "windows": "started_at",
        "sessions": "session_id, started_at, last_at, model, context_tokens, context_at, cost_usd, compacted_at",
        "agents": "agent_id, started_at, last_at",
        "compactions": "*",
    }
    found = {
        table: db.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()
        if "," in columns
        else db.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
        for table, columns in held.items()
    }
    db.execute("COMMIT")
    return found


@given(st.lists(responses, max_size=8), st.data(), st.sampled_from([1, 100]))
def test_order_parts_and_repetition_do_not_matter(
    shared_db: sqlite3.Connection, facts: list[Response], data: st.DataObject, many: int
) -> None:
    """Any order, any division into batches and any repetition of records give the same responses, windows, sessions."""
    again = data.draw(st.lists(st.sampled_from(facts), max_size=4)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    batches = [shuffled[start:end] for start, end in itertools.pairwise([0, *cuts, len(shuffled)])]

    with pytest.MonkeyPatch.context() as patch:
        # Few records are already history then.
        patch.setattr(usage, "_MANY", many)
        assert merged(shared_db, facts) == merged(shared_db, *batches)


@given(st.lists(responses, max_size=8), st.integers(0, 8))
def test_gathering_in_parts_is_gathering_at_once(facts: list[Response], cut: int) -> None:
    """What two processes gathered and joined is what one would have gathered, owners included."""
    whole, first, second = Gathered(), Gathered(), Gathered()
    for fact in facts:
        whole.add(fact)
    for part, of_part in ((first, facts[:cut]), (second, facts[cut:])):
        for fact in of_part:
            part.add(fact)
    first.join(pickle.loads(pickle.dumps(second)))

    assert vars(whole) == vars(first)


@given(st.lists(responses, max_size=8), st.integers(1, 4), st.sampled_from([1, 100]))
def test_windows_follow_from_responses(
    shared_db: sqlite3.Connection, facts: list[Response], size: int, many: int
) -> None:
    """A window starts at the first response after the one before has ended, and lasts five hours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage, "_MANY", many)
        held = merged(shared_db, *[facts[start : start + size] for start in range(0, len(facts), size)])
    expected: list[tuple[float]] = []
    for at in sorted(row[4] for row in held["responses"] if row[4] > 0):
        if not expected or at >= expected[-1][0] + usage.WINDOW_S:
            expected.append((at,))

    assert expected == held["windows"]


@pytest.mark.parametrize("many", [1, 100], ids=["as history", "as growth"])
def test_a_response_that_turns_out_earlier_moves_windows(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """When a copy shows that a response was made in the window before, the window it had opened starts later."""
    monkeypatch.setattr(usage, "_MANY", many)
    first, opening, next_ = NOON, NOON + 6 * HOUR, NOON + 7 * HOUR
    before = merged(db, [response("m1", at=first), response("m2", at=opening), response("m3", at=next_)])
    after = merged(
        db,
        [response("m1", at=first), response("m2", at=opening), response("m3", at=next_)],
        [response("m2", at=NOON + 4 * HOUR), response("m3", at=next_)],
    )

    assert [(first,), (opening,)] == before["windows"]
    assert [(first,), (next_,)] == after["windows"]


def test_many_responses_at_once_make_the_same_windows(shared_db: sqlite3.Connection) -> None:
    """History is chained from its beginning, also behind windows that are there."""
    facts = [response(f"m{number}", at=1000.0 + number * 0.9 * HOUR) for number in range(200)]
    one_by_one = merged(shared_db, *[[fact] for fact in facts])

    assert (
        one_by_one
        == merged(shared_db, facts)
        == merged(shared_db, facts[:3], facts[3:])
        == merged(shared_db, facts[100:], facts[:100])
    )
    assert 34 == len(one_by_one["windows"])


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        pytest.param([((1, 5, 0, 0), MAIN), ((1, 90, 0, 0), MAIN)], (1, 90, 0, 0), id="the last has the true output"),
        pytest.param([((1, 90, 0, 0), SIDECHAIN), ((1, 5, 0, 0), MAIN)], (1, 5, 0, 0), id="a replay does not count"),
        pytest.param([((1, 9, 0, 0), PROGRESS), ((1, 5, 0, 0), SIDECHAIN)], (1, 5, 0, 0), id="nor does progress"),
        pytest.param([((1, 9, 0, 0), PROGRESS), ((1, 12, 0, 0), PROGRESS)], (1, 12, 0, 0), id="unless it is alone"),
    ],
)
def test_of_several_copies_one_counts(
    db: sqlite3.Connection, copies: list[tuple[tuple[int, ...], int]], expected: tuple[int, ...]
) -> None:
    """The copy of highest rank counts, among equals the one with the most tokens."""
    facts = [response(tokens=tokens, rank=rank) for tokens, rank in copies]

    assert [expected] == [row[5:] for row in merged(db, facts)["responses"]]


def test_the_first_session_owns_a_copied_response(db: sqlite3.Connection) -> None:
    """A response that a resumed session copied stays with the session that was seen first."""
    for session_id in ("old", "new"):
        merged_rank = response(session_id=session_id, rank=MAIN, tokens=(1, 2, 3, 4))
        usage.merge_facts(db, [merged_rank])

    assert [("old",)] == db.execute("SELECT session_id FROM responses").fetchall()


def test_what_was_pruned_is_not_counted_again(db: sqlite3.Connection) -> None:
    """Responses, sessions and compactions before the pruned time are left out; what has no time is taken."""
    facts: list[Fact] = [
        response("old", at=NOON - 1, session_id="old", agent_id="old"),
        response("kept", at=NOON, session_id="kept"),
        response("undated", at=0.0, session_id="kept"),
        # Its records straddle the time: the earliest one decides.
        response("straddling", at=NOON - 1),
        response("straddling", at=NOON + 1),
        Compaction("old", NOON - 1, "auto", 1, 1),
        Cost("old", 0.0, 1.0),
        Cost("kept", 0.0, 2.0),
    ]
    usage.merge_facts(db, facts, pruned_before_at=NOON)

    assert [("kept",), ("undated",)] == db.execute("SELECT message_id FROM responses ORDER BY 1").fetchall()
    assert [("kept", 2.0), ("s1", None)] == db.execute(
        "SELECT session_id, cost_usd FROM sessions ORDER BY 1"
    ).fetchall()
    assert [] == db.execute("SELECT * FROM agents UNION ALL SELECT session_id, at, 0, 0 FROM compactions").fetchall()


def test_a_session_is_known_by_its_responses(db: sqlite3.Connection) -> None:
    """First time and folder, last time and model, and the context of the newest response of its main chain."""
    usage.merge_facts(
        db,
        [
            response("m2", (2, 1, 10, 100), NOON + 60, model="opus", cwd="/later"),
            response("m1", (1, 1, 1, 1), NOON, model="haiku", cwd="/first"),
            response("m3", (9, 9, 9, 9), NOON + 90, rank=SIDECHAIN, agent_id="a1", model="sonnet"),
        ],
    )
    row = usage.session_row(db, "s1")

    assert ("/first", NOON, NOON + 90, "sonnet") == (row["cwd"], row["started_at"], row["last_at"], row["model"])
    assert (112, NOON + 60) == (row["context_tokens"], row["context_at"])
    assert [("a1", "s1", NOON + 90, NOON + 90)] == db.execute("SELECT * FROM agents").fetchall()


def test_a_session_of_sub_agents_alone_has_no_context(db: sqlite3.Connection) -> None:
    """What a sub-agent read says nothing of how full its session's context is."""
    usage.merge_facts(db, [response(rank=SIDECHAIN)])
    row = usage.session_row(db, "s1")

    assert (None, None) == (row["context_tokens"], row["context_at"])


def test_a_sessions_cost_only_grows(db: sqlite3.Connection) -> None:
    """The client counts a session's cost on, so of several figures the highest is the latest."""
    usage.merge_facts(db, [Cost("s1", 0.0, 2.0), Cost("s1", 0.0, 3.0), Cost("s1", 0.0, 1.0)])
    usage.merge_facts(db, [Cost("s1", 0.0, 2.5)])

    assert 3.0 == usage.session_row(db, "s1")["cost_usd"]


def test_other_facts_change_no_figures(db: sqlite3.Connection) -> None:
    """A refusal is for those who read limits; merging it writes nothing."""
    usage.merge_facts(db, [LimitHit("s1", NOON, "limit")])

    assert {} == usage.session_row(db, "s1")


def test_sums_are_of_the_counted_kinds(db: sqlite3.Connection) -> None:
    """Tokens are summed over the kinds that count, in a span that its end is not part of."""
    usage.merge_facts(db, [response("m1", (1, 10, 100, 1000)), response("m2", (2, 20, 200, 2000), NOON + 1, model="n")])

    assert 111 == usage.counted_tokens(db, ["input", "output", "cache_creation"], "", NOON, NOON + 1)
    assert 3000 == usage.counted_tokens(db, ["cache_read"], "", NOON, NOON + 2)
    assert 0 == usage.counted_tokens(db, [], "", NOON, NOON + 2)
    assert {"m": 11, "n": 22} == usage.counted_tokens_by_model(db, ["input", "output"], "", NOON, NOON + 2)


def test_a_transcripts_position_comes_back(db: sqlite3.Connection) -> None:
    """Positions are stored as they were, and skipped lines are added up until the file is read anew."""
    position = Position(7, 100, 5, 90, b"\x00anchor")
    for skipped, restarted in ((2, False), (3, False), (1, True), (1, False)):
        usage.save_position(db, "/t.jsonl", "s1", position, skipped, restarted)

    assert position == usage.position_of(db, "/t.jsonl")
    assert [(2,)] == db.execute("SELECT skipped_lines FROM transcripts").fetchall()
    assert usage.position_of(db, "/absent.jsonl").offset == 0


def test_a_failed_transaction_leaves_nothing(db: sqlite3.Connection) -> None:
    """When one of an event's writes fails, none of them is there."""

    def merge_and_fail() -> None:
        with Transaction(db):
            usage.merge_facts(db, [response()])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        merge_and_fail()

    assert [] == db.execute("SELECT * FROM responses").fetchall()


@pytest.mark.parametrize(
    ("counted", "table", "tokens"),
    [
        pytest.param(["input"], "", 1, id="one"),
        pytest.param(["input", "output", "cache_creation", "cache_read"], "responses.", 1_111, id="all of a table"),
        pytest.param([], "", 0, id="none"),
        pytest.param(["output", "of another version"], "", 10, id="unknown ones are none"),
    ],
)
def test_counted_kinds_are_summed(db: sqlite3.Connection, counted: list[str], table: str, tokens: int) -> None:
    """The sum of a row has the kinds that count, and nothing of the others."""
    with Transaction(db):
        usage.merge_facts(db, [response(tokens=(1, 10, 100, 1_000))])

    assert (tokens,) == db.execute(f"SELECT {usage.counted_sum(counted, table)} FROM responses").fetchone()
