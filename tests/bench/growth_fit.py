"""How well tool calls are estimated, against real transcripts: the formula, a fit to one's own history, the table.

Run: python tests/bench/growth_fit.py [FOLDER]. Prints the median of |estimate - measured| / measured.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "lib"))

from watchkeeper.core import growth
from watchkeeper.quota import growth_fit
from watchkeeper.quota.growth_steps import Step, read_records, steps_in

TRANSCRIPTS = ROOT.parent / "shared" / "transcripts"
Estimate = Callable[[Step], float]


class Found(NamedTuple):
    """A step, whose it is and in which of the transcripts it stands."""

    owner: str
    number: int
    step: Step


def main(folder: Path) -> int:
    """Print the table; 1 when there are no transcripts."""
    found = found_in(folder)
    if not found:
        print(f"no transcripts in {folder}")
        return 1
    steps = [each.step for each in found]
    calls = sum(len(step.calls) for step in steps)
    files = len({each.number for each in found})
    print(f"{len(steps):,} steps with {calls:,} calls from {files} transcripts; median error in percent\n")
    learned = learned_elsewhere(found)
    print(f"{'tool':<14}{'steps':>7}{'formula':>9}{'fitted':>9}{'table':>9}")
    for tool, chosen in _groups(steps):
        row = [_median_pct(chosen, each) for each in (_formula, learned.__getitem__, _table)]
        print(f"{tool:<14}{len(chosen):>7}" + "".join(f"{value:>9.1f}" for value in row))
    print("\nfitted: to the other half of the same owner's transcripts, never to the steps it is measured on")
    return 0


def found_in(folder: Path) -> list[Found]:
    """Return the steps in all transcripts below `folder`, each once."""
    seen: dict[str, Found] = {}
    for number, path in enumerate(sorted(folder.rglob("*.jsonl"))):
        if "_growth_series" not in path.parts:
            for step in steps_in(read_records(str(path))):
                if step.growth_tokens > 0:
                    seen.setdefault(step.message_id, Found(path.parent.name, number, step))
    return list(seen.values())


def _formula(step: Step) -> float:
    return growth_fit.estimated_tokens(step, {})


def _table(step: Step) -> float:
    return float(sum(growth.TABLE_TOKENS.get(call.tool, growth.OTHER_TOKENS) for call in step.calls))


def learned_elsewhere(found: list[Found]) -> dict[Step, float]:
    """Return every step's estimate by a fit to the other half of its owner's transcripts."""
    estimates = {}
    for owner in {each.owner for each in found}:
        own = [each for each in found if each.owner == owner]
        for half in (0, 1):
            fits = growth_fit.fit([each.step for each in own if each.number % 2 != half])
            for each in own:
                if each.number % 2 == half:
                    estimates[each.step] = growth_fit.estimated_tokens(each.step, fits)
    return estimates


def _groups(steps: list[Step]) -> Iterator[tuple[str, list[Step]]]:
    yield "all", steps
    yield "one call", [step for step in steps if len(step.calls) == 1]
    for tool in ("Bash", "Read", "Edit", "Grep", "Write", "Glob", "TodoWrite", "Task", "Agent", "WebFetch"):
        chosen = [step for step in steps if {call.tool for call in step.calls} == {tool}]
        if chosen:
            yield tool, chosen


def _median_pct(steps: list[Step], estimate: Estimate) -> float:
    return 100.0 * statistics.median(abs(estimate(step) - step.growth_tokens) / step.growth_tokens for step in steps)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else TRANSCRIPTS))
