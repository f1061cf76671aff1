"""One look at the machine."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from watchkeeper.resources.container import MemoryLimit
from watchkeeper.resources.machine import look, memory_gb, processor_temperature_c

GIB = 1 << 30


class Reading(NamedTuple):
    label: str
    current: float | None


COREDUO = {"coretemp": [Reading("Package id 0", 61.0), Reading("Core 0", 64.0)], "nvme": [Reading("Composite", 80.0)]}


@pytest.mark.parametrize(
    ("sensors", "expected"),
    [
        ({}, None),
        (COREDUO, 61.0),
        ({"coretemp": [Reading("Package id 0", 50.0), Reading("Package id 1", 70.0)]}, 70.0),
        ({"coretemp": [Reading("Core 0", 55.0), Reading("Core 1", 57.0)]}, 57.0),
        ({"k10temp": [Reading("Tctl", 80.0), Reading("Tdie", 60.0), Reading("Tccd1", 66.0)]}, 60.0),
        ({"k10temp": [Reading("Tctl", 58.0)]}, 58.0),
        ({"cpu_thermal": [Reading("", 48.3)]}, 48.3),
        ({"thinkpad": [Reading("CPU", 52.0), Reading("GPU", 90.0)]}, 52.0),
        ({"acpitz": [Reading("", 27.8)], "nvme": [Reading("Composite", 80.0)]}, None),
        ({"coretemp": [Reading("Package id 0", 0.0), Reading("Core 0", 44.0)]}, 44.0),
        ({"coretemp": [Reading("Package id 0", None)]}, None),
        ({"coretemp": [Reading("Package id 0", 255.0)]}, None),
    ],
    ids=[
        "none",
        "package before cores",
        "hottest of two packages",
        "cores without a package",
        "die before control",
        "control alone",
        "single-board computer",
        "by its label",
        "board and disk do not count",
        "a dead sensor",
        "an empty reading",
        "an impossible reading",
    ],
)
def test_processor_temperature(sensors: dict[str, list[Reading]], expected: float | None) -> None:
    """The sensor that means the whole processor is chosen, and what is not plausible is left out."""
    assert expected == processor_temperature_c(sensors)


def test_a_look_at_this_machine(tmp_path: Path) -> None:
    """On the machine that runs the tests, what is known is plausible; the folder need not exist."""
    seen = look(str(tmp_path / "not" / "there"), 5.0)

    assert 5.0 == seen.at
    assert seen.ram_total_gb is not None
    assert seen.ram_available_gb is not None
    assert 0 <= seen.ram_available_gb <= seen.ram_total_gb
    assert seen.disk_free_gb is not None
    assert seen.load_pct is None or seen.load_pct >= 0
    assert seen.cpu_temp_c is None or 0 < seen.cpu_temp_c < 131
    assert seen.on_battery in {None, 0, 1}
    assert "unknown" == seen.level


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (None, (8.0, 3.0)),
        (MemoryLimit(4 * GIB, 3 * GIB), (4.0, 1.0)),
        (MemoryLimit(6 * GIB, GIB), (6.0, 3.0)),
        (MemoryLimit(4 * GIB, 5 * GIB), (4.0, 0.0)),
        (MemoryLimit(16 * GIB, GIB), (8.0, 3.0)),
    ],
    ids=["no limit", "less than there is", "the machine has less left", "over the limit", "more than there is"],
)
def test_a_containers_limit_is_the_machines(limit: MemoryLimit | None, expected: tuple[float, float]) -> None:
    """Inside a container there is no more memory than its limit leaves, nor than the machine has."""
    assert expected == memory_gb(8 * GIB, 3 * GIB, limit)
