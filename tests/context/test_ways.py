"""Three ways with honest costs, and the cheapest one that gets far enough."""

from __future__ import annotations

import pytest

from watchkeeper.context import ways
from watchkeeper.context.composition import Composition, Named, Part
from watchkeeper.context.pruning import Plan
from watchkeeper.context.ways import Way

USABLE = 167_000


def context(used: int = 140_000, reads: int = 60_000) -> Composition:
    parts = (Part("system", 20_000, 1), Part("memory", 5_000, 3), Part("file_reads", reads, 9))
    files = (Named("/a.py", reads, 9, 10_000),)
    return Composition(used, "measured", (*parts, Part("rest", used - 25_000 - reads, 0)), 0, files, (), 4)


def found(leaves: int = 70_000, is_cached: bool = True, usable: int | None = USABLE, used: int = 140_000) -> list[Way]:
    return ways.ways(context(used), Plan({}, (), used, leaves), usable, is_cached)


def test_what_each_way_costs() -> None:
    """A copy is read anew; a summary is written and files are read again; a fresh start reads little."""
    prune, compact, restart = found()

    assert ("prune", 70_000, 70_000, 70_000, 0, 0, 87_500, True) == (
        prune.way,
        prune.frees_tokens,
        prune.leaves_tokens,
        prune.reads_uncached_tokens,
        prune.reads_cached_tokens,
        prune.writes_tokens,
        prune.cost_tokens,
        prune.fits,
    )
    assert (34_600, 34_600 + 25_000, 140_000, 3_000) == (
        compact.leaves_tokens,
        compact.reads_uncached_tokens,
        compact.reads_cached_tokens,
        compact.writes_tokens,
    )
    assert round(1.25 * 59_600 + 0.1 * 140_000 + 5 * 3_000) == compact.cost_tokens
    assert (27_000, 52_000) == (restart.leaves_tokens, restart.reads_uncached_tokens)


def test_a_cold_cache_makes_the_summary_dear() -> None:
    """What the API has forgotten has to be read anew for the summary too."""
    _, compact, _ = found(is_cached=False)

    assert (0, 140_000 + 59_600) == (compact.reads_cached_tokens, compact.reads_uncached_tokens)


@pytest.mark.parametrize(
    ("leaves", "is_cached", "used_pct", "way"),
    [
        pytest.param(70_000, False, 84.0, "prune", id="pruning does, and the cache is cold"),
        pytest.param(70_000, True, 84.0, "prune", id="pruning is cheaper still"),
        pytest.param(83_000, True, 84.0, "compact", id="a summary of what is cached is cheaper"),
        pytest.param(83_000, False, 84.0, "prune", id="but not of what is not"),
        pytest.param(100_000, True, 84.0, "compact", id="pruning does not free enough"),
        pytest.param(100_000, False, 84.0, "compact", id="nor does it when the cache is cold"),
        pytest.param(70_000, True, 66.9, "none", id="there is room enough"),
        pytest.param(70_000, True, 67.0, "prune", id="at the warning"),
    ],
)
def test_which_way(leaves: int, is_cached: bool, used_pct: float, way: str) -> None:
    """The cheapest way that gets below half of what is usable, once there is a warning."""
    assert way == ways.advise(found(leaves, is_cached), 140_000, used_pct, 67.0, 200_000).way


def test_compacting_when_reading_a_copy_costs_more() -> None:
    """With a warm cache a summary can be cheaper than reading a large copy anew."""
    huge = ways.ways(context(600_000), Plan({}, (), 600_000, 480_000), 967_000, is_cached=True)

    advice = ways.advise(huge, 600_000, 62.0, 67.0, 200_000)

    assert "compact" == advice.way
    assert "costs more" in advice.why


def test_a_fresh_start_is_the_last_resort() -> None:
    """Only where neither of the others gets far enough."""
    full = ways.ways(context(160_000), Plan({}, (), 160_000, 150_000), 60_000, is_cached=True)

    assert "restart" == ways.advise(full, 160_000, 95.0, 67.0, 200_000).way


def test_an_unknown_window_is_said_to_be() -> None:
    """Then there is advice only for what is costly in any window."""
    unknown = found(usable=None)

    assert [None] * 3 == [way.leaves_pct for way in unknown]
    assert ("none", True) == (
        (advice := ways.advise(unknown, 140_000, None, 67.0, 200_000)).way,
        "not known" in advice.why,
    )
    assert "none" != ways.advise(found(110_000, usable=None, used=240_000), 240_000, None, 67.0, 200_000).way
