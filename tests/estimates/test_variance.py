"""How far off an estimate was, in words."""

from __future__ import annotations

import pytest

from watchkeeper.estimates import variance


@pytest.mark.parametrize(
    ("off_pct", "inside", "word"),
    [
        (0.0, True, "excellent"),
        (-4.9, True, "excellent"),
        (5.0, True, "very good"),
        (-9.9, False, "very good"),
        (14.9, True, "good"),
        (15.0, True, "within its range"),
        (80.0, False, "outside its range"),
        (None, True, "unknown"),
    ],
)
def test_rating(off_pct: float | None, inside: bool, word: str) -> None:
    """Under 5 % is excellent, under 10 very good, under 15 good; beyond it counts whether the range held."""
    assert word == variance.rating(off_pct, inside)


def test_percent() -> None:
    """More than estimated is positive; of nothing no share can be told."""
    assert 12.5 == variance.pct(45, 40)
    assert -50.0 == variance.pct(20, 40)
    assert variance.pct(1, 0) is None
