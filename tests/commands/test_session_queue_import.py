"""`queue import` queues what a handoff, a plan or JSON says: all of it, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.queue_command import add, queue, states, told
from tests.commands.scene import Scene
from tests.handoff.samples import AUTH
from watchkeeper.handoff import folder
from watchkeeper.handoff.saving import save


@pytest.fixture
def handoff(here: Scene) -> str:
    """A handoff of this project."""
    with here.ledger as ledger:
        saved = save(AUTH.model_copy(update={"project": here.project}), folder.folder_of(here.paths), ledger)
    return saved.handoff.id


def test_a_handoff_is_imported(here: Scene, handoff: str) -> None:
    """Its title, objectives, agent, estimate and time are the session's, once."""
    (session,) = told(here, "import", handoff)["sessions"]

    assert (
        "Authentication, phase 2",
        ["Guard the user routes", "Refresh tokens", "Better error messages"],
        45_000,
        "implementation-agent",
        handoff,
        "scheduled",
        "2026-11-20T16:00:00+00:00",
        here.project,
    ) == tuple(
        session[key] for key in ("name", "objectives", "estimated_tokens", "agent", "handoff", "state", "at", "project")
    )
    again = queue(here, "import", str(Path(folder.folder_of(here.paths), f"{handoff}.md")))
    assert "'Authentication, phase 2' is in the queue already as authentication: nothing was imported." in again.err


JSON = [
    {"name": "Build", "objectives": ["a", "b"], "tokens": "40k-55k", "hours": 3, "priority": "high"},
    {"name": "Test it", "objective": "c", "estimated_tokens": 20_000, "after": ["Build"]},
    {"id": "last", "name": "Polish", "after": ["test-it"], "at": "in 5h"},
]


@pytest.mark.parametrize("way", ["file", "standard input", "object"])
def test_json_is_imported(here: Scene, tmp_path: Path, way: str) -> None:
    """A list may name what waits for what by name or id, also forward."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"sessions": JSON} if way == "object" else JSON[::-1]), encoding="utf-8")
    text = file.read_text(encoding="utf-8")

    view = told(here, "import", "-", stdin=text) if way == "standard input" else told(here, "import", str(file))

    sessions = {each["id"]: each for each in view["sessions"]}
    assert {"build": "ready", "test-it": "planned", "last": "scheduled"} == {
        each: session["state"] for each, session in sessions.items()
    }
    assert [["build"], ["test-it"]] == [sessions[each]["after"] for each in ("test-it", "last")]
    assert (40_000, 47_500, 55_000) == tuple(
        sessions["build"][key] for key in ("low_tokens", "estimated_tokens", "high_tokens")
    )


def test_what_was_listed_can_be_imported_elsewhere(here: Scene, tmp_path: Path) -> None:
    """The JSON of `queue list --all` makes the same open queue on another machine."""
    add(here, "Research", "--tokens", "30k")
    add(
        here,
        "API",
        "--tokens",
        "20-25k",
        "--hours",
        "1.5",
        "--after",
        "research",
        "--objective",
        "Build",
        "--at",
        "15:00",
    )
    add(here, "Testing", "--after", "api", "--priority", "high")
    add(here, "Idea")
    queue(here, "done", "research")
    queue(here, "cancel", "idea")
    listed = queue(here, "list", "--all", "--json").out
    before = told(here)["sessions"]

    other = told(here, "import", "-", "--config-dir", str(tmp_path / "other"), stdin=listed)["sessions"]

    kept = ("id", "name", "objectives", "estimated_tokens", "hours", "priority", "at", "state", "waits_for", "project")
    assert [[each[key] for key in kept] for each in before] == [[each[key] for key in kept] for each in other]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "standard input is no valid JSON", id="nothing"),
        pytest.param('[{"name": "x"},', "is no valid JSON near", id="cut off"),
        pytest.param("[]", "must be a list of sessions", id="empty list"),
        pytest.param("[5]", "must be a list of sessions", id="numbers"),
        pytest.param('"x"', "must be a list of sessions", id="a text"),
        pytest.param('[{"name": "a", "id": "none"}]', "none is a word of the options", id="reserved id"),
        pytest.param("[" * 100_000, "is nested too deeply", id="deep"),
        pytest.param('[{"name": "x"}, {"tokens": 5}]', "Session 2 has no name", id="no name"),
        pytest.param('[{"name": "x", "hours": -1}]', "Session 1: hours must be", id="impossible"),
        pytest.param(
            '[{"name": "a", "after": ["b"]}, {"name": "b", "after": ["a"]}]', "a waits for b waits for a", id="circle"
        ),
        pytest.param('[{"name": "a", "id": "x"}, {"name": "b", "id": "x"}]', "x is in the queue already", id="same id"),
        pytest.param(
            '[{"name": "a", "after": ["nobody"]}]', "No session in the queue is called 'nobody'", id="unknown"
        ),
        pytest.param('[{"name": "One"}]', "'One' is in the queue already as one", id="twice"),
        pytest.param('[{"name": "x", "project": "/nowhere"}]', "is no folder", id="no folder"),
    ],
)
def test_an_import_is_whole_or_nothing(here: Scene, text: str, sentence: str) -> None:
    """What cannot be imported is refused in a sentence, and nothing of it is queued."""
    add(here, "One")

    ran = queue(here, "import", "-", stdin=text)

    assert (1, "") == (ran.code, ran.out)
    assert sentence in ran.err
    assert {"one": "ready"} == states(here)


PLAN = """\
# Plan: Dashboard

## Phase 1: Layout (2 hours, 60-90k tokens)
- Grid
- Navigation

## Phase 2: Charts (3-4 hours, 80-90k tokens)
- Bars and lines

## Phase 3: Everything else (9 hours)
- All of it
"""


def test_a_plan_is_imported(here: Scene, tmp_path: Path) -> None:
    """Its phases become sessions with their estimates, one after the other; one too long for a window is named."""
    file = tmp_path / "PLAN.md"
    file.write_text(PLAN, encoding="utf-8")

    ran = queue(here, "import", str(file), "--json")

    sessions = json.loads(ran.out)["sessions"]
    assert ["ready", *["planned"] * (len(sessions) - 1)] == [each["state"] for each in sessions]
    assert [[], *([each["id"]] for each in sessions[:-1])] == [each["after"] for each in sessions]
    assert ["Layout", f"All of it as the plan has it: {file}"] == sessions[0]["objectives"]
    assert all(each["low_tokens"] < each["estimated_tokens"] < each["high_tokens"] for each in sessions)
    assert (2.0, None) == (sessions[0]["hours"], sessions[-1]["hours"])
    assert "takes 9 hours, longer than a window, and is queued without them: split it" in ran.err


def test_a_plan_that_is_done_has_nothing_to_queue(here: Scene, tmp_path: Path) -> None:
    """Phases that are done are left out."""
    (tmp_path / "PLAN.md").write_text("# Plan\n\n## Phase 1: Layout\n\nStatus: done\n", encoding="utf-8")

    assert "has no phase that is not done" in queue(here, "import", str(tmp_path / "PLAN.md")).err


def test_what_no_window_has_room_for_is_told(here: Scene) -> None:
    """With a plan chosen, a session that can never fit is queued and said to be too large."""
    here.settings(quota={"plan": "pro"})

    ran = queue(here, "add", "--name", "Huge", "--tokens", "400k")

    assert 0 == ran.code
    assert "huge: more than the 190,000 tokens that a whole window of your plan has above the reserve" in ran.err
