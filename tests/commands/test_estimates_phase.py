"""`estimates phase` shows how a session stands against its plan, and `estimates report` writes what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Scene
from tests.estimates import plans
from tests.estimates.planned_work import PlannedWork
from watchkeeper.estimates import code_size, session_estimate, tracking_view
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


@pytest.fixture
def work(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlannedWork:
    """An hour of work on a plan of two phases, the first of which is done."""
    project = tmp_path / "my-project"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setattr(code_size, "lines_of_code", lambda _: 12_345)
    monkeypatch.setattr(session_estimate, "estimate", plans.plain_estimate)
    scene.project = str(project)
    scene.settings(quota={"plan": "pro"})
    made = PlannedWork(scene, project)
    made.begin()
    made.use(31_000, 65)
    made.run("estimates", "phase", "done")
    made.use(9_000, 80)
    return made


def test_page(work: PlannedWork) -> None:
    """What a person sees in the middle of a plan."""
    view = tracking_view.standing(work.scene.app(), None)
    shown = {**view, "plan": {**view["plan"], "path": "/p/plan.md"}, "path": "/c/session-tracking/95847ad0.json"}

    assert_golden(
        "tracking", lambda columns, colour: engine.render("tracking", shown, Pen(colour), columns, work.scene.now)
    )


def test_commands(work: PlannedWork) -> None:
    """Ending, beginning again, noting and stopping answer with how it stands, on a page and as JSON."""
    for arguments in (("note", "1", "--lesson", "x"), ("done",), ("start", "2"), ("stop",)):
        assert (0, "") == (ran := work.run("estimates", "phase", *arguments))[::2]
        assert ran.out
    assert {"plan", "phases", "projected", "left"} <= json.loads(_again(work)).keys()


def _again(work: PlannedWork) -> str:
    work.run("estimate-session", "plan.md", "--save")
    return work.run("estimates", "phase", "--json").out


def test_report(work: PlannedWork) -> None:
    """A report on any session is written on request, and told where it is."""
    work.end()
    ran = work.run("estimates", "report", SESSION[:8])

    path = Path(ran.out.removeprefix("The report stands in ").strip().rstrip("."))
    assert path.read_text(encoding="utf-8").startswith("# Session report: Auction backend")
    view = json.loads(work.run("estimates", "report", SESSION[:8], "--json").out)
    assert (str(path), 40_000) == (view["path"], view["tokens"])
    assert "No session begins with 'zzz'" in work.run("estimates", "report", "zzz").err
