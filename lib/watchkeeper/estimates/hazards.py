"""What could make a plan take more: its own risks, those that its figures and past work show, and in which phases."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from watchkeeper.core import words

from . import planned
from .figures import Span
from .interval import LOW
from .risks import FROM_HISTORY, Risk
from .work import DEBUGGING, library_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cases import Case
    from .session_estimate import Estimated, SessionEstimate

_LONG_PHASE_HOURS = 4.0
# A risk that the plan puts at so much of its phase makes that a phase of high risk.
_WEIGHTY = 0.25
# What is as wide in every phase says nothing of one.
_WIDER = 1.2
# What took so many times its estimate is told as a risk of like work.
_OVERRUN, _MOST_OVERRUNS = 1.5, 3


def risks_of(made: SessionEstimate) -> list[Risk]:
    """Return the plan's risks, and those that past work shows: phases that took more than their estimate's range."""
    found = list(made.plan.risks)
    place_of = {phase.name: place for place, phase in enumerate(made.plan.phases)}
    for each in made.phases:
        over = list(_overruns(each, made.learned.cases))[-_MOST_OVERRUNS:]
        if over:
            factors = sorted(case.tokens / case.estimated_tokens for case in over if case.estimated_tokens)
            more = Span((factors[0] - 1.0) * each.interval.mid_tokens, (factors[-1] - 1.0) * each.interval.mid_tokens)
            what = ", ".join(sorted({case.work.name or case.work.task_type for case in over}))
            times = "once" if len(over) == 1 else f"{len(over)} times"
            found.append(
                Risk(
                    f"Like work took more than estimated {times}: {what}",
                    more,
                    "",
                    place_of[each.phase.name],
                    FROM_HISTORY,
                )
            )
    return found


def reasons(each: Estimated, made: SessionEstimate) -> list[str]:
    """Return why a phase is of high risk, in words; empty where it is not."""
    phase, span = each.phase, each.interval
    found = []
    narrowest = min(other.interval.spread for other in made.phases)
    if span.confidence == LOW and span.spread > _WIDER * narrowest:
        factor = math.sqrt(span.high_tokens / span.low_tokens) if span.low_tokens else math.inf
        found.append(f"its range is a factor of {factor:.1f} either way, wider than the others'")
    if each.new_libraries:
        found.append(f"new: {', '.join(each.new_libraries)}")
    if phase.hours is None:
        found.append("the plan gives it no hours")
    elif phase.hours.mid >= _LONG_PHASE_HOURS:
        found.append(f"{phase.hours.mid:g} hours in one piece")
    if phase.task_type == DEBUGGING:
        found.append("debugging is hard to foresee")
    most = planned.most_tokens(made.learned)
    if span.mid_tokens > most:
        found.append(f"more than {words.tokens(most)} tokens: split it")
    for risk in made.plan.risks:
        is_here = risk.phase is not None and made.plan.phases[risk.phase] is phase
        if is_here and risk.tokens is not None and risk.tokens.high >= _WEIGHTY * span.mid_tokens:
            found.append(f"the plan's risk: {risk.name}")
    return found


def view_of(risk: Risk, made: SessionEstimate) -> dict[str, Any]:
    """Return what is shown of a risk."""
    return {
        "name": risk.name,
        "low_tokens": None if risk.tokens is None else round(risk.tokens.low),
        "high_tokens": None if risk.tokens is None else round(risk.tokens.high),
        "mitigation": risk.mitigation or None,
        "phase": None if risk.phase is None else made.plan.phases[risk.phase].name,
        "source": risk.source,
    }


def _overruns(each: Estimated, cases: Iterable[Case]) -> Iterable[Case]:
    keys = {library_key(name) for name in each.phase.libraries}
    for case in cases:
        is_like = bool(keys & set(case.work.libraries)) if keys else case.work.task_type == each.work.task_type
        if is_like and case.estimated_tokens and case.tokens > _OVERRUN * case.estimated_tokens:
            yield case
