"""`estimate-session` shows what a plan takes, phase by phase, and whether it fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene, danger, moderate
from tests.estimates import plans
from tests.support.clock import NOON
from watchkeeper.estimates import code_size, plan_estimate, session_estimate
from watchkeeper.estimates.plan_estimate import Wish
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


def _fresh(scene: Scene) -> None:
    """Nothing is known of the user's work, and of the quota."""


def _planned(scene: Scene) -> None:
    moderate(scene)
    scene.settings(quota={"plan": "pro"})


STORIES: dict[str, tuple[Callable[[Scene], None], str, Wish]] = {
    "fresh": (_fresh, plans.RECKONED, Wish("plan.md")),
    "moderate": (_planned, plans.HEADINGS, Wish("plan.md", saves=True)),
    "danger": (danger, plans.NUMBERED_LIST, Wish("plan.md")),
    "unclear": (_fresh, plans.CHECKLIST, Wish("plan.md", writes=True)),
    "done": (_fresh, plans.CHECKLIST.replace("[ ]", "[x]"), Wish("plan.md")),
}


@pytest.mark.parametrize("story", STORIES)
def test_page(scene: Scene, story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person sees in each situation."""
    happened, text, wish = STORIES[story]
    project = tmp_path / "my-project"
    project.mkdir()
    monkeypatch.chdir(project)
    scene.project = str(project)
    happened(scene)
    monkeypatch.setattr(code_size, "lines_of_code", lambda _: 12_345)
    monkeypatch.setattr(session_estimate, "estimate", plans.plain_estimate)
    (project / "plan.md").write_text(text, encoding="utf-8")
    view = plan_estimate.estimate(scene.app(), wish)
    view["plan"]["path"] = "/home/ada/my-project/plan.md"

    assert_golden(
        f"estimate-session-{story}",
        lambda columns, colour: engine.render("estimate-session", view, Pen(colour), columns, NOON),
    )


def test_what_own_work_changed_is_said(scene: Scene) -> None:
    """Where the user's own work moved an estimate away from its reckoning, the line that explains it says so."""
    phase: dict[str, Any] = {"hours": 2.0, "prior_tokens": 60_000, "mid_tokens": 960_000, "cases": 12}

    said = [explained(scene, phase | change) for change in ({}, {"cases": 0}, {"mid_tokens": 62_000})]

    assert [True, False, False] == ["what your own work took x16" in each for each in said]


def explained(scene: Scene, phase: dict[str, Any]) -> str:
    """The page of a plan with one phase of these figures."""
    Path(scene.project).mkdir(parents=True, exist_ok=True)
    plan = Path(scene.project, "plan.md")
    text = "# Shop\n\n**Project size**: small\n\n### Phase 1: Tests (2h)\n\n- [ ] unit tests\n"
    plan.write_text(text, encoding="utf-8")
    view = plan_estimate.estimate(scene.app(), Wish(str(plan)))
    view["phases"][0] |= phase
    return " ".join(engine.render("estimate-session", view, Pen(False), 80, NOON).split())
