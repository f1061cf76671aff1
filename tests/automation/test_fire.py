"""What happens when a booking's time has come: started once, put off, given up, missed."""

from __future__ import annotations

import threading

import pytest

from tests.automation.outside import OpeningTerminal
from tests.automation.stage import HANDOFF, OTHER_SESSION, Stage, begins
from watchkeeper.adapters.terminal.failing import FailingTerminal
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.automation import facts
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import pending


def window(stage: Stage, used_pct: float, resets_in_min: float) -> None:
    stage.scene.report(used_pct, resets_in_min, ago_min=1.0)


def test_a_session_is_started(stage: Stage) -> None:
    """It opens in the project, with the handoff in its environment, a fixed prompt and an id known beforehand."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book(agent="implementation-agent", model="sonnet", permission_mode="acceptEdits")

    fired = stage.fire(booked.booking_id)

    (opening,) = terminal.openings
    after = stage.booking(booked.booking_id)
    assert (True, "launched", stage.project) == (fired.launched, after.state, opening.folder)
    assert (
        stage.claude,
        f"--session-id={after.session_id}",
        "--agent=implementation-agent",
        "--model=sonnet",
        "--permission-mode=acceptEdits",
        "--",
    ) == opening.argv[:-1]
    assert "work efficiently" in opening.argv[-1]
    assert "200,000 tokens" in opening.argv[-1]
    assert (HANDOFF, booked.booking_id, None) == tuple(
        opening.environment[name] for name in ("WATCHKEEPER_HANDOFF", "WATCHKEEPER_BOOKING", "CLAUDECODE")
    )
    assert {"window": "recorded-1", "reach": "tmux attach -t =watchkeeper"} == after.result
    assert [("A Claude Code session has started", "my-app: in a window of its own: tmux attach -t =watchkeeper")] == (
        stage.outside.notices
    )
    assert ["booked", "launching", "launched"] == [line.split("  ")[2] for line in stage.log().splitlines()]


def test_nothing_of_a_handoff_is_in_the_command(stage: Stage) -> None:
    """Its text reaches the session through the hook alone."""
    stage.ready()
    stage.write_handoff(title="$(touch /tmp/pwned)", instructions="`id`; rm -rf /")
    terminal = begins(stage)

    stage.fire(stage.book().booking_id)

    (opening,) = terminal.openings
    assert not any(text in argument for argument in opening.argv for text in ("pwned", "`id`", "rm -rf"))


def test_a_second_fire_starts_nothing(stage: Stage) -> None:
    """A booking that was started is told to be so, and its command ends with 1."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book()
    stage.fire(booked.booking_id)

    with pytest.raises(UserError, match="is launched: its session was started"):
        stage.fire(booked.booking_id)

    assert 1 == len(terminal.openings)


def test_two_fires_at_once_start_one_session(stage: Stage) -> None:
    """Whoever loses the race for the row starts nothing."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book()
    together = threading.Barrier(4)
    outcomes: list[str] = []

    def one() -> None:
        together.wait()
        try:
            outcomes.append(f"launched {stage.fire(booked.booking_id).launched}")
        except UserError as error:
            outcomes.append(f"refused {'checking' in str(error) or 'started' in str(error)}")

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["launched True", "refused True", "refused True", "refused True"] == sorted(outcomes)
    assert 1 == len(terminal.openings)


@pytest.mark.parametrize("began", [True, False], ids=["the client came", "the client never came"])
def test_killed_between_launch_and_proof_it_is_not_started_again(stage: Stage, began: bool) -> None:
    """The intent is written first: what was perhaps started is looked at, and never started a second time."""
    stage.ready()
    booked = stage.book()

    class Killed(BaseException):
        """Nothing that runs after kill -9 runs after this."""

    def kill(opening: Opening) -> None:
        if began:
            stage.runs(opening.argv[1].partition("=")[2], pid=9000)
        raise Killed

    stage.outside.terminal = OpeningTerminal(kill)
    with pytest.raises(Killed):
        stage.fire(booked.booking_id)
    assert "launching" == stage.booking(booked.booking_id).state
    terminal = begins(stage)
    stage.change(booked.booking_id, fired_by="999999 1.0")

    with pytest.raises(UserError, match="is launching"):
        stage.fire(booked.booking_id)
    with pytest.raises(UserError, match="is launching"):
        stage.fire(booked.booking_id, by_scheduler=False)
    stage.now += 600.0
    stage.scene.now += 600.0
    stage.scene.run("automation-status")

    after = stage.booking(booked.booking_id)
    assert [] == terminal.openings
    assert ("launched" if began else "failed") == after.state
    assert ("" if not began else booked.booking_id) == stage.waiting().booking_id


def test_killed_while_checking_it_can_be_fired_again(stage: Stage) -> None:
    """Nothing was started yet, so whoever comes next may take it."""
    stage.ready()
    terminal = begins(stage)
    booked = stage.book()
    stage.change(booked.booking_id, state="firing", fired_by="999999 1.0")

    assert stage.fire(booked.booking_id).launched
    assert 1 == len(terminal.openings)


def test_not_ready_it_is_put_off(stage: Stage) -> None:
    """It is tried again half an hour later, held by the operating system, and says why."""
    stage.ready()
    stage.runs(status="busy")
    booked = stage.book()

    fired = stage.fire(booked.booking_id)

    after = stage.booking(booked.booking_id)
    assert (False, "booked", 1, stage.now + 1800.0) == (fired.launched, after.state, after.tries, after.at)
    assert stage.now + 1800.0 == stage.outside.scheduler.jobs[booked.booking_id].at
    assert stage.now + 1500.0 == stage.outside.scheduler.jobs[f"{booked.booking_id}-notice"].at
    assert (booked.booking_id, stage.now + 1800.0) == (stage.waiting().booking_id, stage.waiting().scheduled_for)
    assert f"idle project: session {OTHER_SESSION[:8]} is working here" == after.reason
    assert [] == stage.outside.notices


def test_put_off_until_the_reset_that_is_known(stage: Stage) -> None:
    """Where the report says when the window ends, it is not tried before."""
    stage.ready()
    window(stage, 60.0, 120.0)
    booked = stage.book()

    stage.fire(booked.booking_id)

    assert stage.now + 125 * 60.0 == stage.booking(booked.booking_id).at


def test_put_off_until_quiet_hours_end(stage: Stage) -> None:
    """Nobody is woken."""
    stage.ready()
    stage.scene.settings(quota={"plan": "pro"}, planner={"quiet_hours": ["11:00-16:00"]})
    booked = stage.book()

    stage.fire(booked.booking_id)

    assert stage.now + 4 * 3600.0 == stage.booking(booked.booking_id).at


def test_given_up_after_so_many_tries(stage: Stage) -> None:
    """It ends with a notice that says why, and the handoff waits for anyone."""
    stage.ready()
    stage.scene.settings(quota={"plan": "pro"}, automation={"tries": 3})
    stage.runs(status="busy")
    booked = stage.book()
    for number in range(3):
        stage.fire(booked.booking_id, now=stage.now + number * 1800.0)

    after = stage.booking(booked.booking_id)
    assert ("refused", 3) == (after.state, after.tries)
    ((title, text),) = stage.outside.notices
    assert "The booked session was not started" == title
    assert text.startswith("my-app: not ready after 3 tries; idle project: session 11111111 is working here")
    assert {} == stage.outside.scheduler.jobs
    assert ("pending", "") == (stage.waiting().state, stage.waiting().booking_id)


def test_what_waiting_does_not_mend_is_refused_at_once(stage: Stage) -> None:
    """Somebody has to do something, so they are told."""
    stage.ready()
    stage.outside.terminal = FailingTerminal("tmux is not installed")
    booked = stage.book()

    fired = stage.fire(booked.booking_id)

    assert "refused" == stage.booking(booked.booking_id).state
    assert "terminal: no terminal works here: failing: tmux is not installed" in fired.said
    assert 1 == len(stage.outside.notices)
    assert {} == stage.outside.scheduler.jobs


def test_a_refused_one_can_be_started_by_hand(stage: Stage) -> None:
    """Once what was missing is there, its user starts it and the handoff is its again."""
    stage.ready()
    stage.outside.terminal = FailingTerminal("tmux is not installed")
    booked = stage.book()
    stage.fire(booked.booking_id)
    terminal = begins(stage)

    fired = stage.fire(booked.booking_id, by_scheduler=False)

    assert (True, 1) == (fired.launched, len(terminal.openings))
    assert booked.booking_id == stage.waiting().booking_id


@pytest.mark.parametrize(("allowed", "launched"), [(False, False), (True, True)], ids=["not allowed", "allowed"])
def test_what_is_unknown_waits_unless_the_booking_allows_it(stage: Stage, allowed: bool, launched: bool) -> None:
    """Going without knowing needs the user's word in the booking."""
    terminal = begins(stage)
    booked = stage.book(even_if_unknown=allowed)

    fired = stage.fire(booked.booking_id)

    assert {facts.UNKNOWN} == {each.state for each in fired.facts if each.state != facts.YES}
    assert (launched, int(launched)) == (fired.launched, len(terminal.openings))


def test_no_sign_of_the_client(stage: Stage) -> None:
    """A window that shows a dialog, or closed again, is told of, and not opened a second time."""
    stage.ready()
    booked = stage.book()

    fired = stage.fire(booked.booking_id)

    assert (False, "failed") == (fired.launched, stage.booking(booked.booking_id).state)
    assert ["The booked session gave no sign"] == [title for title, _ in stage.outside.notices]
    assert 60.0 <= stage.outside.slept_s < 62.0
    with pytest.raises(UserError, match="it may have started"):
        stage.fire(booked.booking_id, by_scheduler=False)


def test_a_sign_that_comes_late_is_believed(stage: Stage) -> None:
    """A slow machine takes more than a minute; what is shown is what is so."""
    stage.ready()
    booked = stage.book()
    stage.fire(booked.booking_id)
    stage.runs(stage.booking(booked.booking_id).session_id)

    stage.scene.run("automation-status")

    assert "launched" == stage.booking(booked.booking_id).state


def test_the_ledger_is_a_sign_too(stage: Stage) -> None:
    """A session that was given the handoff and has ended again was there."""
    stage.ready()
    booked = stage.book()

    def claim() -> None:
        with stage.scene.ledger as ledger, Transaction(ledger.state) as db:
            pending.claim(db, HANDOFF, stage.booking(booked.booking_id).session_id, stage.now)

    stage.outside.on_sleep = claim

    assert stage.fire(booked.booking_id).launched


def test_a_window_that_cannot_be_opened(stage: Stage) -> None:
    """Nothing was started, so it may be tried again by hand."""
    stage.ready()
    stage.outside.terminal = FailingTerminal("the display is gone", says_so=False)
    booked = stage.book()

    fired = stage.fire(booked.booking_id)

    assert "refused" == stage.booking(booked.booking_id).state
    assert "the display is gone" in fired.said
    assert "" == stage.waiting().booking_id
