"""What a run's files say is read back as it was, whatever was in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.errors import UserError
from watchkeeper.executor.outcome import Outcome
from watchkeeper.executor.run_record import RunRecord, Snapshot, from_checkpoint, to_checkpoint
from watchkeeper.executor.task import Task

SNAPSHOT = Snapshot(NOON, 10, None, None, 2.1, 78.5, "warm")
moments = st.integers(0, 10**9).map(lambda ms: NOON + ms / 1000)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
outcomes = st.builds(
    Outcome,
    st.just("t"),
    st.sampled_from(["waiting", "running", "done", "failed", "interrupted", "skipped", "deferred"]),
    texts,
    st.integers(0, 9),
    st.none() | moments,
    st.integers(0, 10**7).map(lambda ms: ms / 1000),
    st.none() | st.integers(0, 10**9),
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 100),
    texts,
    st.booleans(),
    texts,
)


@given(outcomes, moments, texts, texts, st.integers(0, 10**9), st.booleans())
def test_round_trip(outcome: Outcome, at: float, prompt: str, reason: str, used: int, is_over: bool) -> None:
    """A checkpoint that is written and read is the run that it was made from."""
    task = Task(id="t", prompt=f"do {prompt}", priority="low", phase="one")
    record = RunRecord("run-1", at, "tasks.toml", (task,), {"t": outcome}, used, reason, is_over)
    found = from_checkpoint(json.loads(json.dumps(to_checkpoint(record, SNAPSHOT, at + 60))), "c")

    assert record.started_at == pytest.approx(found.started_at, abs=0.002)
    started = found.outcomes["t"].started_at
    assert (outcome.started_at is None) == (started is None)
    assert record._replace(started_at=0, outcomes={"t": outcome._replace(started_at=None)}) == found._replace(
        started_at=0, outcomes={"t": found.outcomes["t"]._replace(started_at=None)}
    )


@pytest.mark.parametrize("data", [None, [], {}, {"version": 1}, {"version": 1, "tasks": [{}], "outcomes": [{}]}])
def test_what_is_no_checkpoint_is_a_sentence(data: Any) -> None:
    """A file that holds something else is refused, and so is one of a newer version."""
    with pytest.raises(UserError, match="no checkpoint"):
        from_checkpoint(data, "c")
    with pytest.raises(UserError, match="newer Watchkeeper"):
        from_checkpoint({"version": 99}, "c")


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("outcomes", {"state": "asleep"}),
        ("outcomes", {"duration_seconds": float("inf")}),
        ("outcomes", {"tries": float("inf")}),
        ("outcomes", {"task_id": "u"}),
        ("tasks", {"after": ["u"]}),
    ],
    ids=["state", "duration", "tries", "other task", "dependency"],
)
def test_a_checkpoint_that_was_edited_wrongly_is_refused(part: str, changed: dict[str, Any]) -> None:
    """What no run could have written is no checkpoint: nothing is run by it, and nothing is counted as done."""
    record = RunRecord("run-1", NOON, "", (Task(id="t", prompt="x"),), {"t": Outcome("t")})
    data = to_checkpoint(record, SNAPSHOT, NOON)
    data[part][0] |= changed
    with pytest.raises(UserError, match="no checkpoint"):
        from_checkpoint(data, "c")


def test_a_task_twice_is_refused() -> None:
    """A checkpoint that lists a task twice is none."""
    record = RunRecord("run-1", NOON, "", (Task(id="t", prompt="x"),), {"t": Outcome("t")})
    data = to_checkpoint(record, SNAPSHOT, NOON)
    data["tasks"] *= 2
    with pytest.raises(UserError, match="no checkpoint"):
        from_checkpoint(data, "c")
