"""A long queue's plan starts as a list and is made better move by move."""

from __future__ import annotations

import pytest

from tests.planner.plans import HOUR_S, NOW, forecast, random_case
from watchkeeper.planner.allocation import allocate
from watchkeeper.planner.candidate import rank
from watchkeeper.planner.dispatch import good_plan
from watchkeeper.planner.improvement import improved, in_order
from watchkeeper.planner.placing import Job, Rules, job_of, rules_of

UNTIL = NOW + 72 * HOUR_S
RULES = rules_of(forecast(100_000), [(NOW, UNTIL)], NOW, UNTIL)


def queue(seed: int, count: int = 12) -> tuple[Rules, list[Job]]:
    case = random_case(seed, count)
    waiting = sorted(case.candidates, key=rank)
    numbers = {each.id: number for number, each in enumerate(waiting)}
    rules = rules_of(case.forecast, case.available.free_spans(NOW, UNTIL), NOW, UNTIL)
    return rules, [job_of(each, rules, numbers) for each in waiting]


def test_a_bad_order_is_mended() -> None:
    """What was placed so that a window stays empty is moved into it."""
    jobs = [Job(150_000, HOUR_S), Job(40_000, HOUR_S), Job(50_000, HOUR_S)]
    bad = in_order(RULES, jobs, (0, 1, 2))
    mended = improved(RULES, jobs, bad)

    assert mended.value < bad.value
    assert 1.0 + 2.75 + 300 / HOUR_S == max((slot.ends_at - NOW) / HOUR_S for slot in mended.slots if slot)


@pytest.mark.parametrize("seed", range(20))
def test_it_never_gets_worse(seed: int) -> None:
    """A plan stays or gets better, and one that cannot be tried any further comes back as it was."""
    rules, jobs = queue(seed)
    plan = good_plan(rules, jobs)

    assert improved(rules, jobs, plan).value <= plan.value
    assert plan == improved(rules, jobs, plan, most_placed=0)


@pytest.mark.parametrize("seed", range(20))
def test_an_order_keeps_what_waits_behind(seed: int) -> None:
    """In whatever order sessions are taken, none starts before the end of what it waits for."""
    rules, jobs = queue(seed)
    for order in (range(len(jobs)), range(len(jobs) - 1, -1, -1)):
        slots = in_order(rules, jobs, order).slots
        for job, slot in zip(jobs, slots, strict=True):
            earlier = [slots[each] for each in job.after]
            assert slot is None or all(each is not None and each.ends_at <= slot.starts_at for each in earlier)


def test_a_list_fills_the_gap_before_a_reset() -> None:
    """The first of the list waits for the reset, and what is small runs before it without delaying it."""
    jobs = [Job(150_000, HOUR_S, 2), Job(80_000, HOUR_S, 1), Job(60_000, 4 * HOUR_S, 1), Job(9_000, HOUR_S, 0)]
    starts = [None if slot is None else (slot.starts_at - NOW) / HOUR_S for slot in good_plan(RULES, jobs).slots]

    assert [2.75 + 1 / 12, 0.0, 7.75 + 1 / 12 + 1 / 12, 1.0] == pytest.approx(starts)


def test_what_a_pressing_session_waits_for_presses_too() -> None:
    """A dependency comes before more pressing sessions where a still more pressing one waits for it."""
    jobs = [Job(1, HOUR_S, 3, (2,)), Job(1, HOUR_S, 1), Job(1, HOUR_S, 0)]
    starts = [None if slot is None else (slot.starts_at - NOW) / HOUR_S for slot in good_plan(RULES, jobs).slots]

    assert [1.0, 2.0, 0.0] == starts


@pytest.mark.parametrize("distance", [0, 1, -1], ids=["on their own", "after the one before", "after the next one"])
def test_five_thousand_sessions_are_planned(distance: int) -> None:
    """Every session of a very long queue is placed or left out, and none twice, also where it is one chain."""
    few = [(seed, each) for seed in range(1_700) for each in random_case(seed).candidates]
    many = [each._replace(id=f"{seed}-{each.id}", after=()) for seed, each in few][:5_000]
    if distance:
        ids = [each.id for each in many]
        ids = ids if distance > 0 else ids[::-1]
        chain = dict(zip(ids[1:], ids, strict=False))
        small = [each._replace(mid_tokens=5_000, hours=0.5) for each in many]
        many = [each._replace(after=(chain[each.id],)) if each.id in chain else each for each in small]
    case = random_case(1)
    plan = allocate(many, case.forecast, case.available, NOW, 14)
    placed, left_out = ([each.candidate.id for each in part] for part in (plan.placements, plan.deferrals))

    assert sorted(each.id for each in many) == sorted([*placed, *left_out])
    assert not plan.is_exact
