"""A booking whose time came too late, too early, or under unlucky stars: cancelled, edited, refused by a scheduler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.automation.stage import Stage, begins
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler.failing import FailingScheduler
from watchkeeper.automation import fire
from watchkeeper.errors import UserError


@pytest.mark.parametrize(("late_min", "state"), [(59.0, "launched"), (61.0, "missed")], ids=["in grace", "too late"])
def test_the_machine_slept(stage: Stage, late_min: float, state: str) -> None:
    """Within the grace it starts late; later it asks."""
    stage.ready()
    begins(stage)
    booked = stage.book(at=stage.now - late_min * 60.0)

    stage.fire(booked.booking_id)

    assert state == stage.booking(booked.booking_id).state
    if state == "missed":
        ((title, text),) = stage.outside.notices
        assert "The booked session was missed" == title
        assert f"To start it now: watchkeeper automation fire {booked.booking_id}" in text
        assert "" == stage.waiting().booking_id


def test_a_missed_one_is_started_by_hand_however_late(stage: Stage) -> None:
    """Who answers the question is not asked again."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book(at=stage.now - 5 * 3600.0)
    stage.fire(booked.booking_id)

    assert stage.fire(booked.booking_id, by_scheduler=False).launched
    assert 1 == len(terminal.openings)


def test_fired_ahead_of_its_time_by_hand(stage: Stage) -> None:
    """Its user need not wait, and what the operating system holds of it is taken out."""
    stage.ready()
    begins(stage)
    booked = stage.book(at=stage.now + 7200.0)
    assert 2 == len(stage.outside.scheduler.jobs)

    assert stage.fire(booked.booking_id, by_scheduler=False).launched
    assert {} == stage.outside.scheduler.jobs


def test_a_job_that_comes_too_early_is_held_again(stage: Stage) -> None:
    """The clock was set back: it waits for its time."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book(at=stage.now + 7200.0)
    stage.outside.scheduler.jobs.clear()

    fired = stage.fire(booked.booking_id)

    assert (False, "booked", []) == (fired.launched, stage.booking(booked.booking_id).state, terminal.openings)
    assert stage.now + 7200.0 == stage.outside.scheduler.jobs[booked.booking_id].at


def test_cancelled_while_it_is_checked(stage: Stage) -> None:
    """What is cancelled before the intent is written is not started."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book()

    def cancel() -> None:
        assert 0 == stage.scene.run("cancel-next-session", booked.booking_id).code

    stage.outside.on_look = cancel

    with pytest.raises(UserError, match="was cancelled while it was checked"):
        stage.fire(booked.booking_id)

    assert [] == terminal.openings
    assert "cancelled" == stage.booking(booked.booking_id).state


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "[]",
        "{",
        '{"headless": "yes"}',
        '{"agent": "--dangerously-skip-permissions"}',
        '{"agent": "a\\nb"}',
        '{"extra": ["--resume"]}',
        '{"surprise": 1}',
        json.dumps({"extra": ["x" * 5_000]}),
    ],
    ids=["empty", "a list", "torn", "wrong type", "an option for a name", "two lines", "own option", "new", "too long"],
)
def test_a_booking_that_was_edited_by_hand_is_refused(stage: Stage, plan: str) -> None:
    """What no `automation book` would have taken is not started either."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book()
    stage.change(booked.booking_id, plan=plan)

    fired = stage.fire(booked.booking_id)

    assert (False, "refused", []) == (fired.launched, stage.booking(booked.booking_id).state, terminal.openings)
    assert "changed by hand" in fired.said
    assert 0 == stage.scene.run("automation-status").code


@pytest.mark.parametrize("column", ["environment", "left_out", "preflight", "outcome"])
def test_what_else_was_edited_by_hand_breaks_nothing(stage: Stage, column: str) -> None:
    """It counts as not there."""
    stage.ready()
    begins(stage)
    booked = stage.book()
    stage.change(booked.booking_id, **{column: "{torn"})

    fired = stage.fire(booked.booking_id)

    assert fired.booking.state in ("launched", "refused")
    assert 0 == stage.scene.run("automation-status", "--json").code


def test_a_bug_in_the_check_lets_go_of_the_booking(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A booking is not left with a process that has ended, and its user is told: nobody sat at the terminal."""
    stage.ready()
    booked = stage.book()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("watchkeeper.automation.fire.checks.preflight", broken)
    with pytest.raises(RuntimeError):
        stage.fire(booked.booking_id)

    after = stage.booking(booked.booking_id)
    assert ("refused", "the check was broken off (RuntimeError)") == (after.state, after.reason)
    assert ["The booked session was not started"] == [title for title, _ in stage.outside.notices]
    assert "the check was broken off (RuntimeError)" in stage.log()


def test_a_notice_that_cannot_be_shown_is_a_line_in_the_log(stage: Stage) -> None:
    """Nothing else fails because of it."""
    stage.ready()
    begins(stage)
    stage.outside.no_notice = "notify-send: it was not done after 10 seconds and was ended"

    assert stage.fire(stage.book().booking_id).launched
    assert "no notice" in stage.log()


def test_a_scheduler_that_fails_when_it_is_put_off(stage: Stage) -> None:
    """Then nobody would try again, and that is said."""
    stage.ready()
    stage.runs(status="busy")
    booked = stage.book()

    class Full:
        """Takes nothing more."""

        name = "recording"

        def unavailable(self) -> None:
            return None

        def schedule(self, *_: object) -> None:
            raise ProgramFailed(["at"], "the queue is full")

        def cancel(self, _: str) -> bool:
            return False

        def booked(self) -> list[object]:
            return []

    stage.outside.schedulers = (Full(),)  # type: ignore[assignment]

    fired = stage.fire(booked.booking_id)

    assert "refused" == stage.booking(booked.booking_id).state
    assert "it cannot be put off" in fired.said


def test_a_ledger_that_is_locked_is_waited_for(stage: Stage) -> None:
    """The job comes once: two minutes of somebody else's writing do not use it up."""
    stage.ready()
    begins(stage)
    booked = stage.book()
    app = stage.app()

    with app.ledger:
        fire.fire(app, booked.booking_id, stage.outside.doors, by_scheduler=True)
        patience_ms = app.ledger.state.execute("PRAGMA busy_timeout").fetchone()[0]

    assert 120_000 == patience_ms


def test_an_account_that_is_not_the_bookings(stage: Stage) -> None:
    """Whose limits count is what the client says at that time."""
    stage.ready()
    begins(stage)
    stage.scene.report(99.0, 60.0, ago_min=1.0, account="somebody-else")

    assert stage.fire(stage.book().booking_id).launched


def test_a_job_that_comes_too_early_and_cannot_be_held_again(stage: Stage) -> None:
    """Nothing would start it any more, and that is said."""
    booked = stage.book(at=stage.now + 7200.0)
    stage.outside.schedulers = (FailingScheduler("the queue is full", says_so=False),)

    fired = stage.fire(booked.booking_id)

    assert (False, "refused") == (fired.launched, stage.booking(booked.booking_id).state)
    assert "there is no scheduler called recording" in fired.said
    assert ["The booked session was not started"] == [title for title, _ in stage.outside.notices]


@pytest.mark.parametrize("where", [".claude/settings.local.json", ".claude/settings.json", "user"])
@pytest.mark.parametrize(
    ("booked_mode", "given"),
    [("", "--permission-mode=default"), ("plan", "--permission-mode=plan")],
    ids=["nothing booked", "a mode booked"],
)
def test_settings_alone_are_no_bypass(stage: Stage, where: str, booked_mode: str, given: str) -> None:
    """A session that starts while nobody looks asks before it acts, unless the booking itself says that it need not."""
    stage.ready()
    terminal = begins(stage)
    path = stage.scene.user.config / "settings.json" if where == "user" else Path(stage.project, where)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"permissions": {"defaultMode": "bypassPermissions"}}), encoding="utf-8")

    assert stage.fire(stage.book(permission_mode=booked_mode).booking_id).launched
    assert given in terminal.openings[0].argv


def test_the_settings_own_mode_is_left_to_the_client(stage: Stage) -> None:
    """The nearer settings count, and what asks is not named."""
    stage.ready()
    terminal = begins(stage)
    for path, mode in (
        (stage.scene.user.config / "settings.json", "bypassPermissions"),
        (Path(stage.project, ".claude", "settings.json"), "plan"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"permissions": {"defaultMode": mode}}), encoding="utf-8")

    assert stage.fire(stage.book().booking_id).launched
    assert not [each for each in terminal.openings[0].argv if each.startswith("--permission-mode")]
