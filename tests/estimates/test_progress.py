"""What a session has used, and where its plan is going."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates import interval, progress, student
from watchkeeper.estimates.progress import Use
from watchkeeper.estimates.tracked import RUNNING, Tracked, TrackedPhase

TOKENS = st.floats(1_000, 2_000_000)


def phase(number: int, mid: float, factor: float, began: bool = False, ended: bool = False) -> TrackedPhase:
    began_at, ended_at = 0.0 if began else None, 1.0 if ended else None
    bounds = (mid / factor, mid, mid * factor)
    return TrackedPhase(
        number, f"phase {number}", "testing", 1.0, (), (), *bounds, began_at, ended_at, None, None, None, 0
    )


def plan(*phases: TrackedPhase) -> Tracked:
    total = sum(each.mid_tokens for each in phases)
    bounds = (total / 2, total, total * 2)
    return Tracked(
        "e", "s", "/p", "/p/plan.md", "Plan", 0.0, 2.0, *bounds, 0.9, ("input",), RUNNING, 0.0, None, None, None, None,
        phases,
    )  # fmt: skip


def test_a_stored_phase_is_its_interval() -> None:
    """The interval that is made of stored bounds has those bounds."""
    made = progress.interval_of(phase(1, 40_000, 3.0))
    again = interval.interval(math.log(40_000), made.spread, made.degrees)

    assert [made.low_tokens, made.high_tokens] == pytest.approx([again.low_tokens, again.high_tokens])


@given(TOKENS, st.floats(1.05, 20.0), st.floats(0.0, 5.0))
def test_a_projection_never_forgets_what_was_used(mid: float, factor: float, share: float) -> None:
    """Whatever was used is certain: the whole is never below it, and goes on as long as a phase is open."""
    used = Use(round(share * mid), 1.0)
    made = plan(phase(1, mid, factor, began=True))

    found = progress.project(made, [used], used, 0.4)

    assert used.tokens < found.low_tokens <= found.mid_tokens <= found.high_tokens


@given(TOKENS, TOKENS, st.floats(1.05, 20.0))
def test_a_finished_plan_is_what_it_took(first: float, second: float, factor: float) -> None:
    """When all phases are over nothing is uncertain any more."""
    uses = [Use(round(first), 1.0), Use(round(second), 1.0)]
    whole = Use(round(first) + round(second), 2.0)
    made = plan(phase(1, first, factor, True, True), phase(2, second, factor, True, True))

    assert (whole.tokens,) * 3 == progress.project(made, uses, whole, 0.4)[:3]


def test_a_phase_that_goes_on_grows() -> None:
    """The more an open phase has taken, the more the whole is going to take."""
    made = plan(phase(1, 40_000, 2.0, began=True), phase(2, 30_000, 2.0))
    going = [
        progress.project(made, [Use(tokens, 1.0), Use(0, 0.0)], Use(tokens, 1.0), 0.4).mid_tokens
        for tokens in (0, 20_000, 40_000, 80_000, 400_000)
    ]

    assert going == sorted(going)
    assert 70_000 == pytest.approx(going[0])


@pytest.mark.parametrize(
    ("responses", "calls", "minutes"),
    [
        ([], [], 0.0),
        ([0.0], [], 0.0),
        ([0.0, 300.0], [], 5.0),
        ([0.0, 7200.0], [], 10.0),
        ([0.0, 7200.0], [1.0], 30.0 + 1.0 / 60.0),
        ([600.0, 0.0, 300.0], [], 10.0),
    ],
    ids=["nothing", "one", "two", "a long pause counts as thinking", "a tool may run longer", "any order"],
)
def test_active_hours(responses: list[float], calls: list[float], minutes: float) -> None:
    """Work is what lies between signs of it; a pause counts as long as something can be waited for."""
    assert minutes == pytest.approx(60.0 * progress.active_hours(responses, calls))


def test_the_rest_of_a_phase_is_what_lies_beyond() -> None:
    """Given that a phase takes more than its middle, half of what is possible lies above the upper quartile."""
    whole = phase(1, 40_000, 3.0, began=True)
    made = progress.interval_of(whole)

    rest = progress.rest_of(whole, 40_000)

    quartile = 40_000 * math.exp(made.spread * student.quantile(0.75, made.degrees))
    assert quartile == pytest.approx(40_000 + rest.mid_tokens)
