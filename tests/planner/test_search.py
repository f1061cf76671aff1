"""The best plan of a short queue is the best there is."""

from __future__ import annotations

import pytest

from tests.planner.plans import NOW, best_value, random_case, value_of_plan
from watchkeeper.planner.allocation import allocate

BATCHES, BATCH = 20, 50


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_order_is_better(batch: int) -> None:
    """On a thousand random queues the plan has the value of the best of all orders, each tried step by step."""
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        case = random_case(seed)
        plan = allocate(case.candidates, case.forecast, case.available, NOW, case.days)

        assert plan.is_exact
        assert best_value(case) == value_of_plan(case, plan), f"random_case({seed})"
