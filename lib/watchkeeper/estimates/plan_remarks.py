"""What a plan says about itself beyond its phases: risks, and figures that contradict one another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import figures, outline, risks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .figures import Span
    from .outline import Line
    from .plan_file import Phase
    from .risks import Risk

# How the hours of a phase are known.
IN_PLAN, SHARED = "plan", "shared"


def placed_risks(lines: Sequence[Line], phases: Sequence[Phase]) -> list[Risk]:
    """Return the risks of a plan, each with the phase that it is about."""
    found: list[Risk] = []
    below: list[Line] | None = None
    level = 0
    for line in [*lines, outline.Line(outline.HEADING, "", 0, 1)]:
        if line.kind == outline.HEADING and (below is None or line.level <= level):
            found += risks.risks_in(below or [])
            below, level = ([], line.level) if risks.is_about_risks(line) else (None, 0)
        elif below is not None:
            below.append(line)
    placed = [risk._replace(phase=_about(risk.name, phases)) for risk in found]
    return placed + [
        risks.Risk(phase.risk, figures.tokens_in(phase.risk), "", place)
        for place, phase in enumerate(phases)
        if phase.risk
    ]


def _about(name: str, phases: Sequence[Phase]) -> int | None:
    """Return the place of the phase whose words a risk shares most, those of a name counting double."""
    words = _stems(name)
    scores = [
        2 * len(words & _stems(phase.name)) + len(words & _stems(" ".join((*phase.steps, *phase.libraries))))
        for phase in phases
    ]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())}


def remarks(
    lines: Sequence[Line], phases: Sequence[Phase], stated: Span | None, stated_hours: Span | None
) -> list[str]:
    """Return where the plan's figures do not follow from its own; what is `stated` are its totals."""
    found = []
    for line in lines:
        formula = figures.formula_in(line.text)
        if formula is not None and abs(formula.tokens - formula.stated_tokens) > 0.01 * formula.tokens:
            found.append(
                f"Line {line.number} says {formula.text}; by its own product that is {formula.tokens:,.0f} tokens."
            )
    spans = [phase.stated_tokens for phase in phases if phase.stated_tokens is not None]
    if phases and stated is not None and len(spans) == len(phases):
        low, high = sum(span.low for span in spans), sum(span.high for span in spans)
        if (low, high) != stated:
            found.append(
                f"The plan's total is {stated.low:,.0f} to {stated.high:,.0f} tokens; its phases make "
                f"{low:,.0f} to {high:,.0f}."
            )
    hours = [phase.hours for phase in phases if phase.hours is not None and phase.hours_source == IN_PLAN]
    if phases and stated_hours is not None and len(hours) == len(phases):
        low, high = sum(span.low for span in hours), sum(span.high for span in hours)
        if (low, high) != stated_hours:
            found.append(
                f"The plan's total is {stated_hours.low:g} to {stated_hours.high:g} hours; its phases make "
                f"{low:g} to {high:g}."
            )
    return found
