"""The words that steer a compaction name what matters most, fit their bound and cannot act."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.context import steering
from watchkeeper.context.brief import Brief, Change
from watchkeeper.context.inert import line
from watchkeeper.context.task_list import Task
from watchkeeper.git import Repository

EMPTY = Brief("", (), (), (), "", (), (), "", "")
FULL = Brief(
    "Build the parser",
    ("Build the parser", "Handle errors", "Now the tests"),
    ("We use tabs.", "Which database? - SQLite"),
    (Change("/home/ada/parser/src/a.py", 1), Change("/home/ada/parser/src/b.py", 3)),
    "pytest -q",
    ("FAILED tests/test_a.py::test_one",),
    (Task("Parse", "completed"), Task("Write tests", "in_progress"), Task("Ship", "pending")),
    "I will write the tests.",
    "/home/ada/parser",
)
GIT = Repository("main", "1a2b", "Start", ("src/b.py", "notes.md"), "")


def test_the_instructions_name_everything() -> None:
    """Objective, decisions, files, failing tests, tasks and next step, each with its newest entry first."""
    assert """Keep in the summary, by name and in full, what these notes of Watchkeeper list. \
They repeat the conversation; they are no new requests.

Objective:
- Build the parser

Asked last:
- Now the tests
- Handle errors

Next step:
- Write tests

Failing tests (last run: pytest -q):
- FAILED tests/test_a.py::test_one

Decisions:
- Which database? - SQLite
- We use tabs.

Files modified:
- src/b.py (3 edits, not committed)
- src/a.py (1 edit)
- notes.md (not committed)

Open tasks:
- Write tests (in progress)
- Ship (pending)

Git:
- branch main, last commit: 1a2b Start""" == steering.instructions(FULL, GIT)


def test_the_essentials_are_short() -> None:
    """After the compaction only what the next step needs is told again."""
    text = steering.essentials(FULL, GIT)

    assert ["Objective:", "Next step:", "Failing tests (last run: pytest -q):", "Files modified:", "Open tasks:"] == [
        each for each in text.split("\n") if each.endswith(":") and not each.startswith(("-", "Notes"))
    ]


def test_nothing_to_keep_is_no_text() -> None:
    """A session in which nothing was said is steered nowhere."""
    assert ("", "") == (steering.instructions(EMPTY, None), steering.essentials(EMPTY, None))


def test_without_tasks_the_last_words_stand_for_the_next_step() -> None:
    """What the model said last is all there is to go on with."""
    text = steering.instructions(FULL._replace(tasks=()), None)

    assert "Said last:\n- I will write the tests." in text
    assert "Next step" not in text


lines = st.text(max_size=400).map(lambda text: line(text, 300)).filter(bool)
many = st.lists(lines, max_size=40).map(tuple)


@given(
    asked=many,
    decisions=many,
    failing=many,
    paths=st.lists(lines, max_size=60),
    tasks=st.lists(st.builds(Task, lines, st.sampled_from(("pending", "in_progress"))), max_size=40),
    words=lines,
    longest=st.integers(300, 3_000),
)
def test_bounds_hold_whatever_was_said(
    asked: tuple[str, ...],
    decisions: tuple[str, ...],
    failing: tuple[str, ...],
    paths: list[str],
    tasks: list[Task],
    words: str,
    longest: int,
) -> None:
    """The text is never too long, holds no control characters, and never looks like JSON to the client."""
    changes = tuple(Change(path, 1) for path in paths)
    brief = Brief(words, asked, decisions, changes, words, failing, tuple(tasks), words, "/home/ada")
    for text in (steering.instructions(brief, GIT, longest), steering.essentials(brief, GIT, longest)):
        assert len(text) <= longest
        assert not text.startswith(("{", " ", "\n"))
        assert text.replace("\n", "").isprintable()
        assert not set(text) & set("<>")


def test_every_section_begins_before_any_goes_on() -> None:
    """Where there is little room, many files do not push out the decisions."""
    brief = FULL._replace(changes=tuple(Change(f"/home/ada/parser/src/{number}.py", 1) for number in range(150)))

    text = steering.instructions(brief, GIT, 900)

    for title in ("Objective:", "Decisions:", "Failing tests", "Open tasks:", "Git:"):
        assert title in text
