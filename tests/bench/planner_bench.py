"""How long planning takes, by the length of the queue, and how near long queues' plans come to the best.

Run: python tests/bench/planner_bench.py. Queues are made from fixed seeds; nothing is read or written.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lib"), str(ROOT)]

from tests.planner.plans import NOW, UTC, forecast, hours, random_case, value_of_plan
from watchkeeper.planner import allocation
from watchkeeper.planner.allocation import EXACT_UP_TO, allocate
from watchkeeper.planner.availability import Availability
from watchkeeper.planner.candidate import Candidate
from watchkeeper.planner.fit import decide

T = TypeVar("T")

QUEUES = 200
ROUNDS = 3
LENGTHS = (8, 50, 500, 5_000)
DAYS = (14, 3_650)
AVAILABLE = Availability(hours("08:00-24:00"), hours("12:00-13:00"), UTC)


def main() -> int:
    """Print the tables."""
    window = forecast(115_000)
    print(f"{'sessions':>8} {'days ahead':>10} {'placed':>7} {'plan':>9} {'decide':>9}")
    for length in LENGTHS:
        queue = queue_of(length)
        deciding_ms, _ = measured_ms(partial(decide, queue, window, 3.0, AVAILABLE, NOW))
        for days in DAYS:
            plan_ms, plan = measured_ms(partial(allocate, queue, window, AVAILABLE, NOW, days))
            placed = len(plan.placements)
            print(f"{length:>8,} {days:>10,} {placed:>7,} {plan_ms:>6.0f} ms {deciding_ms:>6.1f} ms")
    cases = [random_case(seed, EXACT_UP_TO) for seed in range(QUEUES)]
    best = [allocate(*case[:3], NOW, case.days) for case in cases]
    with only_heuristic():
        good = [allocate(*case[:3], NOW, case.days) for case in cases]
    both = list(zip(cases, best, good, strict=True))
    equal = sum(value_of_plan(case, one) == value_of_plan(case, other) for case, one, other in both)
    ratios = [((other.ends_at or NOW + 1) - NOW) / ((one.ends_at or NOW + 1) - NOW) for _, one, other in both]
    print(f"\n{QUEUES} queues of up to {EXACT_UP_TO} sessions, the long queues' way against the best of all orders:")
    print(f"the best plan in {100 * equal / QUEUES:.0f} %; all done after {statistics.fmean(ratios):.3f} of its time")
    print(f"on average, after {max(ratios):.2f} of it at worst")
    return 0


def queue_of(length: int) -> list[Candidate]:
    """A queue of sessions of all sizes, one in four of which waits for another."""
    dice = random.Random(length)
    return [
        Candidate(
            f"s{number}",
            f"Session {number}",
            mid_tokens=dice.choice([8_000, 15_000, 30_000, 45_000, 65_000, 90_000, 140_000]),
            hours=dice.choice([0.5, 1.0, 2.0, 3.0, 4.0]),
            priority=dice.choice([0, 1, 1, 1, 2, 3]),
            after=(f"s{dice.randrange(number)}",) if number and dice.random() < 0.25 else (),
            created_at=float(number),
        )
        for number in range(length)
    ]


def measured_ms(work: Callable[[], T]) -> tuple[float, T]:
    """The shortest of a few rounds, in milliseconds of processor time, and what came of it."""
    result = work()
    spent = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        spent.append(1_000 * (time.process_time() - started))
    return min(spent), result


@contextmanager
def only_heuristic() -> Iterator[None]:
    """Plan every queue as a long one."""
    allocation.EXACT_UP_TO = 0
    yield
    allocation.EXACT_UP_TO = EXACT_UP_TO


if __name__ == "__main__":
    raise SystemExit(main())
