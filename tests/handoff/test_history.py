from __future__ import annotations

import pytest

from tests.commands.scene import Scene
from tests.support.environment import User
from watchkeeper.core import settings
from watchkeeper.handoff.history import History, read_history, session_tokens, verdict


@pytest.fixture
def scene(home: User) -> Scene:
    made = Scene(home)
    for number, tokens in enumerate((10_000, 60_000, 90_000, 140_000)):
        made.session(f"here-{number}", began_min=2_000 - number)
        made.response(1_000, session_id=f"here-{number}", tokens=(tokens, 0, 0, 500_000))
    made.session("small", began_min=900)
    made.response(800, session_id="small", tokens=(100, 0, 0, 0))
    return made


def history(scene: Scene, project: str, but: str = "") -> History | None:
    with scene.ledger as ledger:
        return read_history(ledger.usage, settings.DEFAULTS, project, but)


def test_sessions_of_this_project(scene: Scene) -> None:
    """Recent sessions tell what is usual, as the quota counts; small ones and the session itself say nothing."""
    assert History(4, 75_000, 47_500, 102_500, here=True) == history(scene, scene.project)
    assert History(3, 60_000, 35_000, 75_000, here=True) == history(scene, scene.project, "here-3")


def test_other_projects_have_to_do(scene: Scene) -> None:
    """Where a project has too few sessions, those of all projects are taken."""
    found = history(scene, "/elsewhere")

    assert found is not None
    assert (4, False) == (found.sessions, found.here)


def test_too_few_sessions_say_nothing(home: User) -> None:
    """Below three sessions there is no history."""
    assert history(Scene(home), "/p") is None


def test_tokens_of_a_session(scene: Scene) -> None:
    """Cache reads are not counted; of an unknown session nothing is known."""
    with scene.ledger as ledger:
        assert 60_000 == session_tokens(ledger.usage, settings.DEFAULTS, "here-1")
        assert session_tokens(ledger.usage, settings.DEFAULTS, "nobody") is None


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(None, "unknown"), (10_000, "low"), (50_000, "fits"), (200_000, "fits"), (300_000, "high")],
)
def test_estimates_are_held_against_history(tokens: int | None, expected: str) -> None:
    """An estimate far from what sessions took is called so."""
    assert expected == verdict(tokens, History(5, 75_000, 47_500, 102_500, here=True))
    assert "unknown" == verdict(tokens, None)
