"""The clock of a machine is wrong for a while, or stands still with it: what was stored then spoils nothing later."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, SESSION, Hooks, report, response
from watchkeeper.core import context, state
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import read_quota
from watchkeeper.core.state import Sample
from watchkeeper.quota.reset import reset_quota
from watchkeeper.resources.sampler import save_sample

YEARS_AHEAD = NOON + 3_650 * 24 * HOUR


def user_line(answer: dict[str, Any]) -> str:
    return str(answer.get("systemMessage", ""))


@pytest.mark.parametrize("wrong", [YEARS_AHEAD, NOON + 3 * 24 * HOUR], ids=["years ahead", "days ahead"])
def test_alerts_told_by_a_clock_that_was_ahead_are_told_again(home: User, wrong: float) -> None:
    """What was told days from now was told of another window."""
    hooks = Hooks(home)
    hooks.report(report(85, wrong, wrong + HOUR))
    ahead = user_line(hooks.call("PostToolUse", wrong))
    hooks.report(report(85, NOON, NOON + HOUR))

    told = [user_line(hooks.call("PostToolUse", NOON + later)) for later in (1, 2)]

    assert "85%" in ahead
    assert [True, False] == ["85%" in line for line in told]


def test_alerts_are_not_repeated_when_the_clock_steps_back(home: User) -> None:
    """Within one window an alert is told once, though the clock goes back by hours in it."""
    hooks = Hooks(home)
    lines = []
    for now in (NOON, NOON - HOUR, NOON - 2 * HOUR, NOON + 1):
        hooks.report(report(85, now, NOON + HOUR))
        lines.append(user_line(hooks.call("PostToolUse", now)))

    assert [True, False, False, False] == ["85%" in line for line in lines]


def test_a_window_that_begins_days_ahead_is_told_of_once(home: User) -> None:
    """A report that was taken at its word by a clock ahead may begin later than anything is believed to be told."""
    hooks = Hooks(home)
    ahead = NOON + 36 * HOUR
    hooks.report(report(85, ahead, ahead + 28 * HOUR))

    answers = [hooks.call("PostToolUse", NOON + later) for later in range(4)]

    assert [True, False, False, False] == ["85%" in user_line(each) for each in answers]
    assert 1 == sum("hookSpecificOutput" in each for each in answers)


def test_a_refusal_under_a_clock_that_was_ahead_is_over(home: User) -> None:
    """A limit that resets years from now, as a refusal's time of day was read then, holds nobody up."""
    hooks = Hooks(home)
    hooks.call(
        "StopFailure",
        YEARS_AHEAD,
        error="rate_limit",
        last_assistant_message="You've hit your session limit · resets 4pm (UTC)",
    )
    hooks.report(report(30, NOON, NOON + HOUR))

    with hooks.ledger(NOON) as ledger:
        ahead = state.latest_report(ledger.state, "", "five_hour", YEARS_AHEAD)
        found = read_quota(ledger, hooks.settings, "", NOON)

    assert ahead is not None
    assert (100.0, 30.0) == (ahead.used_pct, found.used_pct)


def test_a_fresh_window_of_a_clock_that_was_ahead_hides_no_report(home: User) -> None:
    """A window that was started by hand in the future is no word on today's."""
    hooks = Hooks(home)
    with hooks.ledger(YEARS_AHEAD) as ledger:
        reset_quota(ledger, "", YEARS_AHEAD, YEARS_AHEAD)
    hooks.report(report(30, NOON, NOON + HOUR))

    with hooks.ledger(NOON) as ledger:
        assert 30.0 == read_quota(ledger, hooks.settings, "", NOON).used_pct


def test_the_latest_sample_is_the_latest_until_now(home: User) -> None:
    """A look at the machine that is still to come hides none that was taken since."""
    hooks = Hooks(home)
    with hooks.ledger(NOON) as ledger:
        with Transaction(ledger.state) as db:
            for at, level in ((YEARS_AHEAD, "fine"), (NOON, "critical")):
                save_sample(db, Sample(at, 1.0, 8.0, None, None, None, None, None, level))
        found = state.latest_sample(ledger.state, NOON + 1)

    assert found is not None
    assert ("critical", NOON) == (found.level, found.at)
    assert "machine critical" in hooks.status_line(NOON + 1)


def test_a_lower_figure_is_confirmed_though_the_clock_went_back(home: User) -> None:
    """A correction that waits for its confirmation waits no longer when the clock is set back by hours."""
    hooks = Hooks(home)
    hooks.report(report(70, NOON - 4 * HOUR, NOON + HOUR))
    hooks.report(report(40, NOON, NOON + HOUR))
    hooks.report(*(report(40, NOON - 3 * HOUR + later, NOON + HOUR) for later in (0, 60, 130)))

    with hooks.ledger(NOON) as ledger:
        assert 40.0 == read_quota(ledger, hooks.settings, "", NOON).used_pct


def test_the_status_line_wins_over_what_is_still_to_come(home: User) -> None:
    """After the clock was set back the client's own figure of the context counts, and a compaction was before it."""
    hooks = Hooks(home)
    hooks.used(response("m1", NOON + HOUR, 5, input_tokens=150_000))
    hooks.call("SessionStart", NOON + HOUR + 1, source="compact")
    window = {"total_input_tokens": 20_000, "context_window_size": 200_000, "current_usage": {}}
    hooks.status_line(NOON, model={"id": "claude-sonnet-5-5"}, context_window=window)

    with hooks.ledger(NOON) as ledger:
        found = context.read_context(ledger, hooks.settings, SESSION, NOON + 1)

    assert (20_000, "reported", NOON) == (found.used_tokens, found.source, found.at)


def test_a_laptop_that_slept_is_told_what_is_due_once(home: User) -> None:
    """After hours of sleep the thresholds passed meanwhile speak once, the window that is over not at all."""
    hooks = Hooks(home)
    hooks.report(report(85, NOON, NOON + HOUR))
    first = user_line(hooks.call("PostToolUse", NOON))
    lines = [user_line(hooks.call("PostToolUse", NOON + 9 * HOUR + later)) for later in (0, 1)]

    assert "85%" in first
    assert ["Watchkeeper: The five-hour quota has reset: there is room again.", ""] == lines


def test_jobs_are_due_after_a_sleep_and_after_a_step_back(home: User) -> None:
    """A background job is claimed anew once its interval is over by the clock, whichever way that went."""
    hooks = Hooks(home)
    jobs = [set(hooks.jobs("PostToolUse", at)) for at in (NOON, NOON + 1, NOON + 9 * HOUR, NOON - HOUR)]

    assert [{"sample", "refresh"}, set(), {"sample", "refresh"}, {"sample", "refresh"}] == jobs


@pytest.mark.parametrize(
    ("zone", "now", "resets_at", "shown"),
    [
        # 2026-10-25 in Berlin: 03:00 becomes 02:00 at 01:00 UTC. 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC.
        pytest.param("Europe/Berlin", 1_792_884_600.0, 1_792_893_600.0, "resets 03:00 in 2h 30m", id="clocks go back"),
        pytest.param("Europe/Berlin", 1_774_744_200.0, 1_774_751_400.0, "resets 04:30 in 2h", id="clocks go forward"),
    ],
)
def test_what_is_left_is_right_when_clocks_change(
    home: User, time_zone: Any, zone: str, now: float, resets_at: float, shown: str
) -> None:
    """On the night of a change the time of the reset is the wall's, and what is left until it is real time."""
    time_zone(zone)
    hooks = Hooks(home)
    limits = {"five_hour": {"used_percentage": 42, "resets_at": resets_at}}

    assert shown in hooks.status_line(now, rate_limits=limits)
