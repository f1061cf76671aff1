"""What a look at the machine means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.core.settings import DEFAULTS
from watchkeeper.core.state import Sample
from watchkeeper.resources.levels import level_of

RESOURCES = DEFAULTS["resources"]
ORDER = ["fine", "warning", "critical", "emergency"]


def sample(ram_available_gb: float | None = None, cpu_temp_c: float | None = None) -> Sample:
    return Sample(0.0, ram_available_gb, 16.0, cpu_temp_c, 10.0, None, None, 5.0, "unknown")


@pytest.mark.parametrize(
    ("ram_available_gb", "cpu_temp_c", "level", "reasons"),
    [
        (None, None, "unknown", ()),
        (8.0, 50.0, "fine", ()),
        (8.0, None, "fine", ()),
        (None, 50.0, "fine", ()),
        (2.0, None, "fine", ()),
        (1.99, None, "warning", ("2.0 GB of memory available, below 2 GB",)),
        (1.5, None, "warning", ("1.5 GB of memory available, below 2 GB",)),
        (1.2, None, "critical", ("1.2 GB of memory available, below 1.5 GB",)),
        (None, 74.9, "fine", ()),
        (None, 75.0, "warning", ("processor at 75 °C, at or above 75 °C",)),
        (None, 85.0, "critical", ("processor at 85 °C, at or above 85 °C",)),
        (None, 92.0, "emergency", ("processor at 92 °C, at or above 90 °C",)),
        (
            1.8,
            86.0,
            "critical",
            ("processor at 86 °C, at or above 85 °C", "1.8 GB of memory available, below 2 GB"),
        ),
    ],
)
def test_levels(ram_available_gb: float | None, cpu_temp_c: float | None, level: str, reasons: tuple[str, ...]) -> None:
    """The worse of memory and temperature decides, and each that raises the level is a reason."""
    assert (level, reasons) == level_of(sample(ram_available_gb, cpu_temp_c), RESOURCES)


def test_settings_move_the_bounds() -> None:
    """The bounds are the user's."""
    assert "critical" == level_of(sample(7.0), RESOURCES | {"ram_critical_gb": 8.0})[0]


@given(st.floats(0, 64), st.floats(0, 64), st.floats(0, 120), st.floats(0, 120))
def test_less_is_never_better(ram: float, more_ram: float, heat: float, more_heat: float) -> None:
    """With less memory, or hotter, the level is the same or worse."""
    better, _ = level_of(sample(max(ram, more_ram), min(heat, more_heat)), RESOURCES)
    worse, _ = level_of(sample(min(ram, more_ram), max(heat, more_heat)), RESOURCES)

    assert ORDER.index(better) <= ORDER.index(worse)
