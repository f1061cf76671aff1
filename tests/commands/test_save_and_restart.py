"""`save-and-restart` writes the handoff, lets it wait, and says to type /clear."""

from __future__ import annotations

import json

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Scene, moderate
from tests.commands.test_plan_next_session import VIEWS
from tests.handoff.test_said import WRITTEN
from tests.support.clock import NOON
from watchkeeper.handoff import pending
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


@pytest.fixture
def here(in_project: Scene) -> Scene:
    moderate(in_project)
    return in_project


@pytest.mark.parametrize("name", ["noted", "by-hand", "booked"])
def test_page(name: str) -> None:
    """What a person sees: the handoff, and what to type."""
    assert_golden(
        f"save-and-restart-{name}",
        lambda columns, colour: engine.render("save-and-restart", VIEWS[name], Pen(colour), columns, NOON),
    )


def test_it_waits_for_the_fresh_session(here: Scene) -> None:
    """The handoff waits in this project, and no start is asked for."""
    ran = here.run("save-and-restart", stdin=WRITTEN, environ={"CLAUDE_CODE_SESSION_ID": SESSION})

    assert (0, "") == (ran.code, ran.err)
    assert "Type /clear" in ran.out
    with here.ledger as ledger:
        waiting = pending.waiting_in(ledger.state, here.project)
    assert waiting is not None
    assert (f"handoff-{SESSION}", SESSION, "manual") == (waiting.handoff_id, waiting.session_id, waiting.start)


def test_in_a_terminal_no_start_is_asked(here: Scene) -> None:
    """The questions end with what stands in the way."""
    ran = here.run("save-and-restart", stdin="\n\nObjective\n\n\n\n\n", is_interactive=True)

    assert 0 == ran.code
    assert "When shall the next session start" not in ran.out


def test_a_time_is_booked(here: Scene) -> None:
    """The fresh session starts by itself at the time that is wanted, and alone is given the handoff."""
    view = json.loads(here.run("save-and-restart", "--json", "--at", "in 2h", stdin=WRITTEN).out)

    assert ("at", "2026-11-20T14:00:00+00:00") == (view["start"]["choice"], view["start"]["at"])
    assert "2026-11-20T14:00:00+00:00" == view["handoff"]["scheduled_for_at"]
    assert ("booked", view["handoff"]["id"]) == (view["booking"]["state"], view["booking"]["handoff"])
    with here.ledger as ledger:
        assert pending.waiting_in(ledger.state, here.project) is None
        assert pending.booked_in(ledger.state, here.project) is not None
