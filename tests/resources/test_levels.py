"""What a look at the machine means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.core.settings import DEFAULTS
from watchkeeper.core.state import Sample
from watchkeeper.resources.levels import Fact, facts_of, level_of, worst

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


FULL = Sample(0.0, 8.0, 16.0, 50.0, 20.0, 90.0, 0, 50.0, "unknown")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("memory", "fine", "8.0 GB of memory available")),
        ({"ram_available_gb": None}, ("memory", "unknown", "free memory cannot be read")),
        (
            {"ram_available_gb": 3.5, "ram_total_gb": 64.0},
            ("memory", "warning", "3.5 GB of memory available, below 3.8 GB"),
        ),
        ({"cpu_temp_c": None}, ("temperature", "unknown", "no sensor for the processor's temperature")),
        ({"load_pct": 299.0}, ("load", "fine", "load at 299 % of the cores")),
        ({"load_pct": 300.0}, ("load", "warning", "load at 300 % of the cores, at or above 300 %")),
        ({"load_pct": None}, ("load", "unknown", "the load cannot be read")),
        ({"battery_pct": None, "on_battery": None}, ("power", "fine", "no battery")),
        ({"battery_pct": 5.0, "on_battery": 0}, ("power", "fine", "on mains power")),
        ({"battery_pct": 29.0, "on_battery": 1}, ("power", "warning", "on battery at 29 %, below 30 %")),
        ({"battery_pct": 14.0, "on_battery": 1}, ("power", "critical", "on battery at 14 %, below 15 %")),
        (
            {"battery_pct": 14.0, "on_battery": None},
            ("power", "unknown", "battery at 14 %, and whether it is charged cannot be read"),
        ),
        ({"disk_free_gb": 4.0}, ("disk", "warning", "4.0 GB of disk space free, below 5 GB")),
        ({"disk_free_gb": 0.9}, ("disk", "critical", "0.9 GB of disk space free, below 1 GB")),
        ({"disk_free_gb": None}, ("disk", "unknown", "free disk space cannot be read")),
    ],
)
def test_facts(changed: dict[str, Any], expected: tuple[str, str, str]) -> None:
    """Each resource has a level of its own and says what was seen; what cannot be read is unknown."""
    facts = {fact.resource: fact for fact in facts_of(FULL._replace(**changed), RESOURCES)}

    assert Fact(*expected) == facts[expected[0]]
    assert ["memory", "temperature", "load", "power", "disk"] == list(facts)


def test_unknown_is_no_level() -> None:
    """Of several levels the worst that is known counts."""
    assert "critical" == worst(["unknown", "warning", "critical", "fine"])
    assert "fine" == worst(["unknown"])
