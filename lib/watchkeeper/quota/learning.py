"""Learning how much of the five-hour limit one token takes, from how reported percentages moved while tokens were used.

The quota weighs models differently, so each model has its own figure, drawn towards the common one as long as little
is known of it. Shown as an estimate with its fit, and never a reason for an alert.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import state, usage
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import FIVE_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.core.ledger import Ledger

FEWEST_INCREMENTS = 5
FEWEST_PCT = 5.0
# How many increments of typical size the common figure weighs against a model's own.
_PRIOR_INCREMENTS = 3.0
_ROUNDS = 50


class Increment(NamedTuple):
    """A step of the reported percentage and the counted tokens used meanwhile, by model."""

    pct: float
    tokens: dict[str, int]


class Fit(NamedTuple):
    """Percent of the limit per token, by model; "" is the common figure. `spread` is the typical relative error."""

    pct_per_token: dict[str, float]
    increments: int
    spread: float


def learn(ledger: Ledger, settings: dict[str, dict[str, Any]], now: float) -> None:
    """Fit every account that has reported enough and store what was learned."""
    accounts = ledger.state.execute(
        "SELECT DISTINCT account FROM report_changes WHERE kind = ?", (FIVE_HOUR,)
    ).fetchall()
    for (account,) in accounts:
        learned = fit(increments_of(ledger, settings, account))
        if learned is None:
            continue
        with Transaction(ledger.state) as db:
            db.execute("DELETE FROM learned WHERE account = ?", (account,))
            db.executemany(
                "INSERT INTO learned VALUES (?,?,?,?,?,?)",
                [
                    (account, model, pct_per_token, learned.increments, learned.spread, now)
                    for model, pct_per_token in learned.pct_per_token.items()
                ],
            )


def increments_of(ledger: Ledger, settings: dict[str, dict[str, Any]], account: str) -> list[Increment]:
    """Return the upward steps between successive reports of one window in which tokens were used here."""
    rows = ledger.state.execute(
        "SELECT at, resets_at, used_pct FROM report_changes WHERE account = ? AND kind = ? ORDER BY at",
        (account, FIVE_HOUR),
    ).fetchall()
    increments = []
    for (before_at, before_resets_at, before_pct), (at, resets_at, pct) in pairwise(rows):
        if abs(resets_at - before_resets_at) > state.SAME_WINDOW_S or pct <= before_pct:
            continue
        tokens = usage.counted_tokens_by_model(ledger.usage, settings["quota"]["counted"], account, before_at, at)
        if sum(tokens.values()) > 0:
            increments.append(Increment(pct - before_pct, tokens))
    return increments


def fit(increments: Sequence[Increment]) -> Fit | None:
    """Return the fit of the increments, None while they are too few to say anything.

    Least squares with the common ratio as prior, solved model by model until it settles; no figure is negative.
    """
    total_pct = sum(increment.pct for increment in increments)
    total_tokens = sum(sum(increment.tokens.values()) for increment in increments)
    if len(increments) < FEWEST_INCREMENTS or total_pct < FEWEST_PCT or total_tokens <= 0:
        return None
    common = total_pct / total_tokens
    models = {model for increment in increments for model, count in increment.tokens.items() if count}
    prior = {model: _PRIOR_INCREMENTS * _typical_square(increments, model) for model in models}
    found = dict.fromkeys(models, common)
    for _ in range(_ROUNDS):
        for model in models:
            weight, pull = prior[model], prior[model] * common
            for increment in increments:
                own = increment.tokens.get(model, 0)
                others = sum(found[name] * count for name, count in increment.tokens.items() if name != model)
                weight += own * own
                pull += own * (increment.pct - others)
            found[model] = max(0.0, pull / weight)
    residuals = sorted(
        abs(increment.pct - sum(found[name] * count for name, count in increment.tokens.items())) / increment.pct
        for increment in increments
    )
    return Fit({**found, "": common}, len(increments), residuals[len(residuals) // 2])


def _typical_square(increments: Sequence[Increment], model: str) -> float:
    squares = [float(increment.tokens.get(model, 0)) ** 2 for increment in increments if increment.tokens.get(model)]
    return sum(squares) / len(squares)
