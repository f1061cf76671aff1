"""How well work was estimated, libraries, buffers and session sizes, as they follow from finished work."""

from __future__ import annotations

import math

import pytest

from tests.estimates.simulated import Habits, SimulatedUser
from watchkeeper.estimates import accuracy, prediction
from watchkeeper.estimates.learned import NOTHING, Learned, learn
from watchkeeper.estimates.library_knowledge import knowledge
from watchkeeper.estimates.work import SESSION


def known(pieces: int = 40, seed: int = 1, habits: Habits | None = None) -> Learned:
    return learn(SimulatedUser(seed, habits).work(pieces))


def as_sessions(learned: Learned) -> Learned:
    return learn([case._replace(work=case.work._replace(kind=SESSION, task_type="")) for case in learned.cases])


def test_nothing_learned_has_no_accuracy() -> None:
    """Without finished work there is none of this."""
    assert accuracy.accuracy_of(accuracy.pieces(NOTHING)) is None
    assert {} == accuracy.by_type([])
    assert [] == knowledge(NOTHING)
    assert prediction.session_size(NOTHING) is None
    assert (20.0, 0) == prediction.buffer_of("testing", NOTHING)


def test_work_is_held_against_what_all_other_work_says() -> None:
    """Work that was not estimated before is compared with the fit without it; about four in five are inside."""
    done = accuracy.pieces(known(100))
    found = accuracy.accuracy_of(done)

    assert found is not None
    assert (100, 0) == (found.cases, found.told)
    assert 0.7 <= found.inside <= 0.9
    assert 0.2 < found.median_log_error < 0.6
    assert sum(each.cases for each in accuracy.by_type(done).values()) == 100


def test_an_estimate_that_was_told_is_the_measure() -> None:
    """Where work was estimated before it began, that figure counts."""
    cases = SimulatedUser(2).work(10)
    told = [cases[0]._replace(estimated_tokens=cases[0].tokens / 2.0), *cases[1:]]
    first = accuracy.pieces(learn(told))[0]

    assert first.was_told
    assert (1.0, math.log(2.0)) == pytest.approx((first.variance, first.error))


def test_the_buffer_comes_from_the_spread_of_a_type() -> None:
    """Wild work needs more of a buffer than calm work, and four in five stay within it."""
    calm, wild = (known(120, 3, Habits(noise=noise)) for noise in (0.2, 0.9))
    buffers = [prediction.buffer_of("", learned).pct for learned in (calm, wild)]
    within = [each.error <= math.log1p(buffers[1] / 100.0) for each in accuracy.pieces(wild)]

    assert 10.0 < buffers[0] < 40.0 < buffers[1] < 250.0
    assert 0.78 <= sum(within) / len(within) <= 0.82
    assert prediction.buffer_of("testing", calm).cases >= 8


def test_the_predictable_length_of_sessions_is_found() -> None:
    """Where short sessions are calm and long ones wild, sessions as long as the calm ones are recommended."""
    calm, wild = (as_sessions(known(24, 4, Habits(noise=noise))) for noise in (0.1, 1.2))
    short = [case._replace(work=case.work._replace(hours=0.5), hours=0.5) for case in calm.cases]
    long = [case._replace(work=case.work._replace(hours=3.0), hours=3.0) for case in wild.cases]
    scaled = [case._replace(tokens=case.tokens / case.hours) for case in short if case.hours]
    size = prediction.session_size(learn([*scaled, *long]))

    assert size is not None
    assert 0.5 == size.recommended.to_hours
    assert 48 == sum(band.sessions for band in size.bands)


def test_libraries_are_known_by_use() -> None:
    """A library's sessions are counted; what getting to know it took is drawn towards the constant."""
    user = SimulatedUser(5)
    user.work(10)
    user.work(6, library="httpx")
    user.work(2, library="rich")
    first, second = knowledge(learn(user.cases))

    assert (("httpx", 3), ("rich", 1)) == (first[:2], second[:2])
    assert 3_750 <= first.integration_tokens
    assert first.variance is not None
    assert first.first_at < first.last_at
