from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.errors import UserError
from watchkeeper.handoff.facts import Facts
from watchkeeper.handoff.model import CommandRun, FileToRead, Objective, Task
from watchkeeper.handoff.said import compose, parse

FACTS = Facts(
    session_id="abc",
    project="/p",
    agent="planner",
    started_at=NOON - 60,
    last_at=NOON,
    used_tokens=145_000,
    limit_tokens=200_000,
    resets_at=NOON + 3600,
    repository=None,
    commits=("Add sign-in",),
    files_modified=("a.py",),
    tests="failed: 1 failed",
    runs=(CommandRun(command="pytest", outcome="failed"),),
    tasks=(Task(subject="Write the guide"),),
    tasks_done=(),
    said=None,
    history=None,
)

# As the command file has Claude write it: without the outermost braces, objectives as lists.
WRITTEN = """\
"title": "Auth, phase 2",
"accomplished": ["Sign-in works"],
"tests": "15 of 15 pass",
"objectives": [
  ["Guard the routes", 15000, "Add guards", "Test them"],
  ["Refresh tokens", 18000]
],
"decisions": ["Tokens, not sessions"],
"blockers": [],
"files_to_read": [["src/auth.py", "where tokens are made"], "src/users.py"],
"commands": ["git status"],
"instructions": "Go on
with the routes."
"""


def test_what_claude_writes_is_completed_by_the_facts() -> None:
    """Claude's words and the facts make one handoff."""
    made = compose(parse(WRITTEN), FACTS, NOON)

    assert ("composed", "Auth, phase 2", "15 of 15 pass") == (made.kind, made.title, made.tests)
    assert Objective(title="Guard the routes", tokens=15_000, steps=("Add guards", "Test them")) == made.objectives[0]
    assert (33_000, 16.5) == (made.estimated_tokens, made.share_pct)
    assert FileToRead(path="src/auth.py", why="where tokens are made") == made.files_to_read[0]
    assert "Go on\nwith the routes." == made.instructions
    assert (("a.py",), FACTS.runs, FACTS.tasks, "planner") == (made.files_modified, made.runs, made.tasks, made.agent)


@pytest.mark.parametrize(
    "text",
    [
        '{"objectives": ["x"]}',
        '```json\n{"objectives": ["x"]}\n```',
        '"objectives": "x",\n',
        '{"objectives": [{"title": "x"}], "files_to_read": null, "accomplished": null}',
    ],
    ids=["object", "code block", "without braces, with a comma", "nulls"],
)
def test_json_is_read_leniently(text: str) -> None:
    """Braces, code blocks, single texts for lists and nulls are all the same."""
    assert ("x",) == tuple(each.title for each in parse(text).objectives)


@pytest.mark.parametrize(
    ("tokens", "expected"), [(15000, 15_000), ("15k", 15_000), ("~45,000 tokens", 45_000), ("1.2M", 1_200_000)]
)
def test_tokens_are_read_as_people_write_them(tokens: object, expected: int) -> None:
    """Numbers with units are numbers."""
    assert expected == parse(json.dumps({"objectives": ["x"], "estimated_tokens": tokens})).estimated_tokens


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no handoff on standard input"),
        ("[1]", "must be a JSON object"),
        ('{"objectives": ["a", ]}', "no valid JSON"),
        ('"title" "x"', 'Expecting \':\' delimiter near «{"title" "x"}»; correct it'),
        ('"a": "x", "password=hunter2secret"', '«"password=[masked]"}»'),
        ('"objectives": ["x"], "estimated_tokens": ' + "9" * 5_000, "a number of too many digits"),
        ("{}", "objectives is missing: name at least one thing that the next session shall do."),
        ('{"objectives": []}', "objectives is missing: name at least one thing"),
        ('{"objectives": ["x"], "objectivs": 1}', "objectivs is no key of it; did you mean objectives?"),
        (
            '{"objectives": [["x", "y", 1, 2]]}',
            'objectives[0] must be a text or a list such as ["what to do", 15000, "step"], not ["x", "y", 1, 2].',
        ),
        (
            '{"objectives": [{"title": "x", "tokens": "many"}]}',
            'objectives[0].tokens must be a whole number of tokens such as 15000, not "many".',
        ),
        ('{"objectives": [{"title": " "}]}', "objectives[0].title must not be empty."),
        ('{"objectives": ["x"], "decisions": 5}', "decisions must be a list of texts, not 5."),
        ('{"objectives": ["x"], "tests": 5}', "tests must be a text, not 5."),
        (
            '{"objectives": [["x", 10], ["y", 20]], "estimated_tokens": 40}',
            "The objectives add up to 30 tokens and estimated_tokens is 40",
        ),
        ("[" * 100_000, "JSON"),
        (" " * 300_000, "longer than 256 KB"),
        (
            '{"objectives": ["a"], "estimated_tokens": "%s"}' % ("9" * 400),
            "estimated_tokens must be a whole number of tokens such as 15000",
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    """Each mistake is a sentence that says what to write instead."""
    with pytest.raises(UserError) as error:
        parse(text)

    assert sentence in str(error.value)


def test_all_mistakes_are_said_at_once() -> None:
    """One answer names them all, but not dozens."""
    with pytest.raises(UserError) as error:
        parse(json.dumps({"objectives": ["x"], **{f"key{number}": 1 for number in range(12)}}))

    assert 8 == str(error.value).count("is no key of it")
    assert "4 more like these" in str(error.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
        max_leaves=12,
    ),
    st.sampled_from(["objectives", "title", "files_to_read", "estimated_tokens", "commands", "instructions"]),
)
def test_any_json_is_read_or_refused(value: object, key: str) -> None:
    """Whatever is sent becomes a handoff or a sentence, never a bug."""
    try:
        compose(parse(json.dumps({"objectives": ["x"], key: value})), FACTS, NOON)
    except UserError:
        return


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """The same holds for what is no JSON."""
    try:
        parse(text)
    except UserError:
        return
