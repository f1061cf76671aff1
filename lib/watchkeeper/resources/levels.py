"""What a look at the machine means: a level in a word, and the reasons for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchkeeper.core.state import Sample

FINE, WARNING, CRITICAL, EMERGENCY, UNKNOWN = "fine", "warning", "critical", "emergency", "unknown"

_ORDER = (FINE, WARNING, CRITICAL, EMERGENCY)


def level_of(sample: Sample, resources: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the level of `sample` by the settings `resources` and what raises it, the worst first.

    Unknown is what neither memory nor temperature is known of; one of them alone decides by itself.
    """
    if sample.ram_available_gb is None and sample.cpu_temp_c is None:
        return UNKNOWN, ()
    raised: list[tuple[str, str]] = []
    if sample.ram_available_gb is not None:
        available_gb = sample.ram_available_gb
        for level, option in ((CRITICAL, "ram_critical_gb"), (WARNING, "ram_warning_gb")):
            if available_gb < resources[option]:
                reason = f"{available_gb:.1f} GB of memory available, below {resources[option]:g} GB"
                raised.append((level, reason))
                break
    if sample.cpu_temp_c is not None:
        temperature_c = sample.cpu_temp_c
        bounds = ((EMERGENCY, "temp_emergency_c"), (CRITICAL, "temp_critical_c"), (WARNING, "temp_warm_c"))
        for level, option in bounds:
            if temperature_c >= resources[option]:
                reason = f"processor at {temperature_c:.0f} °C, at or above {resources[option]:g} °C"
                raised.append((level, reason))
                break
    raised.sort(key=lambda each: _ORDER.index(each[0]), reverse=True)
    return (raised[0][0] if raised else FINE), tuple(reason for _, reason in raised)
