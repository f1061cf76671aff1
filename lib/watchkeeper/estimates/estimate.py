"""The estimate of a piece of work: what the constants say, corrected by what the user's own work has shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .interval import Interval, interval
from .learned import features
from .posterior import NOISE_DEGREES
from .prior import prior_of
from .work import FAMILIAR, STRETCH

if TYPE_CHECKING:
    from .learned import Learned
    from .work import Work

# As many pieces of work in a project make the constants' factors for it count half.
_FACTORS_WEIGHT = 2.0


def estimate(work: Work, learned: Learned) -> Interval:
    """Return what a piece of work takes, in counted tokens.

    Hours of a phase or a session are planned, and a guess: by how much plans have missed widens the interval. Those of
    a stretch are what they were. A range that the plan itself states
    is evidence beside the model's, and weighs by how well such ranges have done.
    """
    fitted = learned.fitted(work)
    posterior, told = fitted.posterior, features(work)
    noise = posterior.scale * fitted.type_factors.get(work.task_type, 1.0)
    variance = (noise**2 + posterior.variance_of_mean(told)) * fitted.calibration**2
    log_mid = _log_constants(work, learned) + posterior.mean(told)
    if work.kind != STRETCH and work.hours:
        variance += ((1.0 + posterior.effect("hours")) * learned.hours_error) ** 2
    if work.own_range is not None:
        weight = variance / (variance + learned.range_error**2)
        log_mid += weight * (math.log(work.own_range.mid_tokens) - log_mid)
        variance *= 1.0 - weight
    return interval(log_mid, math.sqrt(variance), NOISE_DEGREES, len(posterior.observations))


def _log_constants(work: Work, learned: Learned) -> float:
    """Return the logarithm of what the constants say.

    The size of the project, the quality of its code and that the user knows it are in what was learned there already:
    the more of that there is, the less their factors count again.
    """
    known = learned.plain_weights.get(work.project, 0.0)
    share = known / (known + _FACTORS_WEIGHT)
    plain = work._replace(size="", quality="", familiarity="" if work.familiarity == FAMILIAR else work.familiarity)
    return (1.0 - share) * math.log(prior_of(work).tokens) + share * math.log(prior_of(plain).tokens)
