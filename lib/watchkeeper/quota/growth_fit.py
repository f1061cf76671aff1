"""Fitting by how much each tool's calls make the context grow to the user's own history (see core/growth.py).

Tokens per call and per character are fitted to many steps, robustly, and drawn towards the figures for all tools as
long as there are few, as those are towards the defaults.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core import growth
from watchkeeper.core.ledger import Transaction

from .growth_steps import read_records, steps_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from watchkeeper.core.ledger import Ledger

    from .growth_steps import Step

    Vector = tuple[float, float, float]

LEARN_INTERVAL_S = 86_400.0
MOST_FILES = 40
MOST_STEPS = 4_000
MOST_STEPS_PER_TOOL = 1_000

# How many steps the figures that a fit starts from weigh against its own.
_PRIOR_STEPS = 30.0
_PRIOR_CALLS = 5.0
_ROUNDS = 15
# Steps that are off by more than this share count for less and less.
_TYPICAL_ERROR = 0.15
_SMALLEST_SCALE_TOKENS = 50.0
_LARGEST_GROWTH_TOKENS = 150_000
_BOUNDS = ((0.0, 5_000.0), (0.05, 2.0), (0.05, 2.0))


class Fit(NamedTuple):
    """What is stored of a tool; a mean of 0 means that there is none."""

    base_tokens: float
    per_call_character: float
    per_result_character: float
    mean_tokens: float
    calls: int


def learn(ledger: Ledger, transcripts: Sequence[str], now: float) -> dict[str, Fit]:
    """Fit the newest of the main transcripts at the paths `transcripts`, store the result and return it.

    At most MOST_FILES files are read, of each the end. Without any step nothing is stored.
    """
    seen: dict[str, Step] = {}
    for path in sorted(transcripts, key=_modified_at, reverse=True)[:MOST_FILES]:
        # A resumed session repeats the records of the one before.
        for step in steps_in(read_records(path)):
            seen.setdefault(step.message_id, step)
        if len(seen) >= MOST_STEPS:
            break
    fits = fit(list(seen.values())[:MOST_STEPS])
    if fits:
        with Transaction(ledger.state) as db:
            save(db, fits, now)
    return fits


def save(db: sqlite3.Connection, fits: dict[str, Fit], now: float) -> None:
    """Replace what was learned, inside a transaction; the row of all tools has an empty name."""
    db.execute("DELETE FROM growth")
    db.executemany("INSERT INTO growth VALUES (?,?,?,?,?,?,?)", [(tool, *each, now) for tool, each in fits.items()])


def fit(steps: Sequence[Step]) -> dict[str, Fit]:
    """Return the fit of each tool and, under the empty name, of all of them; nothing without steps."""
    usable = [step for step in steps if step.calls and 0 < step.growth_tokens <= _LARGEST_GROWTH_TOKENS]
    if not usable:
        return {}
    common = _solve(usable, growth.DEFAULT[:3])
    # The table knows a tool better than the mean of all tools does.
    fits = {"": Fit(*common, 0.0, sum(len(step.calls) for step in usable))}
    by_tool: dict[str, list[Step]] = {}
    for step in usable:
        tools = {call.tool for call in step.calls}
        if len(tools) == 1:
            by_tool.setdefault(tools.pop(), []).append(step)
    for tool, all_of_it in by_tool.items():
        own = all_of_it[:MOST_STEPS_PER_TOOL]
        calls = sum(len(step.calls) for step in own)
        usual = float(growth.TABLE_TOKENS.get(tool, growth.OTHER_TOKENS))
        total = sum(step.growth_tokens for step in own)
        mean = (total + usual * _PRIOR_CALLS) / (calls + _PRIOR_CALLS)
        fits[tool] = Fit(*_solve(own, common), mean, calls)
    return fits


def estimated_tokens(step: Step, fits: dict[str, Fit]) -> float:
    """Return what the fits (the defaults, where there are none) say of a step."""
    total = 0.0
    for call in step.calls:
        base, per_call, per_result = (fits.get(call.tool) or fits.get("") or Fit(*growth.DEFAULT, 0))[:3]
        total += base + per_call * call.call_characters + per_result * call.result_characters + call.picture_tokens
    return total


def _solve(steps: Sequence[Step], prior: Sequence[float]) -> Vector:
    """Weighted least squares of relative errors with a prior, weights falling with the error until they settle."""
    rows: list[tuple[Vector, float]] = []
    # Relative to what was measured: a step may grow by more than its calls, and never by less.
    for step in steps:
        pictures = sum(call.picture_tokens for call in step.calls)
        inputs = (
            float(len(step.calls)),
            float(sum(call.call_characters for call in step.calls)),
            float(sum(call.result_characters for call in step.calls)),
        )
        scale = max(_SMALLEST_SCALE_TOKENS, float(step.growth_tokens))
        rows.append(
            ((inputs[0] / scale, inputs[1] / scale, inputs[2] / scale), (step.growth_tokens - pictures) / scale)
        )
    found: Vector = (prior[0], prior[1], prior[2])
    # As if so many steps more had been seen that agree with the prior, of the size that such steps have.
    pull = [
        _PRIOR_STEPS * max(sum(row[k] ** 2 for row, _ in rows) / len(rows), 1e-3 / (found[k] + 1.0) ** 2)
        for k in range(3)
    ]
    for _ in range(_ROUNDS):
        matrix = [[pull[k] if k == other else 0.0 for other in range(3)] for k in range(3)]
        right = [pull[k] * prior[k] for k in range(3)]
        for row, measured in rows:
            error = abs(measured - _dot(row, found))
            weight = 1.0 if error <= _TYPICAL_ERROR else _TYPICAL_ERROR / error
            for k in range(3):
                right[k] += weight * row[k] * measured
                for other in range(3):
                    matrix[k][other] += weight * row[k] * row[other]
        found = _bounded(_solution(matrix, right))
    return found


def _solution(matrix: list[list[float]], right: list[float]) -> Vector:
    """Solve three equations by elimination; the prior keeps the matrix positive definite."""
    for k in range(3):
        for below in range(k + 1, 3):
            factor = matrix[below][k] / matrix[k][k]
            for column in range(k, 3):
                matrix[below][column] -= factor * matrix[k][column]
            right[below] -= factor * right[k]
    third = right[2] / matrix[2][2]
    second = (right[1] - matrix[1][2] * third) / matrix[1][1]
    first = (right[0] - matrix[0][1] * second - matrix[0][2] * third) / matrix[0][0]
    return first, second, third


def _bounded(values: Vector) -> Vector:
    first, second, third = (min(max(value, low), high) for value, (low, high) in zip(values, _BOUNDS, strict=True))
    return first, second, third


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return first[0] * second[0] + first[1] * second[1] + first[2] * second[2]


def _modified_at(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
