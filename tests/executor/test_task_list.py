"""Task lists are read whole, or refused with what is wrong and where."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import UserError
from watchkeeper.executor.task_list import checked, read, schema

GOOD = """
name = "night"
project = "work"
model = "opus"

[[tasks]]
id = "fix-1"
prompt = "Fix the test."
priority = "high"
estimated_tokens = 9000
check = ["pytest", "-q"]

[[tasks]]
id = "lint"
command = ["ruff", "check"]
project = "."
after = ["fix-1"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path


def written(place: Path, text: str, name: str = "tasks.toml") -> str:
    (place / name).write_text(text, encoding="utf-8")
    return str(place / name)


def test_a_list_is_read(place: Path) -> None:
    """Tasks get what the list says for all, folders are absolute, and a command takes nothing that is a prompt's."""
    first, second = read(written(place, GOOD)).tasks

    assert ("fix-1", "Fix the test.", "high", "opus", str(place / "work")) == (
        first.id,
        first.prompt,
        first.priority,
        first.model,
        first.project,
    )
    assert (("ruff", "check"), ("fix-1",), "", str(place)) == (
        second.command,
        second.after,
        second.model,
        second.project,
    )


def test_json_says_the_same(place: Path) -> None:
    """A list in JSON is the same list; a bare array is a list without a name."""
    toml = read(written(place, GOOD)).tasks
    plain = {
        "project": "work",
        "model": "opus",
        "tasks": [
            {
                "id": "fix-1",
                "prompt": "Fix the test.",
                "priority": "high",
                "estimated_tokens": 9000,
                "check": ["pytest", "-q"],
            },
            {"id": "lint", "command": ["ruff", "check"], "project": ".", "after": ["fix-1"]},
        ],
    }
    assert toml == read(written(place, json.dumps(plain), "tasks.json")).tasks
    assert ["x"] == [task.id for task in read(written(place, '[{"id": "x", "command": ["true"]}]', "b.json")).tasks]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = [", "is no valid TOML"),
        ("", "tasks: Field required"),
        ("tasks = []", "tasks: Tuple should have at least 1 item"),
        ('[[tasks]]\nid = "a"', "task 'a': needs either a prompt or a command"),
        ('[[tasks]]\nid = "a"\nprompt = "x"\ncommand = ["y"]', "task 'a': needs either a prompt or a command"),
        ('[[tasks]]\nid = "../a"\nprompt = "x"', "task '../a' id: String should match pattern"),
        ('[[tasks]]\nid = "a"\nprompt = "x"\nprompts = 1', "task 'a' prompts: is no key that a task or a list has"),
        ('[[tasks]]\nid = "a"\ncommand = ["y"]\nagent = "z"', "task 'a': is a command: agent, model"),
        (
            '[[tasks]]\nid = "a"\nprompt = "x"\nestimated_tokens = -1',
            "task 'a' estimated_tokens: Input should be greater",
        ),
        ('[[tasks]]\nid = "a"\nprompt = "x"\nname = "a\\u001b[31m"', "task 'a' name: must be one line without control"),
        ('[[tasks]]\nid = "a"\nprompt = "x"\nproject = "gone"', "which is not there"),
        ('[[tasks]]\nid = "a"\ncommand = "x y"', "task 'a' command: must be a list; correct"),
        ("tasks = [1]", "task number 1: must be a table of keys and values; correct"),
        ('[[tasks]]\nid = "a"\nprompt = "x"\nafter = ["b"]', "has the task 'a' after 'b', which is not in it"),
        (
            '[[tasks]]\nid = "a"\nprompt = "x"\nafter = ["b"]\n[[tasks]]\nid = "b"\nprompt = "x"\nafter = ["a"]',
            "has tasks that wait for each other in a circle or for such a one (a, b)",
        ),
        ('[[tasks]]\nid = "a"\nprompt = "x"\n[[tasks]]\nid = "a"\nprompt = "x"', "has two tasks with the id 'a'"),
        ('[[tasks]]\nid = "a"\nid = "b"\nprompt = "x"', 'is no valid TOML: Key "id" already exists'),
    ],
)
def test_a_wrong_list_is_refused_in_a_sentence(place: Path, text: str, sentence: str) -> None:
    """What is wrong is said with the task and the key."""
    with pytest.raises(UserError) as refusal:
        read(written(place, text))

    assert sentence in str(refusal.value)


def test_a_number_without_end_is_refused(place: Path) -> None:
    """A number of so many digits that it is not even read is a list that is no valid JSON."""
    text = '{"tasks": [{"id": "a", "command": ["true"], "retries": ' + "9" * 5_000 + "}]}"
    with pytest.raises(UserError, match="is no valid JSON"):
        read(written(place, text, "tasks.json"))


def test_what_is_no_file_is_said(place: Path) -> None:
    """A folder, a file that is not there and one that is no text are told apart."""
    (place / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="is no file"):
        read(str(place))
    with pytest.raises(UserError, match="is no file"):
        read(str(place / "none.toml"))
    with pytest.raises(UserError, match="not written in UTF-8"):
        read(str(place / "bytes.toml"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
keys = st.sampled_from(["id", "prompt", "command", "after", "priority", "retries", "check", "project", "phase", "x"])


@given(
    st.one_of(json_values, st.fixed_dictionaries({"tasks": st.lists(st.dictionaries(keys, json_values), max_size=4)}))
)
def test_any_data_is_a_list_or_a_sentence(data: object) -> None:
    """Whatever stands in a file, it is a list of tasks or refused with a sentence."""
    try:
        found = checked(data, "tasks.json", os.getcwd())
    except UserError as refusal:
        assert "correct it" in str(refusal)  # noqa: PT017 - either way is right
    else:
        assert found.tasks


def test_the_schema_file_is_the_model(place: Path) -> None:
    """The schema that editors use is made from the model."""
    kept = Path(__file__).parents[2] / "docs" / "tasks.schema.json"

    assert json.loads(kept.read_text(encoding="utf-8")) == schema()
