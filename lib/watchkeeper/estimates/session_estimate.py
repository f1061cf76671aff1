"""The estimate of a plan: each phase, the total, risks, whether it fits and what it leans on, as it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import code_size, familiarity, hazards, interval, planned, prediction, quota_fit, similar
from .estimate import estimate
from .figures import Span
from .prior import prior_of
from .work import PHASE, Range, Work, library_key, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.app import App

    from .familiarity import Knowledge
    from .interval import Interval
    from .learned import Learned
    from .plan_file import Phase, Plan
    from .prediction import SessionSize

# The share of cases that the safe upper limit covers.
_SAFE = 0.95
SIZE_BY_PLAN, SIZE_COUNTED, SIZE_UNKNOWN = "plan", "counted", "unknown"


class Estimated(NamedTuple):
    """A phase with what it was estimated from and at."""

    phase: Phase
    work: Work
    interval: Interval
    new_libraries: tuple[str, ...]
    familiarity_source: str


class SessionEstimate(NamedTuple):
    """A plan, estimated. `phases` are those that are not done yet."""

    plan: Plan
    project: str
    phases: tuple[Estimated, ...]
    total: Interval
    """Of the sum, as its parts err together."""
    lines_of_code: int | None
    knowledge: Knowledge
    learned: Learned

    @property
    def hours(self) -> Span | None:
        """How long the phases take together; None when one of them does not say."""
        spans = [each.phase.hours for each in self.phases]
        if not spans or any(span is None for span in spans):
            return None
        return Span(sum(span.low for span in spans if span), sum(span.high for span in spans if span))


def estimate_plan(app: App, plan: Plan, learned: Learned, session_id: str = "") -> SessionEstimate:
    """Return the estimate of a plan for the project of the folder that the command was called in."""
    project = app.project
    lines = None if plan.size else code_size.lines_of_code(project)
    known = familiarity.knowledge_of(app.ledger.usage, app.paths, project, learned.cases, session_id)
    open_phases = [phase for phase in plan.phases if not phase.is_done]
    phases = []
    for place, phase in enumerate(open_phases):
        level, source = familiarity.stack_of(phase, plan, known)
        new = familiarity.new_libraries(phase, known, open_phases[:place])
        work = Work(
            PHASE,
            phase.task_type,
            None if phase.hours is None else phase.hours.mid,
            project,
            plan.size or size_of(lines),
            level,
            phase.quality or plan.quality,
            tuple(library_key(name) for name in phase.libraries),
            tuple(library_key(name) for name in new),
            None if phase.stated_tokens is None else Range(*phase.stated_tokens),
            phase.name,
        )
        phases.append(Estimated(phase, work, _whole(estimate(work, learned)), new, source))
    total = interval.total([each.interval for each in phases], learned.correlation)
    return SessionEstimate(plan, project, tuple(phases), total, lines, known, learned)


def view(app: App, made: SessionEstimate) -> dict[str, Any]:
    """Return what /estimate-session shows and tells as JSON."""
    plan, room = made.plan, quota_fit.room_of(app.ledger, app.settings, app.paths, app.environ, app.now)
    types = {each.work.task_type for each in made.phases}
    buffer = prediction.buffer_of(types.pop() if len(types) == 1 else "", made.learned)
    now_fit, whole_fit = (
        quota_fit.fits(made.total, tokens, buffer.pct) for tokens in (room.left_tokens, room.limit_tokens)
    )
    risks = hazards.risks_of(made)
    total = _total_view(made)
    hours = made.hours
    known = [risk.tokens for risk in risks if risk.tokens is not None]
    low_risk, high_risk = sum(span.low for span in known), sum(span.high for span in known)
    safe_tokens = round(interval.safe_upper_tokens(made.total, _SAFE))
    buffered = total["mid_tokens"] * (1.0 + buffer.pct / 100.0)
    return {
        "now_at": app.now,
        "plan": {
            "path": plan.path,
            "title": plan.title,
            "stated_low_tokens": _rounded(plan.stated_tokens, 0),
            "stated_high_tokens": _rounded(plan.stated_tokens, 1),
            "remarks": [*plan.remarks, *_other_factors(made)],
            "done": [phase.name for phase in plan.phases if phase.is_done],
        },
        "project": {
            "path": made.project or None,
            "lines_of_code": made.lines_of_code,
            "size": plan.size or size_of(made.lines_of_code) or None,
            "size_source": SIZE_BY_PLAN if plan.size else SIZE_UNKNOWN if made.lines_of_code is None else SIZE_COUNTED,
            "sessions": made.knowledge.sessions_here,
        },
        "phases": [_phase_view(each, made, number) for number, each in enumerate(made.phases, 1)],
        "total": total,
        "hours": None if hours is None else {"low": hours.low, "high": hours.high},
        "burn_tokens_per_min": None if hours is None else total["mid_tokens"] / (hours.mid * 60.0),
        "buffer": {"pct": buffer.pct, "tokens": round(buffered), "cases": buffer.cases},
        "safe_upper_tokens": safe_tokens,
        "risks": [hazards.view_of(risk, made) for risk in risks],
        "risk_low_tokens": round(low_risk),
        "risk_high_tokens": round(high_risk),
        "worst_case_tokens": round(max(total["high_tokens"], safe_tokens) + high_risk),
        "quota": {
            "limit_tokens": _int(room.limit_tokens),
            "left_tokens": _int(room.left_tokens),
            "source": room.source,
            "resets_at": room.resets_at,
        },
        "fits_quota": now_fit["fits"],
        "fit": {"left": now_fit, "window": whole_fit},
        "confidence": made.total.confidence if made.phases else None,
        "cases": made.total.cases,
        "similar": [
            similar.view_of(case) for case in similar.similar([each.work for each in made.phases], made.learned.cases)
        ],
        "sessions": planned.sessions_view(made, room.limit_tokens),
        "session_size": _size_view(prediction.session_size(made.learned)),
    }


def _other_factors(made: SessionEstimate) -> list[str]:
    """Return where a plan reckons with another factor for how well its stack is known."""
    found = []
    for each in made.phases:
        formula = each.phase.formula
        ours = prior_of(each.work).factors.get("familiarity", 1.0)
        if formula is not None and abs(formula.factor - ours) > 0.001:
            word = f"a {each.work.familiarity} stack" if each.work.familiarity else "a stack of which nothing is known"
            found.append(f"{each.phase.name}: the plan's factor is {formula.factor:g}; here {word} has {ours:g}.")
    return found


def _size_view(size: SessionSize | None) -> dict[str, Any] | None:
    return None if size is None else size.recommended._asdict()


def _total_view(made: SessionEstimate) -> dict[str, Any]:
    """Return the total: its figures are the sums of the phases', its coverage what that makes of the bounds."""
    low, mid, high = (
        sum(getattr(each.interval, name) for each in made.phases)
        for name in ("low_tokens", "mid_tokens", "high_tokens")
    )
    coverage = interval.probability_within(made.total, high) - interval.probability_within(made.total, low)
    return {
        "low_tokens": round(low),
        "mid_tokens": round(mid),
        "high_tokens": round(high),
        "coverage": coverage if made.phases else None,
        "confidence": made.total.confidence if made.phases else None,
    }


def _phase_view(each: Estimated, made: SessionEstimate, number: int) -> dict[str, Any]:
    phase, work, span = each.phase, each.work, each.interval
    prior = prior_of(work)
    return {
        "number": number,
        "name": phase.name,
        "line": phase.line,
        "type": phase.task_type,
        "type_source": phase.type_source,
        "hours": None if phase.hours is None else phase.hours.mid,
        "low_hours": None if phase.hours is None else phase.hours.low,
        "high_hours": None if phase.hours is None else phase.hours.high,
        "hours_source": phase.hours_source or SIZE_UNKNOWN,
        "low_tokens": round(span.low_tokens),
        "mid_tokens": round(span.mid_tokens),
        "high_tokens": round(span.high_tokens),
        "coverage": span.coverage,
        "confidence": span.confidence,
        "cases": span.cases,
        "prior_tokens": round(prior.tokens),
        "tokens_per_hour": prior.tokens_per_hour,
        "factors": prior.factors,
        "library_tokens": round(prior.library_tokens),
        "is_least": prior.is_least,
        "stated_low_tokens": _rounded(phase.stated_tokens, 0),
        "stated_high_tokens": _rounded(phase.stated_tokens, 1),
        "libraries": list(phase.libraries),
        "new_libraries": list(each.new_libraries),
        "stack": list(phase.stack),
        "familiarity": work.familiarity or None,
        "familiarity_source": each.familiarity_source,
        "quality": work.quality or None,
        "steps": list(phase.steps),
        "tasks": phase.tasks,
        "tasks_done": phase.tasks_done,
        "high_risk": hazards.reasons(each, made),
    }


def _whole(made: Interval) -> Interval:
    """Return an interval in whole tokens, so that sums of what is shown are exact."""
    low, mid, high = (float(round(tokens)) for tokens in made[:3])
    return made._replace(low_tokens=low, mid_tokens=mid, high_tokens=high)


def _rounded(span: Sequence[float] | None, place: int) -> int | None:
    return None if span is None else round(span[place])


def _int(number: float | None) -> int | None:
    return None if number is None else round(number)
