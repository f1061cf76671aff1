"""One look at the machine. What cannot be read is None; memory and disk are in GB of 2^30 bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.core.state import Sample

from .container import memory_limit
from .levels import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from .container import MemoryLimit

    class Sensor(Protocol):
        """One temperature reading."""

        @property
        def label(self) -> str:
            """Which sensor of its chip it is."""

        @property
        def current(self) -> float | None:
            """Degrees Celsius."""


GIB = float(1 << 30)

# Chips whose readings are the processor's, the best first, and those of their sensors that mean the whole of it.
_CHIPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("coretemp", ("package id",)),
    ("k10temp", ("tdie", "tctl")),
    ("zenpower", ("tdie", "tctl")),
    ("cpu_thermal", ()),
    ("cpu-thermal", ()),
    ("soc_thermal", ()),
    ("x86_pkg_temp", ()),
)
_COLDEST_C, _HOTTEST_C = 1.0, 130.0


def look(folder: str, now: float) -> Sample:
    """Return what the machine is like at `now`, with the disk that holds `folder`; its level is still unknown."""
    total, available = _memory()
    battery_pct, on_battery = _battery()
    return Sample(
        at=now,
        ram_available_gb=available,
        ram_total_gb=total,
        cpu_temp_c=processor_temperature_c(_sensors()),
        load_pct=_load_pct(),
        battery_pct=battery_pct,
        on_battery=on_battery,
        disk_free_gb=_disk_free_gb(folder),
        level=UNKNOWN,
    )


def processor_temperature_c(sensors: Mapping[str, Iterable[Sensor]]) -> float | None:
    """Return the processor's temperature by its own sensors (of several processors the hottest), None without any.

    Readings of boards, disks and zones are not the processor's, and some of them never change.
    """
    for chip, labels in _CHIPS:
        readings = list(sensors.get(chip, ()))
        for label in labels:
            hottest = _hottest(each for each in readings if each.label.lower().startswith(label))
            if hottest is not None:
                return hottest
        hottest = _hottest(readings)
        if hottest is not None:
            return hottest
    return _hottest(each for readings in sensors.values() for each in readings if each.label.lower() == "cpu")


def memory_gb(total_bytes: int, available_bytes: int, limit: MemoryLimit | None) -> tuple[float, float]:
    """Return total and available memory, within a container's limit where there is one."""
    if limit is not None and limit.limit_bytes < total_bytes:
        available_bytes = min(available_bytes, max(0, limit.limit_bytes - limit.used_bytes))
        total_bytes = limit.limit_bytes
    return total_bytes / GIB, available_bytes / GIB


def _hottest(readings: Iterable[Sensor]) -> float | None:
    plausible = [each.current for each in readings if each.current and _COLDEST_C <= each.current <= _HOTTEST_C]
    return max(plausible, default=None)


def _memory() -> tuple[float | None, float | None]:
    import psutil

    try:
        memory = psutil.virtual_memory()
    except (OSError, RuntimeError):
        return None, None
    return memory_gb(memory.total, memory.available, memory_limit())


def _sensors() -> Mapping[str, Iterable[Sensor]]:
    import psutil

    # There is none on macOS and Windows.
    read = getattr(psutil, "sensors_temperatures", None)
    try:
        sensors: Mapping[str, Iterable[Sensor]] = read() if read else {}
    except (OSError, RuntimeError, ValueError):
        return {}
    return sensors


def _load_pct() -> float | None:
    """The last minute's load as percent of all cores, which can be over 100."""
    import psutil

    try:
        if os.name == "nt":
            # Windows keeps no average; this is how busy the cores are for a moment.
            return psutil.cpu_percent(interval=0.2)
        cores = psutil.cpu_count()
        return 100.0 * psutil.getloadavg()[0] / cores if cores else None
    except (OSError, RuntimeError):
        return None


def _battery() -> tuple[float | None, int | None]:
    import psutil

    read = getattr(psutil, "sensors_battery", None)
    try:
        battery = read() if read else None
    except (OSError, RuntimeError, ValueError, AttributeError):
        return None, None
    if battery is None:
        return None, None
    return float(battery.percent), None if battery.power_plugged is None else int(not battery.power_plugged)


def _disk_free_gb(folder: str) -> float | None:
    import psutil

    while not os.path.exists(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    try:
        return psutil.disk_usage(folder).free / GIB
    except OSError:
        return None
