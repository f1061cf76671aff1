"""`watchkeeper queue plan` shows window by window what runs when, what is left out, and why."""

from __future__ import annotations

import json
from typing import Any

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from tests.planner.plans import HOUR_S, NOW, UTC, forecast, hours
from watchkeeper.planner.allocation import allocate
from watchkeeper.planner.allocation_view import view_of
from watchkeeper.planner.availability import Availability
from watchkeeper.planner.candidate import Candidate
from watchkeeper.planner.forecast import Forecast, Week
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

QUEUE = [
    Candidate("foundation", "Foundation", mid_tokens=60_000, hours=2.0, priority=2, started_at=NOW - HOUR_S),
    Candidate("implementation", "Implementation – part 2/3", 55_000, 65_000, 90_000, 4.0, 2, ("foundation",)),
    Candidate("testing", "Testing", mid_tokens=122_000, hours=1.5, priority=1, after=("implementation",)),
    Candidate("polish", "Polish & documentation", mid_tokens=18_000, hours=2.0, priority=1, created_at=1.0),
    Candidate("review", "Review", mid_tokens=10_000, hours=0.5, at=NOW + 14 * HOUR_S, created_at=2.0),
    Candidate("explore", "Explore other storage engines", created_at=3.0),
    Candidate("rewrite", "Rewrite everything", mid_tokens=400_000, hours=5.0, created_at=4.0),
    Candidate("deploy", "Deploy", mid_tokens=8_000, hours=1.0, after=("rewrite",), created_at=5.0),
]
QUIET = Availability((), hours("22:00-07:00"), UTC)
NO_HOURS: dict[str, Any] = {"working": [], "quiet": [], "time_zone": None, "closed_now": None}


def view(window: Forecast, queue: list[Candidate], available: Availability = QUIET, **rules: Any) -> dict[str, Any]:
    return {**view_of(allocate(queue, window, available, NOW)), "hours": {**NO_HOURS, **rules}}


def golden(name: str, shown: dict[str, Any]) -> None:
    assert_golden(name, lambda columns, colour: engine.render("allocation", shown, Pen(colour), columns, NOW))


def test_a_full_queue() -> None:
    """A running session, an appointment, a night, an unknown estimate, what is too large, and what waits for it."""
    week = Week(800_000, 1_900_000, 53.0, NOW + 60 * HOUR_S, "estimated")
    golden("queue-plan", view(forecast(95_000, week=week, age_s=120.0), QUEUE, quiet=["22:00-07:00"]))


def test_an_unknown_quota() -> None:
    """Where nothing is known of the quota the plan says that it goes by hours."""
    golden("queue-plan-unknown", view(Forecast(), [QUEUE[3], QUEUE[6]]))


def test_paid_by_the_token() -> None:
    """Without a five-hour window the sessions stand in one list."""
    golden("queue-plan-api-key", view(Forecast(is_metered=False), QUEUE[3:6], Availability((), (), UTC)))


def test_an_empty_queue() -> None:
    """An empty queue names the command that fills it."""
    golden("queue-plan-empty", view(forecast(), []))


def test_figures_of_a_session() -> None:
    """Programs are told what a session needs, what its window has for it, what that leaves, and how sure that is."""
    shown = view(forecast(90_000), [QUEUE[1]._replace(after=())], Availability((), (), UTC))
    window = shown["windows"][0]
    session = window["sessions"][0]

    assert (65_000, 80_000, 15_000) == tuple(session[f"{key}tokens"] for key in ("", "has_", "buffer_"))
    assert 88.6 == round(session["confidence_pct"], 1)
    assert (True, 80_000, 65_000, 15_000) == (
        window["is_open"], window["usable_tokens"], window["planned_tokens"], window["left_tokens"],
    )  # fmt: skip
    assert "right away" == session["reason"]


def test_the_command(scene: Scene) -> None:
    """`queue plan` plans the queue that is stored, under the settings and the quota that are known."""
    scene.settings(quota={"plan": "pro"}, planner={"quiet_hours": ["11:00-13:30"], "time_zone": "UTC"})
    scene.session()
    scene.snapshot()
    scene.report(91.0, 165)
    scene.run("queue", "add", "--name", "Implementation", "--tokens", "65000", "--hours", "3")
    scene.run("queue", "add", "--name", "Polish", "--tokens", "6000", "--hours", "1")

    shown = json.loads(scene.run("queue", "plan", "--json").out)

    assert (18_000, 8_000) == (shown["forecast"]["left_tokens"], shown["forecast"]["usable_tokens"])
    assert [("polish", "2026-11-20T13:30:00+00:00"), ("implementation", "2026-11-20T14:50:00+00:00")] == [
        (each["id"], each["starts_at"]) for window in shown["windows"] for each in window["sessions"]
    ]
    assert "quiet hours" == shown["hours"]["closed_now"]
    assert "5 minutes after the reset: needs 65k, 2k left before" in scene.run("queue", "plan", columns=120).out
