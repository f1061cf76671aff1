from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.handoff import memory
from watchkeeper.handoff.memory import Context, SessionNote, merged

NOTE = SessionNote(
    "s1",
    "2026-11-20T09:00:00+00:00",
    "2026-11-20T12:00:00+00:00",
    145_000,
    "handoff-s1.md",
    ("Built it",),
    ("Guard it",),
)
CONTEXT = Context(("Python", "FastAPI"), "REST with tokens", "pytest", ("Tokens, not sessions",))


def once(
    note: SessionNote | None = NOTE, context: Context = CONTEXT, old: dict[str, Any] | None = None
) -> dict[str, Any]:
    return merged(old or {}, "/home/dev/my-app", note, context)


def test_a_memory_keeps_what_was_promised() -> None:
    """Names, sessions and the cumulative context are where programs look for them."""
    made = once()

    assert ("/home/dev/my-app", "my-app") == (made["projectPath"], made["projectName"])
    assert [
        {
            "id": "s1",
            "startTime": "2026-11-20T09:00:00+00:00",
            "endTime": "2026-11-20T12:00:00+00:00",
            "tokensUsed": 145_000,
            "handoffFile": "handoff-s1.md",
            "accomplishments": ["Built it"],
            "nextObjectives": ["Guard it"],
        }
    ] == made["sessions"]
    assert {
        "techStack": ["Python", "FastAPI"],
        "architecture": "REST with tokens",
        "testingFramework": "pytest",
        "keyDecisions": ["Tokens, not sessions"],
    } == made["cumulativeContext"]


@given(st.lists(st.sampled_from(["Tokens, not sessions", "tokens,  not Sessions.", "15 minutes", "Other"]), max_size=8))
def test_nothing_is_remembered_twice(decisions: list[str]) -> None:
    """Merging the same things again, in any spelling, changes nothing."""
    first = once(context=Context(key_decisions=tuple(decisions)))
    kept = first["cumulativeContext"]["keyDecisions"]

    assert len({each.lower().replace("  ", " ").rstrip(".") for each in kept}) == len(kept)
    assert first == once(context=Context(key_decisions=tuple(decisions)), old=copy.deepcopy(first))


def test_a_later_look_at_a_session_completes_it() -> None:
    """The same session is updated, and what a later look does not know stays."""
    later = NOTE._replace(tokens_used=150_000, accomplishments=(), end_time="2026-11-20T13:00:00+00:00")

    (session,) = once(later, old=once())["sessions"]

    assert (150_000, ["Built it"], "2026-11-20T13:00:00+00:00") == (
        session["tokensUsed"],
        session["accomplishments"],
        session["endTime"],
    )


def test_edits_by_hand_stay() -> None:
    """What a person changed, added or took out is left as it is."""
    made = once()
    made["cumulativeContext"]["techStack"] = ["Python 3.13"]
    made["cumulativeContext"]["architecture"] = "Hexagonal"
    made["cumulativeContext"]["keyDecisions"].insert(0, "Mine")
    made["sessions"][0]["accomplishments"] = ["Built it well"]
    made["mine"] = {"x": 1}

    again = once(NOTE._replace(tokens_used=1, accomplishments=("Other",)), CONTEXT._replace(architecture="MVC"), made)

    common = again["cumulativeContext"]
    assert (["Python 3.13"], "Hexagonal") == (common["techStack"], common["architecture"])
    assert ["Mine", "Tokens, not sessions"] == common["keyDecisions"]
    assert (["Built it well"], 145_000) == (again["sessions"][0]["accomplishments"], again["sessions"][0]["tokensUsed"])
    assert {"x": 1} == again["mine"]


def test_what_was_taken_out_does_not_come_back() -> None:
    """A session and a decision that a person deleted stay deleted."""
    made = once()
    made["sessions"] = []
    made["cumulativeContext"]["keyDecisions"] = []

    again = once(old=made)

    assert ([], []) == (again["sessions"], again["cumulativeContext"]["keyDecisions"])


def test_text_that_nobody_changed_is_brought_up_to_date() -> None:
    """An architecture that was written by us follows what is said later."""
    assert "MVC" == once(context=CONTEXT._replace(architecture="MVC"), old=once())["cumulativeContext"]["architecture"]
    assert (
        "pytest"
        == once(context=CONTEXT._replace(testing_framework=""), old=once())["cumulativeContext"]["testingFramework"]
    )


def test_the_file_stays_small() -> None:
    """The latest fifty sessions and forty decisions are kept."""
    made: dict[str, Any] = {}
    for number in range(120):
        made = once(NOTE._replace(id=f"s{number}"), Context(key_decisions=(f"Decision {number}",)), made)

    assert 50 == len(made["sessions"])
    assert "s119" == made["sessions"][-1]["id"]
    assert 40 == len(made["cumulativeContext"]["keyDecisions"])
    assert len(json.dumps(made)) < 60_000


@pytest.mark.parametrize("content", ["", "[]", "{", "\xff", "5"])
def test_a_damaged_file_is_left_alone(tmp_path: Path, content: str) -> None:
    """A file that is no JSON object is named, never written over."""
    path = tmp_path / "memory.json"
    path.write_text(content, encoding="latin-1")

    with pytest.raises(memory.Unreadable, match=r"memory\.json"):
        memory.read(str(path))
    assert content == path.read_text(encoding="latin-1")


@given(
    st.dictionaries(
        st.sampled_from(["sessions", "cumulativeContext", "watchkeeper", "projectName"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["techStack", "keyDecisions", "architecture", "sessions", "id"]), inner, max_size=3
                )
            ),
            max_leaves=6,
        ),
    )
)
def test_whatever_a_person_makes_of_it_can_be_merged(old: dict[str, Any]) -> None:
    """Wrong types in a file edited by hand break nothing."""
    made = merged(old, "/p", NOTE, CONTEXT)

    assert memory.context_of(made)
    assert all(isinstance(each, dict) for each in memory.sessions_of(made))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_no_memory(tmp_path: Path) -> None:
    """Nothing waits for somebody to write into a pipe that stands where a memory should."""
    os.mkfifo(tmp_path / "memory.json")

    with pytest.raises(memory.Unreadable):
        memory.read(str(tmp_path / "memory.json"))
