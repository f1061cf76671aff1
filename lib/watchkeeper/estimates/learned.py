"""What the user's finished work says about the next: fits with and without hours, of pieces and of whole sessions."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from . import student
from .cases import MOST_CASES, Case, read_cases
from .interval import COVERAGE
from .posterior import NOISE_DEGREES, Belief, Observation, Posterior
from .prior import constants_say, prior_of
from .work import PHASE, SESSION, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.core.ledger import Ledger

    from .posterior import Features

# After so many more cases one counts half: people, models and projects change.
HALF_LIFE_CASES = 80.0
# How far things may be from one another, in logarithms (standard deviations): the user from the constants, which are
# ten times below what published sessions took; a type, project or library from the user's whole; the growth with
# hours from proportional; a phase that was planned from a stretch that was found.
SPREADS = {"": 1.8, "hours": 0.5, "type": 0.2, "project": 0.3, "library": 0.15, "planned": 0.2, "constants": 1.0}
# What is believed of the noise: of a piece of known duration, and of one whose duration is not known.
_SCALE_WITH_HOURS, _SCALE_WITHOUT = 0.55, 0.8
_SCALE_WEIGHT = 5.0
# Cases whose agreement with the believed coverage the measured one is weighed against.
CALIBRATION_WEIGHT = 8.0
_CALIBRATION_BOUNDS = (0.6, 1.8)
_TYPE_WEIGHT = 12.0
_MOST_OF_A_KIND = 24
# Phases of a session err together: as seen in no sessions at all, and how much that weighs in pairs of stretches.
_USUAL_CORRELATION, _CORRELATION_WEIGHT = 0.4, 20.0
# By how much planned hours miss the real ones, and plans' own ranges the actual, in logarithms. Forecasts of token use
# are known to correlate with the actual by less than 0.4, and pieces of work vary by about 1.0: sqrt(1 / 0.4^2 - 1).
_USUAL_HOURS_ERROR, _USUAL_RANGE_ERROR, _ERROR_WEIGHT = 0.4, 2.3, 4.0


class Fitted(NamedTuple):
    """A posterior with what its own errors say of its intervals."""

    posterior: Posterior
    cases: tuple[Case, ...]
    """What it was made of, one for each observation."""
    errors: tuple[tuple[float, float], ...]
    """The error of each, and its scale, had it been left out."""
    calibration: float
    """By how much intervals have to be wider (above 1) or narrower to hold what they promise."""
    type_factors: dict[str, float]
    """By how much the errors of a type are larger than those of all."""


class Learned(NamedTuple):
    """The user's finished work, oldest first, and what it says."""

    cases: tuple[Case, ...]
    pieces: tuple[Fitted, Fitted]
    """Of phases and stretches: with their hours, and without."""
    sessions: tuple[Fitted, Fitted]
    correlation: float
    """How much the errors of the parts of one session go together: 0 not at all, 1 fully."""
    hours_error: float
    """By how much planned hours miss the real ones: a standard deviation in logarithms."""
    range_error: float
    """By how much the ranges that plans state miss the actual."""
    plain_weights: dict[str, float]
    """By project, how much work is known of it without the constants' factors."""

    def fitted(self, work: Work) -> Fitted:
        """Return the fit that speaks of this kind of work."""
        return (self.sessions if work.kind == SESSION else self.pieces)[0 if work.hours else 1]


def read(ledger: Ledger, settings: dict[str, dict[str, Any]], now: float) -> Learned:
    """Return what the ledger's finished work says."""
    return learn(read_cases(ledger, settings, now))


def learn(cases: Sequence[Case]) -> Learned:
    """Return what finished work, in any order, says."""
    ordered = tuple(sorted(cases, key=lambda case: (case.at, case.started_at)))
    pieces = [case for case in ordered if case.work.kind != SESSION][-MOST_CASES:]
    sessions = [case for case in ordered if case.work.kind == SESSION][-MOST_CASES:]
    by_hours = _fitted(pieces, has_hours=True)
    return Learned(
        ordered,
        (by_hours, _fitted(pieces, has_hours=False)),
        (_fitted(sessions, has_hours=True), _fitted(sessions, has_hours=False)),
        _correlation([case for case in pieces if case.work.hours], by_hours.posterior),
        _error(
            _USUAL_HOURS_ERROR,
            [
                math.log(case.hours / case.work.hours)
                for case in pieces
                if case.work.kind == PHASE and case.hours and case.work.hours
            ],
        ),
        _error(_USUAL_RANGE_ERROR, [_range_miss(case) for case in pieces if case.work.own_range is not None]),
        _plain_weights(pieces),
    )


def features(work: Work) -> Features:
    """Return what distinguishes a piece of work, as the effects that are learned."""
    found: Features = {"": 1.0}
    if work.kind == PHASE:
        found["planned"] = 1.0
    if work.hours:
        found["hours"] = math.log(work.hours)
    if work.task_type:
        found[f"type:{work.task_type}"] = 1.0
        found["constants"] = constants_say(work)
    if work.project:
        found[f"project:{work.project}"] = 1.0
    for library in work.libraries:
        # Several libraries together weigh as one.
        found[f"library:{library}"] = 1.0 / math.sqrt(len(work.libraries))
    return found


def observed(case: Case, weight: float, has_hours: bool) -> Observation:
    """Return a case as log(actual / constants); without hours the constants are the least of its type."""
    work = case.work if has_hours else case.work._replace(hours=None)
    return Observation(features(work), math.log(max(1.0, case.tokens) / prior_of(work).tokens), weight)


def _fitted(cases: Sequence[Case], has_hours: bool) -> Fitted:
    used = [case for case in cases if case.work.hours or not has_hours]
    weights = _weights(used)
    observations = [observed(case, weight, has_hours) for case, weight in zip(used, weights, strict=True)]
    scale = _SCALE_WITH_HOURS if has_hours else _SCALE_WITHOUT
    posterior = Posterior(_without_rare(observations), Belief(_spread_of, scale, _SCALE_WEIGHT))
    errors = tuple(posterior.left_out())
    return Fitted(posterior, tuple(used), errors, _calibration(errors, weights), _type_factors(used, errors, weights))


def _without_rare(observations: Sequence[Observation]) -> list[Observation]:
    """Return the observations without the projects and libraries that are seen once, or less than many others are.

    Of those nothing is learned, and each would make the fit slower.
    """
    counts: dict[str, Counter[str]] = {"project": Counter(), "library": Counter()}
    for each in observations:
        for name in each.features:
            kind, _, which = name.partition(":")
            if which and kind in counts:
                counts[kind][name] += 1
    rare = {
        name
        for found in counts.values()
        for place, (name, count) in enumerate(found.most_common())
        if count == 1 or place >= _MOST_OF_A_KIND
    }
    return [
        each._replace(features={name: value for name, value in each.features.items() if name not in rare})
        for each in observations
    ]


def _spread_of(feature: str) -> float:
    return SPREADS[feature.partition(":")[0]]


def _calibration(errors: Sequence[tuple[float, float]], weights: Sequence[float]) -> float:
    """Return the factor that makes intervals hold the share they promise of the cases when each was left out.

    Conformal: the quantile of the errors in units of their scale, against the quantile of the t distribution; drawn
    towards 1 while there are few cases.
    """
    if not errors:
        return 1.0
    ranked = sorted((abs(error) / scale, weight) for (error, scale), weight in zip(errors, weights, strict=True))
    total = sum(weights)
    # As for n + 1 cases, so that few cases make no promise that they cannot keep.
    below, reached = 0.0, ranked[-1][0]
    for value, weight in ranked:
        below += weight
        if below >= COVERAGE * (total + 1.0):
            reached = value
            break
    measured = reached / student.quantile(0.5 + COVERAGE / 2.0, NOISE_DEGREES)
    low, high = _CALIBRATION_BOUNDS
    return (min(max(measured, low), high) * total + CALIBRATION_WEIGHT) / (total + CALIBRATION_WEIGHT)


def _type_factors(
    cases: Sequence[Case], errors: Sequence[tuple[float, float]], weights: Sequence[float]
) -> dict[str, float]:
    """Return how much more or less than all others each type varies; mean absolute errors, drawn towards 1."""
    if not errors:
        return {}
    usual = sum(abs(error) * weight for (error, _), weight in zip(errors, weights, strict=True)) / sum(weights)
    sums: dict[str, tuple[float, float]] = {}
    for case, (error, _), weight in zip(cases, errors, weights, strict=True):
        told, of = sums.get(case.work.task_type, (0.0, 0.0))
        # One outlier is no trait of its type.
        sums[case.work.task_type] = told + weight * min(abs(error), 3.0 * usual), of + weight
    return {kind: (told / max(usual, 1e-9) + _TYPE_WEIGHT) / (of + _TYPE_WEIGHT) for kind, (told, of) in sums.items()}


def _correlation(cases: Sequence[Case], posterior: Posterior) -> float:
    """Return the correlation of the errors of stretches of one session, drawn towards what is usual.

    Mean product of the errors of all pairs of one session, over the mean square; errors count up to three scales.
    """
    limit = 3.0 * posterior.scale
    errors = [max(-limit, min(limit, error)) for error in posterior.residuals()]
    square = sum(error * error for error in errors) / max(1, len(errors))
    by_session: dict[str, list[float]] = {}
    for case, error in zip(cases, errors, strict=True):
        by_session.setdefault(case.session_id, []).append(error)
    pairs = products = 0.0
    for own in by_session.values():
        pairs += len(own) * (len(own) - 1) / 2.0
        products += (sum(own) ** 2 - sum(error * error for error in own)) / 2.0
    seen = products / square if square > 0 else 0.0
    blended = (seen + _USUAL_CORRELATION * _CORRELATION_WEIGHT) / (pairs + _CORRELATION_WEIGHT)
    return min(0.95, max(0.0, blended))


def _error(usual: float, misses: Sequence[float]) -> float:
    """Return the typical size of errors, drawn towards what is usual; one counts up to three times that."""
    squares = sum(min(miss * miss, 9.0 * usual * usual) for miss in misses)
    return math.sqrt((squares + usual * usual * _ERROR_WEIGHT) / (len(misses) + _ERROR_WEIGHT))


def _plain_weights(cases: Sequence[Case]) -> dict[str, float]:
    found: dict[str, float] = {}
    for case, weight in zip(cases, _weights(cases), strict=True):
        if case.work.project and not case.work.size:
            found[case.work.project] = found.get(case.work.project, 0.0) + weight
    return found


def _weights(cases: Sequence[Case]) -> list[float]:
    """Return how much each of the cases counts, the last one fully."""
    return [0.5 ** ((len(cases) - 1 - place) / HALF_LIFE_CASES) for place in range(len(cases))]


def _range_miss(case: Case) -> float:
    own = case.work.own_range
    return math.log(max(1.0, case.tokens) / max(1.0, own.mid_tokens)) if own else 0.0


NOTHING = learn(())
