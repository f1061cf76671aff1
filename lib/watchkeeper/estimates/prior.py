"""What work takes before anything was learned: tokens per hour by type, and what makes it more or less."""

from __future__ import annotations

import math
from typing import NamedTuple

from .work import (
    CLEAN,
    DEBUGGING,
    ENTERPRISE,
    FAMILIAR,
    IMPLEMENTATION,
    LARGE,
    LEARNING,
    LEGACY,
    MEDIUM,
    MIXED,
    NEW,
    PLANNING,
    POLISH,
    REFACTORING,
    SMALL,
    TESTING,
    Work,
)

# Counted tokens per hour by type, and the least that a piece of work of this type takes.
TOKENS_PER_HOUR = {
    PLANNING: 20_000,
    IMPLEMENTATION: 45_000,
    REFACTORING: 55_000,
    TESTING: 30_000,
    DEBUGGING: 35_000,
    POLISH: 20_000,
}
LEAST_TOKENS = {
    PLANNING: 15_000,
    IMPLEMENTATION: 25_000,
    REFACTORING: 30_000,
    TESTING: 18_000,
    DEBUGGING: 20_000,
    POLISH: 12_000,
}
SIZE_FACTORS = {SMALL: 0.8, MEDIUM: 1.0, LARGE: 1.3, ENTERPRISE: 1.6}
FAMILIARITY_FACTORS = {FAMILIAR: 0.9, LEARNING: 1.2, NEW: 1.5}
QUALITY_FACTORS = {CLEAN: 0.9, MIXED: 1.0, LEGACY: 1.4}
# What getting to know a library takes.
NEW_LIBRARY_TOKENS = 5_000
# Of work whose type is not known.
_USUAL_TYPE = IMPLEMENTATION


def constants_say(work: Work) -> float:
    """Return by how much the constants hold work of this type for larger than usual, in logarithms."""
    table = LEAST_TOKENS if work.hours is None else TOKENS_PER_HOUR
    return math.log(table[work.task_type] / table[_USUAL_TYPE]) if work.task_type in table else 0.0


class Prior(NamedTuple):
    """`tokens` is hours x tokens per hour x factor (or the least of its type, times factor) + libraries."""

    tokens: float
    hours: float | None
    tokens_per_hour: float
    factor: float
    factors: dict[str, float]
    """By what they are for: size, familiarity, quality."""
    library_tokens: float
    is_least: bool
    """The least of its type stands in: the hours are not known, or make less."""


def prior_of(work: Work, library_tokens: dict[str, float] | None = None) -> Prior:
    """Return what a piece of work takes by the constants; `library_tokens` is what is known of single libraries."""
    known = library_tokens or {}
    task_type = work.task_type if work.task_type in TOKENS_PER_HOUR else _USUAL_TYPE
    factors = {
        name: table[value]
        for name, table, value in (
            ("size", SIZE_FACTORS, work.size),
            ("familiarity", FAMILIARITY_FACTORS, work.familiarity),
            ("quality", QUALITY_FACTORS, work.quality),
        )
        if value in table
    }
    factor = 1.0
    for each in factors.values():
        factor *= each
    rate, least = float(TOKENS_PER_HOUR[task_type]), float(LEAST_TOKENS[task_type])
    by_hours = 0.0 if work.hours is None else work.hours * rate
    is_least = by_hours < least and work.hours is None
    libraries = sum(known.get(name, float(NEW_LIBRARY_TOKENS)) for name in work.new_libraries)
    base = least if is_least else by_hours
    return Prior(base * factor + libraries, work.hours, rate, factor, factors, libraries, is_least)
