"""What makes one plan better than another is one comparison of figures."""

from __future__ import annotations

import math

from tests.planner.plans import HOUR_S, NOW, forecast
from watchkeeper.planner.objective import value_of
from watchkeeper.planner.placing import SOON, Job, Slot, rules_of

UNTIL = NOW + 24 * HOUR_S
RULES = rules_of(forecast(), [(NOW, UNTIL)], NOW, UNTIL)


def slot(start_h: float, end_h: float) -> Slot:
    return Slot(NOW + start_h * HOUR_S, NOW + end_h * HOUR_S, NOW, math.inf, SOON)


def test_the_figures_of_a_plan() -> None:
    """Lateness of appointments, then each priority's sessions left out and its end, then each session's end."""
    jobs = [Job(1, HOUR_S, 2), Job(1, HOUR_S, 2, appointment_at=NOW + HOUR_S), Job(1, HOUR_S, 0), Job(1, HOUR_S, 0)]
    slots = [slot(0, 1), slot(1.5, 2.5), None, slot(2.5, 3.51)]

    assert (30.0, 0.0, 150.0, 1.0, 211.0, 60.0, 150.0, math.inf, 211.0) == value_of(RULES, jobs, slots)


def test_an_appointment_left_out_is_late_to_the_end() -> None:
    """No plan gains by leaving an appointment out; one that is overdue is late from now on, not from its time on."""
    jobs = [Job(1, HOUR_S, appointment_at=NOW - HOUR_S)]

    assert (0.0, 60.0) == (value_of(RULES, jobs, [slot(0, 1)])[0], value_of(RULES, jobs, [slot(1, 2)])[0])
    assert 24 * 60.0 == value_of(RULES, jobs, [None])[0]


def test_which_plan_is_better() -> None:
    """A pressing session early outweighs any number of others; a session placed outweighs an early end."""
    jobs = [Job(1, HOUR_S, 1), Job(1, HOUR_S), Job(1, HOUR_S)]
    pressing_first = value_of(RULES, jobs, [slot(0, 1), slot(5, 6), slot(9, 10)])
    pressing_later = value_of(RULES, jobs, [slot(1, 2), slot(0, 1), slot(2, 3)])
    one_left_out = value_of(RULES, jobs, [slot(0, 1), slot(1, 2), None])

    assert pressing_first < pressing_later
    assert pressing_first < one_left_out
