"""What kind of work is told from tools and from words."""

from __future__ import annotations

import pytest

from tests.estimates.session import Session
from watchkeeper.estimates.evidence import Evidence
from watchkeeper.estimates.stretches import stretches_in
from watchkeeper.estimates.task_type import by_words_alone, classify


def planned(session: Session) -> None:
    session.prompt("How would you design the sync? Explore the options first")
    session.reads(8)


def built(session: Session) -> None:
    session.prompt("Build the new export feature")
    session.reads(2)
    session.call("Write", {"file_path": "/p/src/export.py", "content": "line\n" * 80})
    session.edits(6, added="a\n" * 10)


def taken_apart(session: Session) -> None:
    session.prompt("Refactor: extract the helpers, rename them and split the module")
    for number in range(8):
        asked = {"file_path": f"/p/src/{number}.py", "old_string": "a\n" * 12, "new_string": "a\n" * 4}
        session.call("Edit", asked)


def proven(session: Session) -> None:
    session.prompt("Write tests for the parser, raise the coverage")
    session.reads(2)
    session.edits(6, path="/p/tests/test_parser.py")
    session.runs("pytest -q")


def repaired(session: Session) -> None:
    session.prompt("Why does the build fail? Fix this error")
    session.reads(8)
    for _ in range(4):
        session.runs("pytest -q", is_error=True)
    session.edits(2)
    session.runs("pytest -q")


def polished(session: Session) -> None:
    session.prompt("Update the readme and the changelog, fix typos")
    session.edits(6, path="/p/README.md")


@pytest.mark.parametrize(
    ("work", "task_type"),
    [
        (planned, "planning"),
        (built, "implementation"),
        (taken_apart, "refactoring"),
        (proven, "testing"),
        (repaired, "debugging"),
        (polished, "polish"),
    ],
)
def test_plain_cases(work: object, task_type: str) -> None:
    """Work of which tools and words say the same is told for what it is, and surely."""
    session = Session()
    assert callable(work)
    work(session)

    (found,) = stretches_in(session.records)

    assert task_type == found.task_type
    assert found.certainty > 0.5


def test_words_that_say_nothing() -> None:
    """A prompt without any telling word gives no type."""
    assert by_words_alone("yes, go on") is None


def test_no_evidence_is_no_certainty() -> None:
    """Of nothing at all no type is sure."""
    assert not classify(Evidence()).is_sure


def test_long_prompts_take_no_longer() -> None:
    """Only the beginning of what is typed is looked at."""
    evidence = Evidence()
    for _ in range(100):
        evidence.take_prompt("a" * 1_000_000)

    assert len(evidence.words) <= 4_000
