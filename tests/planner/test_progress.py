"""A running session is measured where it runs, and where it goes on after a restart."""

from __future__ import annotations

import pytest

from tests.commands.scene import Scene
from tests.planner.sessions import session
from tests.support.clock import NOON
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import pending
from watchkeeper.planner import dependencies, progress
from watchkeeper.planner.model import PlannedSession


def running(**fields: object) -> PlannedSession:
    return dependencies.moved(session("api", **fields), "running", NOON)


def given(scene: Scene, handoff: str, from_session: str, to_session: str, at: float) -> None:
    """A handoff of one session was given to another one."""
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        pending.mark(db, handoff, scene.project, from_session, "/x", "manual", None, at)
        pending.claim(db, handoff, to_session, at)


def test_what_was_used_before_does_not_count(scene: Scene) -> None:
    """A session that had used something when it was started is measured from there."""
    scene.response(5, session_id="one", tokens=(9_000, 1_000, 0, 500))

    assert 7_000 == progress.used_tokens(scene.app(), running(session_id="one", tokens_before=3_000))


def test_a_restart_goes_on(scene: Scene) -> None:
    """A session that was saved and cleared goes on in the one that was given its handoff, and so on."""
    given(scene, "h1", "one", "two", NOON + 60)
    given(scene, "h2", "two", "three", NOON + 120)
    for number, name in enumerate(("one", "two", "three", "four"), 1):
        scene.response(5, session_id=name, tokens=(number * 1_000, 0, 0, 0))

    app = scene.app()

    assert ["one", "two", "three"] == progress.runners_of(app, running(session_id="one"))
    assert 6_000 == progress.used_tokens(app, running(session_id="one"))


def test_a_circle_of_restarts_ends(scene: Scene) -> None:
    """Sessions that gave each other handoffs are counted once."""
    given(scene, "h1", "one", "two", NOON + 60)
    given(scene, "h2", "two", "one", NOON + 120)

    assert ["one", "two"] == progress.runners_of(scene.app(), running(session_id="one"))


@pytest.mark.parametrize(("at", "expected"), [(NOON + 60, ["fresh"]), (NOON - 60, [])], ids=["since", "before"])
def test_whoever_got_the_handoff_runs_it(scene: Scene, at: float, expected: list[str]) -> None:
    """Started in a terminal it runs in the session that was given its handoff since."""
    given(scene, "h", "old", "fresh", at)

    assert expected == progress.runners_of(scene.app(), running(handoff="h"))


def test_what_is_not_known_is_not_claimed(scene: Scene) -> None:
    """Without a session there is no figure, and nothing is shown of one that does not run."""
    app = scene.app()
    view = progress.progress_view(app, running(estimated_tokens=5))

    assert view is not None
    assert ([], None, None, "unknown") == (
        view["session_ids"],
        view["used_tokens"],
        view["used_pct"],
        view["source"],
    )
    assert progress.progress_view(app, session("api")) is None


def test_a_session_that_was_resumed_has_not_ended(scene: Scene) -> None:
    """An end with a sign after it is no end."""
    scene.session("one", ended_at=NOON - 600, last_at=NOON - 60)

    view = progress.progress_view(scene.app(), running(session_id="one"))

    assert view is not None
    assert view["ended_at"] is None
