"""`estimates` shows what was learned of the tokens that work takes, and makes it anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from tests.estimates.session import Session
from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.processes import PythonRunner
from tests.support.tree import LIBRARY
from tests.transcripts.samples import lines, write
from watchkeeper.estimates import gathering, model_file
from watchkeeper.estimates.history import SETTLED_S
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

DAY_S = 86_400.0


@pytest.fixture
def worked(scene: Scene) -> Scene:
    """Fifteen sessions, one a day; every fifth is short, and the last five use a library."""
    for number in range(15):
        session = Session(f"{number:08x}-session", NOON - (15 - number) * DAY_S, "/home/ada/my-project")
        session.prompt("Implement the parser, a new feature")
        session.call("Read", {"file_path": "/home/ada/my-project/a.py"}, tokens=4_000, seconds=120.0)
        for _ in range(2 if number % 5 == 0 else 6):
            asked = {"file_path": "/home/ada/my-project/app.py", "new_string": "import httpx\n" * (number > 9)}
            session.call("Edit", asked, tokens=6_000 + 700 * (number % 3), seconds=240.0)
        session.runs("git commit -am parser")
        session.prompt("Write tests for it, raise the coverage")
        for _ in range(4):
            asked = {"file_path": "/home/ada/my-project/tests/test_app.py", "new_string": "assert 1"}
            session.call("Edit", asked, tokens=5_000, seconds=200.0)
        path = Path(scene.paths.projects, "p", f"{session.session_id}.jsonl")
        write(path, lines(*session.records), session.at)
    return scene


def shown(scene: Scene, *options: str) -> dict[str, Any]:
    view: dict[str, Any] = json.loads(scene.run("estimates", *options, "--json").out)
    return view


@pytest.mark.parametrize("story", ["worked", "nothing"])
def test_page(scene: Scene, story: str, request: pytest.FixtureRequest) -> None:
    """What a person sees of a history of work, and of none."""
    if story == "worked":
        request.getfixturevalue("worked")
        scene.run("estimates", "rebuild")
    app = scene.app()
    gathering.catch_up_with_history(app)
    from watchkeeper.estimates.learned_view import learned_view

    view = learned_view(app)
    app.ledger.close()
    view["model"]["path"] = "/home/ada/.claude/ml-model/estimation-model.json"

    assert_golden(
        f"estimates-{story}", lambda columns, colour: engine.render("estimates", view, Pen(colour), columns, NOON)
    )


def test_history_is_read_and_shown(worked: Scene) -> None:
    """The first call already knows the work that is in the transcripts."""
    view = shown(worked)

    assert (15, 30, 0) == (view["sessions_analyzed"], view["pieces_analyzed"], view["estimated_before"])
    assert {"implementation": 15, "testing": 15} == {
        each["type"]: each["accuracy"]["cases"] for each in view["types"] if each["accuracy"]
    }
    assert 10 == len(view["sessions"])
    assert view["sessions"][0]["ended_at"] > view["sessions"][-1]["ended_at"]
    assert ["httpx"] == [each["library"] for each in view["libraries"]]
    assert 0 == view["unread_bytes"]
    assert {"cases", "accuracy_pct", "inside_pct", "typical_factor"} <= set(view["accuracy"])


def test_rebuild_writes_the_model_file(worked: Scene) -> None:
    """Rebuilding reads all work again and writes the file; doing it twice changes nothing but the time."""
    first = shown(worked, "rebuild")
    path = Path(model_file.path_of(worked.paths))
    written = json.loads(path.read_text(encoding="utf-8"))
    again = shown(worked, "rebuild")

    assert (15, 15) == (written["sessionsAnalyzed"], first["sessions_analyzed"])
    assert first == again
    assert written == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("damage", ["{", "[]", '{"version": 7, "taskTypeAccuracy": "mine"}'])
def test_a_damaged_model_file_breaks_nothing(worked: Scene, damage: str) -> None:
    """What was learned does not come from the file: however it was edited, figures are the same."""
    expected = shown(worked, "rebuild")
    path = Path(model_file.path_of(worked.paths))
    path.write_text(damage, encoding="utf-8")
    view = shown(worked)

    assert {**expected, "model": None} == {**view, "model": None}
    assert (damage not in ("{", "[]")) == view["model"]["is_readable"]
    assert ("is damaged" in worked.run("estimates").out) == (not view["model"]["is_readable"])
    assert shown(worked, "rebuild")["model"]["is_readable"]


def test_a_file_that_cannot_be_written_is_named(worked: Scene) -> None:
    """Where the file cannot be the command fails with a sentence that names it."""
    Path(worked.paths.config, "ml-model").write_text("in the way", encoding="utf-8")

    ran = worked.run("estimates", "rebuild")

    assert 1 == ran.code
    assert "estimation-model.json cannot be written" in ran.err


def test_history_can_be_left_alone(worked: Scene) -> None:
    """With estimates.history off nothing of the transcripts is learned."""
    worked.settings(estimates={"history": False})

    assert 0 == shown(worked)["sessions_analyzed"]
    assert 0 == shown(worked, "rebuild")["sessions_analyzed"]


def test_inside_claude_code_a_long_history_waits(worked: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the answer must be there within seconds a long backlog is left to the background, and that is said."""
    started: list[list[str]] = []
    monkeypatch.setattr("watchkeeper.core.detach.start_jobs", lambda jobs: started.append(list(jobs)))
    monkeypatch.setattr(gathering, "SHORT_BYTES", 10)
    app = worked.app()
    app.surroundings = app.surroundings._replace(is_hurried=True)
    gathering.catch_up_with_history(app)
    rows = app.ledger.usage.execute("SELECT count(*) FROM stretches").fetchone()
    app.ledger.close()

    assert (0,) == rows
    assert [["refresh"]] == started
    assert "were not learned from yet" in str(app.surroundings.stderr.getvalue())  # type: ignore[attr-defined]


def test_a_session_that_goes_on_waits(worked: Scene) -> None:
    """A transcript that is being written to is read once it pauses."""
    path = next(iter(sorted(Path(worked.paths.projects, "p").iterdir())))
    os.utime(path, (NOON - SETTLED_S + 1, NOON - SETTLED_S + 1))

    assert 14 == shown(worked)["sessions_analyzed"]


@pytest.mark.parametrize("argv", [["estimate-session", "gone.md"], ["estimates"], ["estimates", "phase"]], ids=" ".join)
def test_what_is_not_needed_is_not_imported(run_python: PythonRunner, home: User, argv: list[str]) -> None:
    """An answer is a process of its own: a handoff's model, and what draws pictures, are for those who write them."""
    script = f"""if True:
        import sys
        sys.path.insert(0, {str(LIBRARY.parent)!r})
        from watchkeeper import cli
        cli.main({argv!r})
        print(*sorted(sys.modules), file=sys.stderr)
    """

    done = run_python("-I", "-X", "utf8", "-c", script)

    loaded = set(done.stderr.split())
    assert "watchkeeper.estimates.learned" in loaded
    assert set() == loaded & {"pydantic", "pygal", "icalendar", "psutil"}
