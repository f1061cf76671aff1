"""`estimate-session` shows what a plan takes, phase by phase, and whether it fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
