"""The live view holds the status and every session that goes on."""

from __future__ import annotations

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, STORIES, Scene, danger, moderate
from watchkeeper.live.view import figures, live_view
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

LINES = 24


def crowd(scene: Scene, count: int) -> None:
    for number in range(count):
        scene.session(f"{number:08}-crowd", began_min=90, project=f"/home/ada/project-{number}")
        scene.response(60 + number, session_id=f"{number:08}-crowd", tokens=(10, 10, 1_000 * number, 10))


@pytest.mark.parametrize("story", ["danger", "api-key", "empty", "estimated"])
def test_page(scene: Scene, story: str) -> None:
    """What a second terminal shows in each situation."""
    STORIES[story](scene)
    view = {**live_view(scene.app(), None), "lines": LINES}

    assert_golden(
        f"watch-{story}", lambda columns, colour: engine.render("watch", view, Pen(colour), columns, scene.now)
    )


def test_page_fits_a_small_terminal(scene: Scene) -> None:
    """In 80 by 24 the busiest moment fits, and the last line says how to leave."""
    danger(scene)
    crowd(scene, 20)
    view = {**live_view(scene.app(), None), "lines": LINES}

    lines = engine.render("watch", view, Pen(colour=False), 80, scene.now).splitlines()

    assert len(lines) <= LINES
    assert "q quits" in lines[-1]
    assert any("more" in line for line in lines)


def test_ended_sessions_are_left_out(scene: Scene) -> None:
    """Only what goes on is shown."""
    moderate(scene)
    scene.session("gone", ended_at=scene.now)

    assert [SESSION] == [each["id"] for each in live_view(scene.app(), None)["sessions"]]


def test_without_a_session_of_its_own_the_latest_is_shown(scene: Scene) -> None:
    """In a terminal somewhere else the context is that of the session that was active last."""
    moderate(scene)
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")

    assert SESSION == live_view(scene.app(), None)["session"]["id"]


def test_only_what_a_person_would_call_a_change_is_one(scene: Scene) -> None:
    """Ages and fractions of a percent are no news; another percent, level or session is."""
    moderate(scene)
    before = figures(live_view(scene.app(), None))
    scene.report(42.9, 165.1, 1)
    same = figures(live_view(scene.app(), None))
    scene.report(43.0, 165, 0.5)
    another = figures(live_view(scene.app(), None))
    scene.session("new", began_min=0)

    assert before == same
    assert 3 == len({same, another, figures(live_view(scene.app(), None))})


@pytest.mark.parametrize(
    ("story", "line"),
    [
        ("danger", "danger, 5h 81% reported · resets 13:23 · week 61% · context 67% warning · 1 open session"),
        ("api-key", "5h unknown · context 14% fresh · 1 open session"),
        ("overage", "extra usage, 5h 100% reported · resets 14:45 · week 30% · context 40% healthy · 1 open session"),
        ("estimated", "good, 5h about 42% estimated · resets 15:25 · context unknown · 1 open session"),
        ("empty", "5h unknown · context unknown · 0 open sessions"),
    ],
)
def test_line(scene: Scene, story: str, line: str) -> None:
    """One line says how things are, for a log."""
    STORIES[story](scene)
    view = live_view(scene.app(), None)

    shown = engine.render("watch-line", view, Pen(colour=False), 80, scene.now).rstrip()

    assert f"2026-11-20T12:00:00+00:00 {line}" == shown
