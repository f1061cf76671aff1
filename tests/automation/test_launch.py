"""What a booked session is started with, and how it is given its handoff."""

from __future__ import annotations

import json

import pytest

from tests.automation.stage import HANDOFF, Stage
from tests.core.test_alerts import user_line
from tests.support.environment import User
from tests.support.watching import HOUR, Hooks, report
from watchkeeper.automation import launch, preflight
from watchkeeper.automation import plan as plans
from watchkeeper.automation.bookings import Booking
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import start

RESET = 1_795_176_000.0


def prompt(stage: Stage, booked: Booking) -> str:
    app = stage.app()
    with app.ledger:
        found = preflight.preflight(app, booked, plans.read(booked.plan), stage.outside.doors, stage.now)
    return launch.prompt(booked, found)


def test_the_prompt_states_the_quota(stage: Stage) -> None:
    """It is the same for every handoff: to acknowledge it, run its commands, begin, and be thrifty."""
    stage.ready()
    text = prompt(stage, stage.book())

    for part in (
        "Acknowledge in a line that you have it",
        "run the commands it names for the start under your normal permissions",
        "begin with its objectives",
        "The five-hour quota has reset, about 200,000 tokens in all; work efficiently.",
    ):
        assert part in text
    assert "\n" not in text


def test_an_open_window_is_stated_as_its_share(stage: Stage) -> None:
    """As reported, and not as more than it is."""
    stage.ready()
    stage.scene.report(3.4, resets_in_min=290, ago_min=1.0)

    assert "96% of the five-hour quota is free" in prompt(stage, stage.book())


def test_nothing_is_stated_that_is_not_known(stage: Stage) -> None:
    """Without report and plan the quota is not known."""
    assert "The quota is not known; work efficiently." in prompt(stage, stage.book())


def test_without_a_handoff_none_is_spoken_of(stage: Stage) -> None:
    """A session may be booked to begin with nothing."""
    assert "handoff" not in prompt(stage, stage.book(handoff=""))


def test_the_terminal_that_was_booked_in_is_not_inherited(stage: Stage) -> None:
    """The session gets the user's variables and those of its own window."""
    booked = stage.book()._replace(
        environment=json.dumps({"EDITOR": "vi", "TMUX": "/tmp/x,1,0", "TERM": "dumb", "WEZTERM_PANE": "3", "LANG": "C"})
    )

    assert {"EDITOR": "vi", "LANG": "C", "WATCHKEEPER_HANDOFF": HANDOFF, "WATCHKEEPER_BOOKING": booked.booking_id} == (
        launch.environment(booked)
    )


@pytest.mark.parametrize(("session_id", "given"), [("booked-one", True), ("another", False)])
def test_a_terminal_that_loses_variables_loses_no_handoff(
    stage: Stage, real_processes: User, session_id: str, given: bool
) -> None:
    """Windows Terminal passes on its own environment: then the session is known by its id."""
    booked = stage.book()
    stage.change(booked.booking_id, state="launching", session_id="booked-one")
    app = stage.app()
    starting = start.Starting(session_id, "startup", stage.project, True, {}, {})

    with app.ledger:
        told = start.told_at_start(app.ledger, app.settings, app.paths, starting, stage.now)

    assert given is ("notes from an earlier session" in told.model)


def test_minutes_left_are_told_while_a_session_is_booked(home: User) -> None:
    """Who waits for the reset is told when it comes, also when much is left; once it has started, no more."""
    hooks = Hooks(home)
    hooks.report(report(40, RESET - HOUR, RESET))

    def line(minute: float) -> str:
        return user_line(hooks.call("PostToolUse", RESET - 60 * minute))

    before = line(59)
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        fields = dict.fromkeys(Booking._fields, "") | {"state": "booked", "at": RESET, "first_at": RESET, "tries": 0}
        names = ", ".join(fields)
        marks = ",".join("?" * len(fields))
        values = [0.0 if name.endswith("_at") and not fields[name] else fields[name] for name in fields]
        db.execute(f"INSERT INTO bookings ({names}) VALUES ({marks})", values)
    booked = [line(minute) for minute in (58, 29, 28)]
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        db.execute("UPDATE bookings SET state = 'launched'")

    assert "until the five-hour" not in before
    assert [True, True, False] == ["until the five-hour" in each for each in booked]
    assert "until the five-hour" not in line(4)
