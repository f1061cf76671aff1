"""Where a session's stretches begin and end, and how long was worked in them."""

from __future__ import annotations

import pytest

from tests.estimates.session import BEGAN_AT, Session
from watchkeeper.estimates.stretches import Stretch, stretches_in


def stretches(session: Session) -> list[Stretch]:
    return list(stretches_in(session.records))


def types(session: Session) -> list[str]:
    return [stretch.task_type for stretch in stretches(session)]


@pytest.fixture
def session() -> Session:
    return Session()


def test_one_request_is_one_stretch(session: Session) -> None:
    """What a prompt led to is a stretch, with its time, its calls and its prompts."""
    session.prompt("Implement the parser")
    session.reads(3)
    session.edits(4)

    (found,) = stretches(session)

    assert ("s1", BEGAN_AT + 1.0, 7, 1) == (found.session_id, found.started_at, found.calls, found.prompts)
    assert found.active_s == found.ended_at - found.started_at == pytest.approx(7 * 32.0)
    assert ("implementation", "implementation") == (found.task_type, found.tools_say)


def test_short_answers_belong_to_what_they_follow(session: Session) -> None:
    """A "yes" and a question with little work are no stretch of their own."""
    session.prompt("Implement the parser")
    session.edits(5)
    session.prompt("yes")
    session.edits(2)
    session.prompt("what does this do?")
    session.reads(1)

    (found,) = stretches(session)

    assert (8, 3) == (found.calls, found.prompts)


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(lambda session: session.runs("git add -A && git commit -m done"), id="commit"),
        pytest.param(
            lambda session: session.call("TodoWrite", {"todos": [{"content": "all", "status": "completed"}]}),
            id="task list done",
        ),
        pytest.param(lambda session: session.later(2 * 3_600.0), id="long pause"),
    ],
)
def test_natural_ends(session: Session, ending: object) -> None:
    """After a commit, a done task list or a long pause the next piece of work is a stretch of its own."""
    session.prompt("Implement the parser")
    session.edits(5)
    assert callable(ending)
    ending(session)
    session.prompt("Implement the printer")
    session.edits(5)

    assert 2 == len(stretches(session))


def test_work_of_one_kind_goes_on(session: Session) -> None:
    """Without such an end work of the same kind is one stretch, however many prompts ask for it."""
    for part in ("parser", "printer", "checker"):
        session.prompt(f"Implement the {part}")
        session.edits(5)

    assert 1 == len(stretches(session))


def test_a_change_of_kind_begins_a_stretch(session: Session) -> None:
    """Clearly different work is told apart."""
    session.prompt("Implement the parser, add a new feature")
    session.edits(8)
    session.prompt("Update the readme and the docs")
    session.edits(6, path="/home/dev/project/README.md")

    assert ["implementation", "polish"] == types(session)


def test_an_approved_plan_ends_the_planning(session: Session) -> None:
    """Where a plan is approved implementing begins, without a further prompt; a refused plan changes nothing."""
    session.prompt("Plan the parser")
    session.reads(6)
    session.call("ExitPlanMode", {"plan": "first"}, is_error=True)
    session.call("ExitPlanMode", {"plan": "# Parser"})
    session.edits(6)

    assert ["planning", "implementation"] == types(session)


def test_pauses_do_not_count_as_work(session: Session) -> None:
    """While the user is away at most ten minutes count, while a tool runs at most half an hour."""
    session.prompt("Implement the parser")
    session.edits(5)
    session.later(3_000.0)
    session.prompt("go on")
    session.call("Bash", {"command": "make"}, seconds=7_200.0)

    (found,) = stretches(session)

    assert 5 * 32.0 + 600.0 + 1_800.0 == pytest.approx(found.active_s, abs=5.0)


def test_what_is_no_work_of_this_session_is_passed_over(session: Session) -> None:
    """Sub-agents' records, copies of another session's and what the client wrote begin no stretch."""
    session.prompt("Implement the parser")
    session.edits(5)
    expected = stretches(session)
    session.prompt("<command-name>/status</command-name>")
    session.prompt("of the client", isMeta=True)
    session.prompt("a summary", isCompactSummary=True)
    session.prompt("of a sub-agent", isSidechain=True)
    session.prompt("of another", forkedFrom={"sessionId": "s0"})

    assert [(1, 5)] == [(found.prompts, found.calls) for found in stretches(session)]
    assert expected[0].started_at == stretches(session)[0].started_at


def test_sessions_in_one_transcript_are_kept_apart(session: Session) -> None:
    """A transcript that holds two sessions gives stretches of each."""
    session.prompt("Implement the parser")
    session.edits(5)
    other = Session("s2", session.at + 60.0)
    other.prompt("Implement the printer")
    other.edits(5)

    assert ["s1", "s2"] == [found.session_id for found in stretches_in([*session.records, *other.records])]


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([], id="nothing"),
        pytest.param([{}, {"type": "user"}, {"message": None, "timestamp": "yesterday"}], id="no records of work"),
        pytest.param(
            [{"type": "user", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": [None, 5, {"type": 7}]}}],
            id="blocks of no kind",
        ),
    ],
)
def test_strange_records_are_no_work(records: list[dict[str, object]]) -> None:
    """What cannot be understood is no stretch and no failure."""
    assert [] == list(stretches_in(records))
