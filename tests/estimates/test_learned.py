"""Learning from made-up users whose truth is known: it converges, intervals hold what they promise, outliers pass."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from tests.estimates.simulated import Habits, SimulatedUser
from watchkeeper.estimates.cases import Case
from watchkeeper.estimates.estimate import estimate
from watchkeeper.estimates.learned import NOTHING, Learned, learn
from watchkeeper.estimates.prior import prior_of
from watchkeeper.estimates.work import IMPLEMENTATION, PHASE, SESSION, STRETCH, Range, Work

HOUR = Work(STRETCH, IMPLEMENTATION, 1.0, "/p/one")


def miss(user: SimulatedUser, learned: Learned, work: Work) -> float:
    """How far the middle is from the truth, as a factor."""
    return math.exp(abs(math.log(estimate(work, learned).mid_tokens / user.truth(work))))


@pytest.mark.parametrize(("pieces", "most"), [(0, 12.0), (3, 2.2), (10, 1.6), (30, 1.4), (200, 1.2)])
def test_the_middle_comes_to_the_truth(pieces: int, most: float) -> None:
    """Of users eight times above the constants three pieces of work tell most, thirty nearly all."""
    misses = []
    for seed in range(30):
        user = SimulatedUser(seed)
        learned = learn(user.work(pieces))
        misses.append(miss(user, learned, user.next_work()))

    assert statistics.median(misses) <= most


@pytest.mark.parametrize("pieces", [3, 6, 12, 30, 100])
@pytest.mark.parametrize("noise", [0.3, 0.6, 1.0])
def test_intervals_hold_four_in_five(pieces: int, noise: float) -> None:
    """Four actuals in five are in their intervals, whatever the noise; more only while little is known of it."""
    inside = []
    for seed in range(40):
        factor = math.exp(random.Random(seed).gauss(1.5, 1.0))
        user = SimulatedUser(seed, Habits(factor=factor, noise=noise))
        learned = learn(user.work(pieces))
        for _ in range(10):
            work = user.next_work()
            found = estimate(work, learned)
            inside.append(found.low_tokens <= user.actual(work) <= found.high_tokens)

    assert 0.74 <= statistics.fmean(inside)
    assert pieces < 30 or statistics.fmean(inside) <= 0.92


@pytest.mark.parametrize("times", [0.001, 1_000.0], ids=["far below", "far above"])
def test_one_outlier_wrecks_nothing(times: float) -> None:
    """A piece of work a thousand times off changes little beside what the others say without it."""
    done = SimulatedUser(1).work(30)
    others, mad = done[:20] + done[21:], done[20]._replace(tokens=done[20].tokens * times)
    without, with_it = estimate(HOUR, learn(others)), estimate(HOUR, learn([*others, mad]))

    assert 0.85 < with_it.mid_tokens / without.mid_tokens < 1.18
    assert with_it.spread / without.spread < 1.3


def test_drift_is_followed() -> None:
    """A user whose work comes to take three times as much is estimated by the new habit after some while."""
    misses = []
    for seed in range(20):
        user = SimulatedUser(seed)
        user.work(100)
        user.habits = user.habits._replace(factor=24.0)
        learned = learn(user.work(100))
        misses.append(miss(user, learned, HOUR))

    assert statistics.median(misses) < 1.5


def test_a_library_shows_its_weight() -> None:
    """Work with a library that takes three times as much is estimated higher than other work, though not at once."""
    after_one: list[float] = []
    after_twenty: list[float] = []
    for seed in range(20):
        user = SimulatedUser(seed, Habits(library_factor=3.0))
        user.work(30)
        heavy = HOUR._replace(libraries=("heavy",))
        for pieces, found in ((1, after_one), (19, after_twenty)):
            learned = learn(user.work(pieces, library="heavy"))
            found.append(estimate(heavy, learned).mid_tokens / estimate(HOUR, learned).mid_tokens)

    assert 1.0 <= statistics.median(after_one) < 1.5
    assert 1.35 < statistics.median(after_twenty) < 3.2


def test_a_new_library_costs_and_widens() -> None:
    """A library that the user never worked with adds its constant to the prior, and makes less certain."""
    learned = learn(SimulatedUser(3).work(30))
    new = HOUR._replace(libraries=("unknown",), new_libraries=("unknown",))

    assert estimate(new, learned).mid_tokens > estimate(HOUR, learned).mid_tokens
    assert estimate(new, learned).spread > estimate(HOUR, learned).spread


def test_nothing_learned_is_the_constants() -> None:
    """Without any history the middle is what the constants say, with little confidence and no cases."""
    found = estimate(HOUR, NOTHING)

    assert pytest.approx(prior_of(HOUR).tokens) == found.mid_tokens == pytest.approx(45_000)
    assert ("low", 0) == (found.confidence, found.cases)


def test_a_project_with_little_work_is_drawn_to_the_whole() -> None:
    """One piece of work in a new project moves the estimate there a little; twenty move it most of the way."""
    user = SimulatedUser(5, Habits(noise=0.3))
    done = user.work(40)
    there = HOUR._replace(project="/p/other")
    usual = estimate(there, learn(done)).mid_tokens
    extra = [
        Case(there, 3.0 * user.truth(there), 1e6 + number, f"x{number}", 1e6 + number - 1, 1.0) for number in range(20)
    ]
    after_one, after_twenty = (estimate(there, learn([*done, *extra[:some]])).mid_tokens for some in (1, 20))

    assert 1.0 < after_one / usual < 2.0
    assert 2.0 < after_twenty / usual < 3.2


def test_factors_are_not_counted_twice() -> None:
    """What a project's size does is in the work that was done there: with such work its factor counts no more."""
    learned = learn(SimulatedUser(1).work(60))
    here, elsewhere = HOUR, HOUR._replace(project="/p/never")
    ratios = [
        estimate(work._replace(size="enterprise", familiarity="familiar"), known).mid_tokens
        / estimate(work, known).mid_tokens
        for work, known in ((here, NOTHING), (elsewhere, learned), (here, learned))
    ]

    assert [1.44, 1.44] == pytest.approx(ratios[:2])
    assert 1.0 <= ratios[2] < 1.08


def test_sessions_are_learned_by_themselves() -> None:
    """What whole sessions took says nothing of stretches, and the other way round."""
    done = SimulatedUser(2).work(20)
    sessions = [case._replace(work=case.work._replace(kind=SESSION)) for case in done]

    assert estimate(HOUR, NOTHING) == estimate(HOUR, learn(sessions))
    assert estimate(HOUR._replace(kind=SESSION), NOTHING) == estimate(HOUR._replace(kind=SESSION), learn(done))


@pytest.mark.parametrize(("shared", "low", "high"), [(0.0, 0.0, 0.25), (1.0, 0.5, 0.95)])
def test_the_correlation_of_parts_is_learned(shared: float, low: float, high: float) -> None:
    """Stretches of a session that err together are found out, and those that do not."""
    found = [
        learn(SimulatedUser(seed, Habits(noise=0.5, session_noise=shared)).work(200, per_session=4)).correlation
        for seed in range(5)
    ]

    assert low <= statistics.median(found) <= high


@pytest.mark.parametrize(("planned", "expected"), [(1.0, 0.15), (3.0, 1.0)], ids=["right", "three times too many"])
def test_how_far_plans_miss_is_learned(planned: float, expected: float) -> None:
    """Phases that took the hours that were planned narrow the error of planned hours, others widen it."""
    phases = [
        case._replace(work=case.work._replace(kind=PHASE, hours=(case.hours or 1.0) * planned))
        for case in SimulatedUser(1).work(40)
    ]

    assert expected == pytest.approx(learn(phases).hours_error, abs=0.15)
    assert NOTHING.hours_error > 0


def test_planned_hours_are_no_facts() -> None:
    """The interval of work whose hours are planned is wider, the more so the more plans have missed."""
    learned = learn(SimulatedUser(1).work(40))
    phase = HOUR._replace(kind=PHASE)
    surer = learned._replace(hours_error=0.1)

    assert estimate(HOUR, learned).spread < estimate(phase, surer).spread < estimate(phase, learned).spread


def test_ranges_of_plans_weigh_by_how_well_they_did() -> None:
    """A plan's own range moves the estimate towards it, further once such ranges have been right."""
    done = [
        case._replace(work=case.work._replace(kind=PHASE, own_range=Range(case.tokens * 0.8, case.tokens * 1.25)))
        for case in SimulatedUser(4).work(30)
    ]
    right = learn(done)
    wrong = learn(
        [case._replace(work=case.work._replace(own_range=Range(case.tokens * 50, case.tokens * 60))) for case in done]
    )
    work = Work(PHASE, IMPLEMENTATION, 1.0, "/p/one", own_range=Range(20_000, 30_000))
    alone = estimate(work._replace(own_range=None), right).mid_tokens

    assert 24_495 < estimate(work, right).mid_tokens < estimate(work, wrong).mid_tokens < alone
    assert estimate(work, right).spread < estimate(work._replace(own_range=None), right).spread


def test_the_order_of_cases_does_not_matter() -> None:
    """Cases are put in the order of their time."""
    done = SimulatedUser(6).work(20)

    assert estimate(HOUR, learn(done)) == estimate(HOUR, learn(done[::-1]))
