"""In a terminal `start-next-session` asks for the hours and for leave: the ways through it."""

from __future__ import annotations

import pytest

from tests.commands.queueing import (
    HOUR,
    add,
    asked,
    flat,
    left,
    run,
    state_of,
    told,
    usual_queue,
)
from tests.commands.scene import Scene
from tests.support.clock import NOON

pytestmark = pytest.mark.usefixtures("plan_pro")


def test_what_fits_is_started(here: Scene) -> None:
    """115,000 of 200,000 left, three hours: Part 2 with its 45,000 is proposed with its objectives and started."""
    usual_queue(here)
    left(here, 115_000)

    out = flat(asked(here, "3", "yes"))

    for part in (
        "about 115,000 of 200,000 tokens left (57%)",
        "in 2h 45m",
        "2/5 complete ready: 1, scheduled: 2",
        "How many hours can you work? [1-5]",
        "Implementation - Part 2/3 needs 45,000 tokens, has 105,000 (115,000 left less the reserve of 10,000)",
        "• Build API integration layer",
        "Start this session? (yes/no)",
        "Started",
    ):
        assert part in out
    assert "running" == state_of(here, "implementation-2")["state"]


def test_low_quota_is_scheduled_and_started_when_it_is_due(here: Scene) -> None:
    """18,000 left, 65,000 needed, five minutes after the reset it is proposed first."""
    add(here, "Implementation", "--tokens", "65k", "--hours", "3")
    left(here, 18_000, resets_in_h=5.5 - 1)

    out = flat(asked(here, "3", "yes"))

    assert "needs 65,000 tokens, has 8,000 (18,000 left less the reserve of 10,000)" in out
    assert "Schedule this session for 16:35? (yes/no)" in out
    assert "Starts 16:35 by itself, in 4h 35m" in out
    assert "/create-calendar-events" in out
    assert ("scheduled", "2026-11-20T16:35:00+00:00") == (
        (shown := state_of(here, "implementation"))["state"],
        shown["at"],
    )

    add(here, "Something urgent", "--tokens", "5k", "--priority", "critical")
    view = told(here, "--hours", "3", now=NOON + 4.6 * HOUR)
    assert ("start", "implementation", True) == (view["decision"], view["session"]["id"], view["due"])


def test_low_quota_finds_something_smaller(here: Scene) -> None:
    """25,000 left, Polish (18k) and Documentation (22k) are offered, the first is started."""
    add(here, "Large", "--tokens", "85k", "--hours", "3", "--priority", "high")
    add(here, "Polish", "--tokens", "18k", "--hours", "2")
    add(here, "Documentation", "--tokens", "22k", "--hours", "1.5")
    left(here, 25_000)

    out = flat(asked(here, "3", "1"))

    assert "Large needs 85,000 tokens, has 15,000 (25,000 left less the reserve of 10,000)" in out
    assert "1. Polish (2h, 18,000 tokens) polish, uses the reserve that is kept for saving the work" in out
    assert "2. Documentation (1h 30m, 22,000 tokens)" in out
    assert "Start which session? (1-2, s to schedule Large for 14:50, or 0 to cancel)" in out
    assert ("running", "ready", "ready") == tuple(
        state_of(here, each)["state"] for each in ("polish", "documentation", "large")
    )


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        pytest.param(("s",), ("scheduled", "ready"), id="scheduled instead"),
        pytest.param(("0",), ("ready", "ready"), id="none"),
        pytest.param(("",), ("ready", "ready"), id="an empty answer"),
        pytest.param(("yes",), ("ready", "running"), id="yes to the only one"),
        pytest.param(("7", "x", "1"), ("ready", "running"), id="asked again"),
    ],
)
def test_answers_to_several(here: Scene, answers: tuple[str, ...], states: tuple[str, str]) -> None:
    """A number starts, s schedules, nothing does nothing, anything else is asked again."""
    large = add(here, "Large", "--tokens", "85k", "--priority", "high")
    small = add(here, "Small", "--tokens", "9k")
    left(here, 25_000)

    asked(here, "3", *answers)

    assert states == (state_of(here, large)["state"], state_of(here, small)["state"])


def test_hours_are_asked_until_they_are_some(here: Scene) -> None:
    """Words are answered with what to write; --hours leaves the question out."""
    add(here, "x", "--tokens", "5k")
    left(here, 115_000)

    assert "A number of hours such as 3 or 1.5." in asked(here, "many", "-1", "1.5", "no")
    assert "How many hours" not in asked(here, "no", options=("--hours", "2"))


def test_nothing_is_asked_of_an_empty_queue(here: Scene) -> None:
    """With nothing queued small work is offered, as far as it fits what is left."""
    left(here, 25_000)

    out = flat(asked(here))

    assert "How many hours" not in out
    assert "The queue is empty." in out
    assert "• Code review, 8k to 12k tokens" in out
    assert "• Polish and documentation, 15k to 20k tokens; uses the reserve" in out
    assert "Nothing was started." in out
    assert ["nothing", None, []] == [(view := told(here))[key] for key in ("decision", "session", "alternatives")]
    assert [
        ("Polish and documentation", 15_000, 20_000),
        ("Bug fixes", 10_000, 15_000),
        ("Code review", 8_000, 12_000),
    ] == [(each["name"], each["low_tokens"], each["high_tokens"]) for each in view["suggestions"]]


def test_a_person_may_use_the_reserve(here: Scene) -> None:
    """Who does not want it scheduled is asked whether the reserve shall be used."""
    add(here, "Polish", "--tokens", "18k")
    left(here, 25_000)

    out = flat(asked(here, "3", "no", "yes"))

    assert "Schedule this session for 14:50? (yes/no)" in out
    assert "Start it now by using the reserve? (yes/no)" in out
    assert "running" == state_of(here, "polish")["state"]


def test_a_terminal_that_closes_starts_nothing(here: Scene) -> None:
    """The end of the input is no answer."""
    add(here, "x")

    assert 130 == run(here, stdin="", is_interactive=True).code
    asked(here, "3")
    assert "ready" == state_of(here, "x")["state"]


def test_what_fits_an_unknown_quota_is_not_claimed(here: Scene) -> None:
    """Small work is offered as fitting only where it is known what is left."""
    here.settings(quota={"plan": ""})
    assert "Small work; whether it fits cannot be told:" in run(here).out

    left(here, 150_000)

    assert "Small work that fits what is left:" in run(here).out
