"""What is learned of tasks: from the same one first, of others only where enough is known, and what is said counts."""

from __future__ import annotations

import pytest

from tests.support.clock import NOON
from watchkeeper.core.ledger import Transaction
from watchkeeper.executor import ResourceManager, Task
from watchkeeper.executor.learning import Learned, learned, record

PROMPT = Task(id="a", prompt="x", project="/p")
COMMAND = Task(id="c", command=("make",), project="/p")


@pytest.fixture
def manager(manager: ResourceManager) -> ResourceManager:
    """Knows of three prompts of medium complexity, and of one command."""
    with Transaction(manager.ledger.state) as db:
        for number, (tokens, duration_s) in enumerate(((1_000, 60.0), (9_000, 540.0), (3_000, 240.0))):
            record(db, Task(id=f"t{number}", prompt="x", project="/p"), tokens, duration_s, NOON + number)
        record(db, Task(id="d", command=("ls",), project="/p"), None, 7_200.0, NOON + 3)
    return manager


def test_others_of_its_complexity(manager: ResourceManager) -> None:
    """Of a prompt that never ran the middle of at least three alike is taken, in which no command counts."""
    assert Learned(3_000, 240.0) == learned(manager.ledger.state, PROMPT)
    assert Learned() == learned(manager.ledger.state, PROMPT.model_copy(update={"complexity": "simple"}))


def test_itself_comes_first(manager: ResourceManager) -> None:
    """What the very task took in its project counts more than what others did, be it one run or several."""
    seen = []
    for number, (tokens, duration_s) in enumerate(((700, 30.0), (1_150, 75.0))):
        with Transaction(manager.ledger.state) as db:
            record(db, PROMPT, tokens, duration_s, NOON + 10 + number)
        seen.append(learned(manager.ledger.state, PROMPT))

    assert [Learned(700, 30.0), Learned(925, 52.5)] == seen


def test_a_command_takes_as_long_as_it_took(manager: ResourceManager) -> None:
    """Of a command its own durations are known, never its tokens, and of one that never ran nothing."""
    before = learned(manager.ledger.state, COMMAND)
    with Transaction(manager.ledger.state) as db:
        record(db, COMMAND, None, 12.0, NOON + 9)

    assert (Learned(), Learned(None, 12.0)) == (before, learned(manager.ledger.state, COMMAND))


def test_what_is_said_counts_first(manager: ResourceManager) -> None:
    """A task that says what it takes is taken at its word; each figure has its own source."""
    said = manager.estimate(PROMPT.model_copy(update={"estimated_minutes": 3.0}))

    assert (3_000, "learned") == (said.estimated_tokens, said.tokens_source)
    assert (3.0, "stated") == (said.estimated_duration_minutes, said.duration_source)


def test_runs_from_before_durations_were_kept(manager: ResourceManager) -> None:
    """Where no duration was kept the tokens are learned all the same."""
    with Transaction(manager.ledger.state) as db:
        record(db, PROMPT, 700, 30.0, NOON + 9)
        db.execute("UPDATE task_runs SET duration_s = NULL WHERE task_id = 'a'")

    assert Learned(700, 240.0) == learned(manager.ledger.state, PROMPT)
