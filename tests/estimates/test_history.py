"""History import: stretches of transcripts, what they took, read once and again when they grow."""

from __future__ import annotations

import pytest

from tests.estimates.session import BEGAN_AT, Session
from tests.support.clock import NOON
from tests.support.environment import User
from tests.transcripts.samples import History, response
from watchkeeper import jobs
from watchkeeper.core.settings import DEFAULTS
from watchkeeper.estimates import history
from watchkeeper.estimates.cases import read_cases
from watchkeeper.estimates.history import Imported, import_history

COLUMNS = "session_id, task_type, calls, output_tokens, libraries"
COUNTED = {**DEFAULTS, "quota": {**DEFAULTS["quota"], "counted": ["output"]}}


@pytest.fixture
def user(home: User) -> History:
    return History(home)


def two_stretches(session_id: str = "s1") -> Session:
    session = Session(session_id)
    session.prompt("Implement the parser")
    session.reads(2)
    session.edits(5, added="import httpx\nhttpx.get()")
    session.runs("git commit -am parser")
    session.prompt("Update the readme")
    session.edits(4, path="/home/dev/project/README.md")
    return session


def imported(user: History, now: float = NOON, rebuild: bool = False) -> Imported:
    user.refresh(now)
    with user.ledger() as ledger:
        return import_history(ledger, user.paths, now, rebuild=rebuild)


def test_stretches_and_what_they_took(user: History) -> None:
    """Each stretch has its type, calls, libraries and exactly the tokens of the responses in it."""
    user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 7_200)

    assert (1, 2) == imported(user)[:2]
    assert [("s1", "implementation", 8, 8_000, "httpx"), ("s1", "polish", 4, 4_000, "")] == user.rows(
        f"SELECT {COLUMNS} FROM stretches ORDER BY started_at"
    )


def test_sub_agents_count_where_they_worked(user: History) -> None:
    """A sub-agent's responses belong to the stretch of the session in which they came, before and after its own too."""
    session = two_stretches()
    user.write("p/s1.jsonl", *session.records, modified_at=NOON - 7_200)
    early, late = (response(f"a{at}", (0, 500, 0, 0), at) for at in (BEGAN_AT, session.at + 60.0))
    user.write("p/s1/subagents/agent-a.jsonl", early, late, modified_at=NOON - 7_200)
    imported(user)

    assert [8_500, 4_500] == [
        tokens for (tokens,) in user.rows("SELECT output_tokens FROM stretches ORDER BY started_at")
    ]


def test_a_sub_agent_is_no_session(user: History) -> None:
    """A sub-agent's transcript begins with a prompt too, and is no work of its own."""
    agent = [{**record, "isSidechain": False, "agentId": "a"} for record in two_stretches().records]
    user.write("p/agent-a.jsonl", *agent, modified_at=NOON - 7_200)
    user.write("p/s1/subagents/agent-b.jsonl", *agent, modified_at=NOON - 7_200)

    assert (0, 0) == imported(user)[:2]


def test_what_has_not_changed_is_not_read_again(user: History) -> None:
    """The second import reads nothing; a transcript that grew is read and gives what a fresh import gives."""
    session = two_stretches()
    user.write("p/s1.jsonl", *session.records, modified_at=NOON - 7_200)
    imported(user)
    assert (0, 0, 0) == imported(user)

    session.prompt("go on with the readme")
    session.edits(3, path="/home/dev/project/README.md")
    user.write("p/s1.jsonl", *session.records, modified_at=NOON - 3_600)
    assert (1, 2) == imported(user)[:2]
    grown = user.rows("SELECT * FROM stretches ORDER BY started_at")
    assert (1, 2) == imported(user, rebuild=True)[:2]

    assert [8, 7] == [row[8] for row in grown]
    assert grown == user.rows("SELECT * FROM stretches ORDER BY started_at")


def test_a_session_that_is_written_to_waits(user: History) -> None:
    """What is being written is read once it pauses."""
    user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 60)

    assert 0 == imported(user).transcripts
    assert 1 == imported(user, NOON + 600).transcripts


def test_the_backlog_is_what_an_import_would_read(user: History) -> None:
    """The bytes that wait are those that are read."""
    user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 7_200)
    user.refresh()
    with user.ledger() as ledger:
        waiting = history.backlog_bytes(ledger, user.paths, NOON)

    assert waiting == imported(user).bytes_read > 0


def test_what_is_gone_stays_learned(user: History) -> None:
    """Stretches of a transcript that the client has swept away stay, also through a rebuild."""
    path = user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 7_200)
    imported(user)
    path.unlink()

    assert 0 == imported(user, rebuild=True).transcripts
    assert [(2,)] == user.rows("SELECT count(*) FROM stretches")


def test_copied_records_count_once(user: History) -> None:
    """A session that goes on in a file of its own, with the records of the one before, doubles nothing."""
    session = two_stretches()
    user.write("p/s1.jsonl", *session.records, modified_at=NOON - 7_200)
    user.write("p/s2.jsonl", *session.records, modified_at=NOON - 7_000)
    imported(user)

    assert [(2, 12_000)] == user.rows("SELECT count(*), sum(output_tokens) FROM stretches")


def test_a_damaged_transcript_stops_nothing(user: History) -> None:
    """Of a transcript with broken lines the rest is read, and the others all the same."""
    user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 7_200)
    broken = user.write("p/s2.jsonl", *two_stretches("s2").records)
    broken.write_bytes(b'{"type":"user","mess\x00\n[1,2]\n' + broken.read_bytes() + b'{"half')

    found = imported(user, NOON * 2)

    assert (2, 4) == found[:2]


def test_the_background_job_imports(user: History, home: User) -> None:
    """What hooks start to read transcripts learns from the work in them too, unless that is switched off."""
    user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 7_200)
    jobs.run("refresh", home.environ, NOON)

    assert [(2,)] == user.rows("SELECT count(*) FROM stretches")


def test_finished_work_becomes_cases(user: History) -> None:
    """Stretches and the sessions they add up to are cases, in counted tokens."""
    user.write("p/s1.jsonl", *two_stretches().records, modified_at=NOON - 7_200)
    imported(user)
    with user.ledger() as ledger:
        found = read_cases(ledger, COUNTED, NOON)

    assert [("stretch", "implementation", 8_000), ("session", "", 12_000), ("stretch", "polish", 4_000)] == [
        (case.work.kind, case.work.task_type, case.tokens) for case in found
    ]
    first, session, second = found
    assert (first.hours or 0) + (second.hours or 0) == pytest.approx(session.hours)
    assert ("httpx",) == first.work.libraries


def test_a_session_that_goes_on_is_not_over(user: History) -> None:
    """Its first stretch is a case, its last and the session as a whole are not yet."""
    session = two_stretches()
    session.later(7_200)
    session.prompt("Implement the printer")
    session.edits(5)
    user.write("p/s1.jsonl", *session.records, modified_at=NOON - 7_200)
    imported(user)
    with user.ledger() as ledger:
        found = read_cases(ledger, COUNTED, session.at + 600)

    assert ["stretch", "stretch"] == [case.work.kind for case in found]


def test_the_project_itself_is_no_library(user: History) -> None:
    """What a project imports of itself is none of its libraries."""
    session = Session()
    session.prompt("Implement the parser")
    session.edits(5, added="from project.parser import x\nimport httpx")
    user.write("p/s1.jsonl", *session.records, modified_at=NOON - 7_200)
    imported(user)
    with user.ledger() as ledger:
        assert ("httpx",) == read_cases(ledger, COUNTED, NOON)[0].work.libraries
