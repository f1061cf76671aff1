"""What starts now: the first of the queue, a smaller one, or none before a time that is told, and why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planner.plans import NOW, UTC, forecast, hours
from watchkeeper.planner.availability import Availability
from watchkeeper.planner.candidate import Candidate, Decision, rank
from watchkeeper.planner.fit import decide
from watchkeeper.planner.forecast import Forecast, Week

IMPLEMENTATION = Candidate("1", "Implementation", mid_tokens=65_000, hours=3.0, priority=1, created_at=1.0)
POLISH = Candidate("2", "Polish", mid_tokens=18_000, hours=2.0, created_at=2.0)
DOCUMENTATION = Candidate("3", "Documentation", mid_tokens=22_000, hours=1.5, created_at=3.0)
QUEUE = (DOCUMENTATION, POLISH, IMPLEMENTATION)
RESET_AT = NOW + 9_900
ANY_TIME = Availability((), (), UTC)


def decided(
    candidates: Sequence[Candidate], window: Forecast, time: float | None = None, available: Availability = ANY_TIME
) -> Decision:
    return decide(candidates, window, time, available, NOW)


def names(decision: Decision) -> list[str]:
    return [each.candidate.name for each in decision.alternatives]


def test_starting_with_full_quota() -> None:
    """Workflow 1: of 200,000 tokens a session of 65,000 for four hours starts at once."""
    found = decided([IMPLEMENTATION._replace(hours=4.0)], forecast(200_000, resets_at=None), 4.0)

    assert ("start", IMPLEMENTATION.id) == (found.decision, found.session and found.session.candidate.id)
    assert found.session is not None
    assert (65_000, 190_000, 125_000) == found.session[4:7]
    assert "Implementation needs 65,000 tokens, has 190,000 (200,000 left less the reserve of 10,000)" in found.reason
    assert "125,000 to spare" in found.reason


def test_low_quota_schedules_for_later() -> None:
    """Workflow 2: with 18,000 tokens left a session of 65,000 waits until five minutes after the reset."""
    found = decided([IMPLEMENTATION], forecast(18_000), 3.0)

    assert ("schedule", IMPLEMENTATION.id) == (found.decision, found.session and found.session.candidate.id)
    assert RESET_AT + 300 == found.scheduled_for_at
    assert "needs 65,000 tokens, has 8,000 (18,000 left less the reserve of 10,000)" in found.reason
    assert "It can start at 21:50, 5 minutes after the reset." in found.reason


def test_low_quota_finds_smaller_sessions() -> None:
    """Workflow 3: with 25,000 tokens left the sessions of 18,000 and 22,000 are offered.

    They leave less than the 10,000 that are kept for saving the work, so none of them is chosen unasked.
    """
    found = decided(QUEUE, forecast(25_000))

    assert ("smaller", None) == (found.decision, found.session)
    assert ["Polish", "Documentation"] == names(found)
    assert {"reserve"} == {each.code for each in found.alternatives}
    assert "needs 18,000 of the 25,000 tokens left, and leaves 7,000 for saving the work instead of 10,000" == (
        found.alternatives[0].words
    )
    assert found.wanted is not None
    assert IMPLEMENTATION.id == found.wanted.candidate.id
    assert RESET_AT + 300 == found.scheduled_for_at


def test_a_smaller_one_that_fits_is_chosen() -> None:
    """Above the reserve the first smaller one of the queue is proposed, the others stand beside it."""
    found = decided(QUEUE, forecast(45_000))

    assert ("smaller", POLISH.id) == (found.decision, found.session and found.session.candidate.id)
    assert ["Polish", "Documentation"] == names(found)
    assert "Polish fits, and one more: it needs 18,000 tokens, has 35,000" in found.reason


def test_less_time_than_the_first_takes() -> None:
    """Who has two hours is offered what takes no longer; where there is nothing, no later time would help."""
    found = decided(QUEUE, forecast(), 2.0)

    assert ("smaller", ["Polish", "Documentation"]) == (found.decision, names(found))
    assert "Implementation takes 3h, and you have 2h." in found.reason
    assert found.scheduled_for_at is None
    assert "nothing" == decided([IMPLEMENTATION], forecast(), 2.0).decision


def test_what_is_due_goes_first() -> None:
    """A session whose time has come is proposed before more pressing ones, the longest overdue first."""
    due = POLISH._replace(at=NOW - 60, priority=0)
    longer = DOCUMENTATION._replace(at=NOW - 600, priority=0)
    found = decided([IMPLEMENTATION, due, longer], forecast())

    assert (True, "Documentation") == (found.is_due, found.session and found.session.candidate.name)
    assert ["Polish", "Implementation"] == names(found)
    assert found.reason.endswith("It was scheduled for now.")


def test_what_is_scheduled_for_later_is_not_proposed() -> None:
    """A session with a time ahead waits for it, and what would delay it is told."""
    later = IMPLEMENTATION._replace(at=NOW + 3_600)
    found = decided([later, POLISH], forecast())

    assert ("start", "Polish", []) == (found.decision, found.session and found.session.candidate.name, names(found))
    assert "Implementation, scheduled for 20:00, would have to wait for it." in found.reason

    alone = decided([later], forecast())

    assert ("schedule", NOW + 3_600) == (alone.decision, alone.scheduled_for_at)
    assert "Implementation is scheduled for 20:00, in 1h; nothing else is ready." == alone.reason


def test_the_narrower_estimate_goes_first() -> None:
    """Of equal priority the session whose estimate is narrower is proposed, and that is said."""
    wide = POLISH._replace(low_tokens=9_000, high_tokens=36_000)
    narrow = DOCUMENTATION._replace(low_tokens=21_000, high_tokens=23_200)
    found = decided([wide, narrow], forecast())

    assert "Documentation" == (found.session and found.session.candidate.name)
    assert (
        "Of the same priority as Polish, it has the narrower estimate (10% wide, that one 150% wide)." in found.reason
    )


@pytest.mark.parametrize(
    ("window", "candidate", "sentence"),
    [
        (Forecast(), POLISH, "whether it fits cannot be told: the quota is unknown"),
        (forecast(), POLISH._replace(mid_tokens=None), "whether it fits cannot be told: it has no estimate"),
    ],
    ids=["quota", "estimate"],
)
def test_what_is_unknown(window: Forecast, candidate: Candidate, sentence: str) -> None:
    """Unknown is neither nothing nor everything: it stops nobody, and it is said."""
    found = decided([candidate], window)

    assert ("start", None) == (found.decision, found.session and found.session.fits)
    assert sentence in found.reason


def test_a_window_that_is_used_up_holds_nothing() -> None:
    """Where nothing is left, a session without an estimate waits for the reset as well."""
    found = decided([POLISH._replace(mid_tokens=None)], forecast(0, None))

    assert ("schedule", RESET_AT + 300) == (found.decision, found.scheduled_for_at)


def test_a_reset_that_is_over_is_no_obstacle() -> None:
    """A report of a window that has ended says nothing of the one that is open now."""
    found = decided([IMPLEMENTATION], forecast(1_000, resets_at=NOW - 60))

    assert "start" == found.decision


def test_sessions_paid_by_the_token() -> None:
    """Without a five-hour window everything fits."""
    found = decided([IMPLEMENTATION], Forecast(is_metered=False))

    assert "start" == found.decision
    assert "paid by the token" in found.reason


def test_a_reset_in_quiet_hours() -> None:
    """What waits for a reset at night starts when the quiet hours are over."""
    quiet = Availability((), hours("21:00-07:00"), UTC)
    found = decided([IMPLEMENTATION], forecast(18_000), None, quiet)

    assert NOW + 12 * 3_600 == found.scheduled_for_at
    assert "It can start at Sat 07:00, when free hours begin." in found.reason


def test_who_asks_in_quiet_hours_may_start() -> None:
    """The hours bind what is planned, not the person who is there; they are mentioned."""
    found = decided([POLISH], forecast(), None, Availability((), hours("18:00-23:00"), UTC))

    assert "start" == found.decision
    assert "Your settings keep this time free: quiet hours." in found.reason


def test_a_week_that_is_used_up() -> None:
    """Where the week has too little left, the window does not help, and its reset is the one that counts."""
    found = decided([IMPLEMENTATION], forecast(week=Week(20_000, 1_000_000, 93.0, NOW + 86_400, "estimated")))

    assert ("schedule", NOW + 86_700) == (found.decision, found.scheduled_for_at)
    assert "needs 65,000 tokens, and the week has 20,000 left for planned sessions" in found.reason


def test_larger_than_any_window() -> None:
    """What fits into no window is to be split, not scheduled."""
    found = decided([IMPLEMENTATION._replace(mid_tokens=300_000)], forecast())

    assert ("nothing", None) == (found.decision, found.scheduled_for_at)
    assert "needs 300,000 tokens, more than the 190,000 of a whole window: split it" in found.reason


@pytest.mark.parametrize(
    ("candidates", "sentence"),
    [
        ([], "The queue is empty."),
        ([POLISH._replace(started_at=NOW - 60)], "Nothing else waits: Polish is running."),
        (
            [POLISH._replace(after=("1",)), IMPLEMENTATION._replace(started_at=NOW)],
            "Nothing is ready: Polish waits for Implementation.",
        ),
    ],
    ids=["empty", "running", "waiting"],
)
def test_nothing_to_start(candidates: list[Candidate], sentence: str) -> None:
    """An empty queue, a running session and one that waits for others are told apart."""
    assert ("nothing", sentence) == decided(candidates, forecast())[:4:3]


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        name=st.just("x"),
        mid_tokens=st.none() | st.integers(1, 250_000),
        hours=st.none() | st.floats(0.25, 5.0),
        priority=st.integers(0, 3),
        after=st.just(()) | st.just(("other",)),
        at=st.none() | st.floats(NOW - 9_000, NOW + 90_000),
        created_at=st.floats(0, 1000),
    ),
    max_size=8,
)


@given(CANDIDATES, st.none() | st.integers(0, 200_000), st.none() | st.floats(0.5, 5.0))
def test_what_is_proposed_fits_and_comes_first(
    candidates: list[Candidate], left: int | None, time: float | None
) -> None:
    """No session is started that does not fit or waits for another, and of those that fit none that ranks before it."""
    found = decided(candidates, forecast(left), time)
    if found.decision not in ("start", "smaller") or found.session is None:
        return
    chosen = found.session.candidate

    for each in (found.session, *found.alternatives):
        assert not each.candidate.after
        assert time is None or each.candidate.hours is None or each.candidate.hours <= time
        needs = each.candidate.mid_tokens
        if left is not None and needs is not None:
            assert needs <= (left if each.code == "reserve" else left - 10_000)
    if chosen.at is None:
        others = [each.candidate for each in found.alternatives if each.fits and each.candidate.at is None]
        assert all(rank(chosen) <= rank(each) for each in others)


@pytest.mark.parametrize(("ran_s", "told"), [(0, "about 65k tokens"), (5_400, "about 32k tokens"), (20_000, "")])
def test_what_runs_is_minded(ran_s: float, told: str) -> None:
    """A session that runs takes a share of what is left as long as it does, which is said."""
    running = IMPLEMENTATION._replace(started_at=NOW - ran_s)
    found = decided([POLISH, running], forecast(100_000))

    assert ("start", POLISH.id) == (found.decision, found.session and found.session.candidate.id)
    assert bool(told) == ("Implementation may still take" in found.reason)
    assert told in found.reason
