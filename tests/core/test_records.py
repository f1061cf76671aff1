"""Tests of core/records.py: what a line of a transcript says, however it was written and whatever is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.processes import PythonRunner
from tests.support.tree import LIBRARY
from tests.transcripts.samples import json_values, line, odd_records, progress, response, spelled
from watchkeeper.core.records import (
    MAIN,
    PROGRESS,
    SIDECHAIN,
    Compaction,
    Cost,
    LimitHit,
    Response,
    epoch_of,
    fact_of,
    may_matter,
    read_lines,
    usage_counts,
)

if TYPE_CHECKING:
    from watchkeeper.core.records import Fact

COMPACTION = {
    "type": "system",
    "subtype": "compact_boundary",
    "sessionId": "s1",
    "timestamp": "2026-11-20T12:00:00Z",
    "compactMetadata": {"trigger": "auto", "preTokens": 155_000, "postTokens": 9_000},
}
COST = {"type": "cost-state", "sessionId": "s1", "totalCostUSD": 0.25}
REFUSAL = response(
    "e1",
    (0, 0, 0, 0),
    model="<synthetic>",
    isApiErrorMessage=True,
    error="rate_limit",
    content=[{"type": "text", "text": "You've hit your session limit · resets 3:45pm (UTC)"}],
)
FACTS: dict[str, dict[str, Any]] = {
    "response": response("m1", (1, 2, 3, 4)),
    "sub-agent's response": response("m1", (1, 2, 3, 4), isSidechain=True, agentId="a1"),
    "progress": progress("m1", (1, 2, 3, 4)),
    "compaction": COMPACTION,
    "cost": COST,
    "refusal": REFUSAL,
}


def facts_in(*lines: bytes, in_agent_file: bool = False) -> list[Fact]:
    return read_lines(lines, "file's session", in_agent_file)[0]


def response_in(*lines: bytes, in_agent_file: bool = False) -> Response:
    (fact,) = facts_in(*lines, in_agent_file=in_agent_file)
    assert isinstance(fact, Response)
    return fact


@pytest.mark.parametrize("record", FACTS.values(), ids=FACTS)
@given(data=st.data())
def test_no_spelling_hides_a_fact(record: dict[str, Any], data: st.DataObject) -> None:
    """Whatever the spacing, the order of keys and the escapes, a line with a fact is taken and says the same."""
    expected = fact_of(record, "file's session", in_agent_file=False)
    spelling = data.draw(spelled(record))

    assert expected is not None
    assert may_matter(spelling)
    assert [expected] == facts_in(spelling)


@given(odd_records() | json_values(), st.booleans())
def test_no_value_is_an_error(record: Any, in_agent_file: bool) -> None:
    """Wrong types anywhere give a fact that the ledger can store, or none."""
    for fact in facts_in(line(json.loads(json.dumps(record))), in_agent_file=in_agent_file) if _is_text(record) else []:
        for value in fact:
            assert isinstance(value, (str, int, float, tuple))
            if isinstance(value, str):
                value.encode("utf-8")
            if isinstance(value, int):
                assert 0 <= value < 2**63


@given(st.binary(max_size=200), st.sampled_from(list(FACTS.values())), st.binary(max_size=200))
def test_bytes_around_a_record_are_no_error(before: bytes, record: dict[str, Any], after: bytes) -> None:
    """Any bytes before and after a record on its line are survived."""
    facts, unreadable = read_lines([before + line(record)[:-1] + after], "s", in_agent_file=False)

    assert 0 <= unreadable <= 1
    assert len(facts) <= 2


def test_a_response_as_clients_write_it() -> None:
    """Every field comes from where the client keeps it."""
    content = [{"type": "text", "text": "x"}, {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}]
    record = response("m1", (1, 2, 3, 4), NOON, content=content, agentId="a1")

    expected = Response(
        message_id="m1",
        rank=MAIN,
        session_id="s1",
        agent_id="a1",
        model="claude-opus-5-5",
        at=NOON,
        input_tokens=1,
        output_tokens=2,
        cache_creation_input_tokens=3,
        cache_read_input_tokens=4,
        cwd="/home/dev/project",
        tool_uses=(("toolu_1", "Bash"),),
    )
    assert expected == response_in(line(record))
    assert 8 == expected.context_tokens


@pytest.mark.parametrize(
    ("record", "in_agent_file", "rank"),
    [
        pytest.param(response("m1", (1, 1, 1, 1)), False, MAIN, id="main"),
        pytest.param(response("m1", (1, 1, 1, 1), isSidechain=True), False, SIDECHAIN, id="inline sidechain"),
        pytest.param(response("m1", (1, 1, 1, 1)), True, SIDECHAIN, id="agent's own file"),
        pytest.param(progress("m1", (1, 1, 1, 1)), False, PROGRESS, id="progress"),
        pytest.param(progress("m1", (1, 1, 1, 1)), True, PROGRESS, id="progress in an agent's file"),
    ],
)
def test_rank_says_what_a_copy_is_worth(record: dict[str, Any], in_agent_file: bool, rank: int) -> None:
    """A session's own record ranks above a sub-agent's, and that above one inside a progress record."""
    assert rank == response_in(line(record), in_agent_file=in_agent_file).rank


@pytest.mark.parametrize(
    ("changes", "session_id"),
    [
        pytest.param({}, "s1", id="the record's session"),
        pytest.param({"sessionId": None}, "file's session", id="the file's, where it names none"),
        pytest.param({"sessionId": "s2", "forkedFrom": {"sessionId": "s1"}}, "s1", id="the one it was copied from"),
        pytest.param({"sessionId": "s2", "forkedFrom": None}, "s2", id="no origin after all"),
    ],
)
def test_a_response_belongs_to_the_session_that_made_it(changes: dict[str, Any], session_id: str) -> None:
    """A record says whose it is; a copy in a forked session says whose it was."""
    assert session_id == response_in(line(response("m1", (1, 1, 1, 1), **changes))).session_id


@pytest.mark.parametrize("missing", ["id", "requestId"])
def test_missing_ids_fall_back(missing: str) -> None:
    """Without a message id the request's stands in, and without a request id the message is the same."""
    record = response("m1", (1, 1, 1, 1))
    (record["message"] if missing == "id" else record).pop(missing)

    assert {"id": "req_m1", "requestId": "m1"}[missing] == response_in(line(record)).message_id


def test_usage_elsewhere_is_no_response() -> None:
    """What a tool reports of its own use, and a refusal without use, are no responses."""
    result = {"type": "user", "toolUseResult": {"type": "assistant", "usage": {"input_tokens": 9}}, "sessionId": "s1"}
    error = response("e1", (0, 0, 0, 0), model="<synthetic>", content=[{"type": "text", "text": "API Error: 529"}])

    assert [] == facts_in(line(result), line(error))


def test_other_facts() -> None:
    """Compactions, costs and refusals are read as they are written."""
    assert [
        Compaction("s1", NOON, "auto", 155_000, 9_000),
        Cost("s1", 0.0, 0.25),
        LimitHit("s1", NOON, "You've hit your session limit · resets 3:45pm (UTC)"),
    ] == facts_in(line(COMPACTION), line(COST), line(REFUSAL))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param({"input_tokens": 1, "output_tokens": 2}, (1, 2, 0, 0), id="missing is zero"),
        pytest.param(
            {"input_tokens": None, "output_tokens": "7", "cache_read_input_tokens": True}, (0,) * 4, id="null"
        ),
        pytest.param(
            {"cache_creation_input_tokens": 30, "cache_creation": {"ephemeral_5m_input_tokens": 0}},
            (0, 0, 30, 0),
            id="the split of cache creation does not count",
        ),
        pytest.param(
            {"input_tokens": 0, "iterations": [{"input_tokens": 1, "output_tokens": 2}, {"output_tokens": 3}, None]},
            (1, 5, 0, 0),
            id="iterations, where all else is zero",
        ),
        pytest.param({"output_tokens": 1, "iterations": [{"output_tokens": 9}]}, (0, 1, 0, 0), id="no iterations else"),
        pytest.param({"input_tokens": 12.0, "output_tokens": 1e300}, (12, 0, 0, 0), id="numbers of other kinds"),
        pytest.param({"input_tokens": -1, "output_tokens": 10**15}, (0,) * 4, id="no number of tokens"),
        pytest.param({"iterations": {}}, (0,) * 4, id="iterations of another kind"),
    ],
)
def test_usage_counts(usage: dict[str, Any], expected: tuple[int, ...]) -> None:
    """The four kinds of a usage object, whatever is missing or wrong in it."""
    assert expected == usage_counts(usage)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T12:00:00.000Z", NOON),
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T13:30:00+01:30", NOON),
        ("2026-11-20T12:00:00", NOON),
        ("2026-11-20T12:00:00.123Z", NOON + 0.123),
        ("yesterday", 0.0),
        ("9999-12-31T23:59:59-23:59", 0.0),
        (None, 0.0),
        (1_795_176_000, 0.0),
    ],
)
def test_epoch_of(text: object, expected: float) -> None:
    """Times are read in every form the client has used; anything else is no time and no error."""
    assert expected == epoch_of(text)


@pytest.mark.parametrize("between", [b"", b" ", b"\r"], ids=["nothing", "a blank", "a carriage return"])
def test_two_records_on_one_line(between: bytes) -> None:
    """Where a newline was lost, both records count."""
    one, other = (line(response(name, (1, 1, 1, 1)))[:-1] for name in ("m1", "m2"))
    facts, unreadable = read_lines([one + between + other], "s", in_agent_file=False)

    assert (["m1", "m2"], 0) == ([fact[0] for fact in facts], unreadable)


@pytest.mark.parametrize("cut", [10, 60, 250])
def test_a_record_after_one_that_was_cut_off(cut: int) -> None:
    """After a crash the next record stands behind the beginning of one; it counts, and the parts before it do not."""
    whole = line(response("m2", (1, 1, 1, 1)))[:-1]
    facts, unreadable = read_lines([line(response("m1", (9, 9, 9, 9)))[:cut] + whole], "s", in_agent_file=False)

    assert (["m2"], 0) == ([fact[0] for fact in facts], unreadable)


def test_unreadable_lines_are_counted() -> None:
    """A line that could have mattered and cannot be read is counted, one that is still being written is not."""
    half = line(response("m1", (1, 1, 1, 1)))[:-20]

    assert 1 == read_lines([half, b"{}"], "s", in_agent_file=False)[1]
    assert 0 == read_lines([b"{}", half], "s", in_agent_file=False)[1]
    assert 1 == read_lines([b"{}", half + b"}"], "s", in_agent_file=False)[1]
    assert 0 == read_lines([b"no record", b"\x00"], "s", in_agent_file=False)[1]


@pytest.mark.parametrize(
    ("old", "new", "survives"),
    [
        pytest.param(b"Done", b"\xff\xfe", True, id="invalid UTF-8"),
        pytest.param(b"Done", b"\\ud800", True, id="lone surrogate"),
        pytest.param(b"Done", b"\\u0000", True, id="NUL, escaped"),
        pytest.param(b"Done", b"\x00", False, id="NUL"),
        pytest.param(b'"version"', b'"deep":' + b"[" * 400 + b"]" * 400 + b',"version"', True, id="nested"),
        pytest.param(b'"version"', b'"deep":' + b"[" * 100_000 + b',"version"', False, id="nested too deep"),
        pytest.param(b'"version"', b'"huge":' + b"9" * 400 + b',"version"', True, id="huge number"),
        pytest.param(b"Done", b"x" * 2_000_000, True, id="2 MB"),
    ],
)
def test_hostile_lines(old: bytes, new: bytes, survives: bool) -> None:
    """What is odd in one value spoils no other; what is no JSON at all is counted."""
    facts, unreadable = read_lines([line(response("m1", (1, 2, 3, 4))).replace(old, new)], "s", in_agent_file=False)

    assert (1, 0) == (len(facts), unreadable) if survives else (0, 1) == (len(facts), unreadable)


def test_hooks_survive_them_too(run_python: PythonRunner) -> None:
    """In a process that has not imported the json package, as a hook has not, a line that is no JSON is counted."""
    script = f"""if True:
        import sys
        sys.path.insert(0, {str(LIBRARY.parent)!r})
        from watchkeeper.core.records import read_lines
        for line in (b'{{"assistant" 1}}', b'{{"assistant":"\\\\q"}}', b'["assistant",]', b'{{"assistant"'):
            print(read_lines([line, b""], "s", False))
    """

    done = run_python("-I", "-S", "-c", script)

    assert (["([], 1)"] * 4, "") == (done.stdout.splitlines(), done.stderr)


def test_texts_are_short_and_storable() -> None:
    """A text of the record's is cut, and a surrogate in it replaced."""
    text = response_in(line(response("m" * 600, (1, 1, 1, 1), cwd="/a")).replace(b'"/a"', b'"/\\ud800"'))

    assert ("m" * 512, "/?") == (text.message_id, text.cwd)


def _is_text(value: Any) -> bool:
    # What holds a surrogate cannot be written into a transcript as UTF-8.
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
