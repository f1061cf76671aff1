"""Whether a task may start, and whether a running one must stop: each resource against its bounds, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from watchkeeper.core import words
from watchkeeper.resources.levels import (
    CRITICAL,
    EMERGENCY,
    FINE,
    MEMORY,
    ORDER,
    TEMPERATURE,
    UNKNOWN,
    WARNING,
    Fact,
    facts_of,
)

if TYPE_CHECKING:
    from watchkeeper.core.quota import Weekly
    from watchkeeper.core.state import Sample
    from watchkeeper.quota.budget import Budget

    from .task import Estimate

TOKENS: Final = "tokens"
WEEK: Final = "week"
_NEARLY_FRESH = 0.9


class Look(NamedTuple):
    """How machine and quota stood at one moment, in epoch seconds."""

    at: float
    sample: Sample
    budget: Budget
    weekly: Weekly
    facts: tuple[Fact, ...]

    def fact(self, resource: str) -> Fact:
        """Return what was seen of a resource."""
        return next(fact for fact in self.facts if fact.resource == resource)


class Verdict(NamedTuple):
    """Whether something may go on. `resource` is what keeps it from that, the worst first; empty when nothing does."""

    is_allowed: bool
    reason: str
    resource: str = ""
    level: str = FINE


def look_of(sample: Sample, budget: Budget, weekly: Weekly, settings: dict[str, dict[str, Any]], now: float) -> Look:
    """Return what is known of the machine and of the quota, and what it means."""
    facts = (tokens_fact(budget, settings), week_fact(weekly, settings), *facts_of(sample, settings["resources"]))
    return Look(now, sample, budget, weekly, facts)


def tokens_fact(budget: Budget, settings: dict[str, dict[str, Any]]) -> Fact:
    """Return how the quota stands for further tasks.

    The bounds are shares of the limit, counted above the reserve: of 200,000 tokens a warning below 30,000, critical
    below 15,000 and an emergency below 10,000.
    """
    left_pct = budget.remaining_pct
    if left_pct is None:
        return Fact(TOKENS, UNKNOWN, "the quota is not known")
    left = f"{left_pct:.0f} %" if budget.remaining_tokens is None else f"{words.tokens(budget.remaining_tokens)} tokens"
    for level in (EMERGENCY, CRITICAL, WARNING):
        bound_pct = settings["executor"][f"tokens_{level}_pct"]
        if left_pct < bound_pct:
            return Fact(TOKENS, level, f"{left} of the quota left, below {_bound(bound_pct, budget)}")
    return Fact(TOKENS, FINE, f"{left} of the quota left")


def week_fact(weekly: Weekly, settings: dict[str, dict[str, Any]]) -> Fact:
    """Return how the weekly limit stands for further tasks: a run, like a plan, uses no more than a share of it."""
    if weekly.used_pct is None:
        return Fact(WEEK, UNKNOWN, "the weekly limit is not known")
    used, most_pct = f"{words.share(weekly.used_pct)} used", settings["planner"]["weekly_use_pct"]
    if weekly.used_pct >= most_pct:
        return Fact(WEEK, WARNING, f"{used}, at or above {most_pct:g}%")
    return Fact(WEEK, FINE, used)


def may_start(
    estimate: Estimate, look: Look, settings: dict[str, dict[str, Any]], target_available_gb: float | None = None
) -> Verdict:
    """Return whether a task may start: nothing is at a warning, and what it is taken to need is there.

    What is unknown is in the way unless the settings allow it to be (`executor.allow_unknown`); the weekly limit may
    always be, since many accounts have none. Memory that it needs must leave `target_available_gb`, by default what
    the settings call a warning. A task that is larger than a whole window starts in one that is nearly fresh: nothing
    more will ever be there.
    """
    worst, budget = _worst(look.facts), look.budget
    needed, left = _most_that_can_be(estimate.estimated_tokens, budget), budget.remaining_tokens
    short_of_tokens = f"Insufficient tokens ({left or 0:,} remaining, need ~{needed:,})"
    if worst.level != FINE:
        reason = short_of_tokens if worst.resource == TOKENS and left is not None else _blocked(worst)
        return Verdict(False, reason, worst.resource, worst.level)
    allowed = (WEEK, *settings["executor"]["allow_unknown"])
    unknown = next((fact for fact in look.facts if fact.level == UNKNOWN and fact.resource not in allowed), None)
    if unknown is not None:
        reason = f"{unknown.detail}, and executor.allow_unknown does not name {unknown.resource}"
        return Verdict(False, reason, unknown.resource, UNKNOWN)
    if left is not None and needed > left:
        return Verdict(False, short_of_tokens, TOKENS, WARNING)
    available_gb, needed_gb = look.sample.ram_available_gb, estimate.estimated_ram_gb
    target_gb = settings["resources"]["ram_warning_gb"] if target_available_gb is None else target_available_gb
    if needed_gb and available_gb is not None and available_gb - needed_gb < target_gb:
        reason = f"Insufficient RAM ({available_gb:.1f} GB available, need ~{needed_gb:.1f} beside {target_gb:g} GB)"
        return Verdict(False, reason, MEMORY, WARNING)
    return Verdict(True, "all resources are there")


def must_stop(look: Look, takes_tokens: bool = True) -> Verdict:
    """Return whether a running task may go on; only what would harm the machine or the work itself stops it.

    That is memory at critical, heat at emergency, and, for a task that takes tokens, a quota of which nothing but the
    reserve is left.
    """
    hard = {(MEMORY, CRITICAL), (TEMPERATURE, EMERGENCY)}
    reached = [fact for fact in look.facts if (fact.resource, fact.level) in hard]
    if reached:
        worst = _worst(tuple(reached))
        return Verdict(False, _blocked(worst), worst.resource, worst.level)
    left_pct = look.budget.remaining_pct
    if takes_tokens and left_pct is not None and left_pct <= 0:
        return Verdict(False, "Token budget: only the reserve is left", TOKENS, EMERGENCY)
    return Verdict(True, "")


def _most_that_can_be(tokens: int, budget: Budget) -> int:
    if budget.limit_tokens is None:
        return tokens
    return min(tokens, int((budget.limit_tokens - budget.reserve_tokens) * _NEARLY_FRESH))


def _worst(seen: tuple[Fact, ...]) -> Fact:
    known = [fact for fact in seen if fact.level in ORDER]
    return max(known, key=lambda fact: ORDER.index(fact.level), default=Fact("", FINE, ""))


def _blocked(fact: Fact) -> str:
    if fact.resource == TOKENS:
        return f"Token budget: {fact.detail}"
    if fact.resource == WEEK:
        return f"Weekly limit: {fact.detail}"
    if fact.resource == TEMPERATURE:
        return f"Thermal constraint: {fact.level} ({fact.detail})"
    return f"{fact.resource.capitalize()} {fact.level}: {fact.detail}"


def _bound(bound_pct: float, budget: Budget) -> str:
    if budget.limit_tokens is None:
        return f"{bound_pct:g} %"
    return words.tokens(budget.limit_tokens * bound_pct / 100.0)
