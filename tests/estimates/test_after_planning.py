"""Planning the next session ends the phases that the handoff calls done, and says what is left of the plan."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.estimates.planned_work import PlannedWork


def plan_next(work: PlannedWork, **said: Any) -> dict[str, Any] | None:
    handoff = {"title": "x", "accomplished": ["a"], "objectives": ["b"], **said}
    ran = work.run("plan-next-session", "--json", stdin=json.dumps(handoff))
    assert 0 == ran.code, ran.err
    view: dict[str, Any] = json.loads(ran.out)
    rest: dict[str, Any] | None = view["plan"]
    return rest


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        ({"accomplished": ["Finished the bid queue, with its worker"]}, ["Bid queue"]),
        ({"accomplished": ["Something else"]}, []),
        ({"accomplished": ["Half of the bid queue"], "objectives": ["Bid queue: the worker"]}, []),
    ],
    ids=["named as done", "not named", "still to do"],
)
def test_phases_advance(work: PlannedWork, said: dict[str, Any], ended: list[str]) -> None:
    """A phase is over when it stands among what was accomplished and not among what is next."""
    work.begin()
    work.use(9_000, 20)

    rest = plan_next(work, **said)

    assert rest is not None
    assert ended == rest["ended"]
    assert [name for name in ("Bid queue", "Cover it with tests") if name not in ended] == rest["to_come"]
    assert rest["mid_tokens"] > 0
    assert ended == [] or "'Bid queue' is done" in work.due()[0]


def test_without_a_plan(work: PlannedWork) -> None:
    """A session that is compared with nothing plans its next one as ever."""
    work.scene.session(began_min=0.0)

    assert plan_next(work) is None


def test_the_page_names_what_is_left(work: PlannedWork) -> None:
    """Who plans sees what is still to come of the plan."""
    work.begin()
    work.use(9_000, 20)

    handoff = {"title": "x", "accomplished": ["The bid queue"], "objectives": ["b"]}
    shown = work.run("plan-next-session", stdin=json.dumps(handoff)).out

    assert "tokens to come" in shown
    assert "Cover it with tests" in shown
