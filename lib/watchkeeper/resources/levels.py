"""What a look at the machine means: a level for each of its resources in a word, and the reason in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchkeeper.core.state import Sample

FINE, WARNING, CRITICAL, EMERGENCY, UNKNOWN = "fine", "warning", "critical", "emergency", "unknown"
MEMORY, TEMPERATURE, LOAD, POWER, DISK = "memory", "temperature", "load", "power", "disk"

ORDER = (FINE, WARNING, CRITICAL, EMERGENCY)
"""From harmless to worst; unknown is none of them."""


class Fact(NamedTuple):
    """One resource: its level, and what was seen in words."""

    resource: str
    level: str
    detail: str


def facts_of(sample: Sample, resources: dict[str, Any]) -> tuple[Fact, ...]:
    """Return what a look at the machine says of each resource, by the settings `resources`.

    The bounds for memory are the larger of the given GB and the given share of what the machine has: 2 GB are little
    where 64 are usual. Temperature alone can be an emergency.
    """
    return (
        _memory(sample, resources),
        _temperature(sample, resources),
        _load(sample, resources),
        _power(sample, resources),
        _disk(sample, resources),
    )


def level_of(sample: Sample, resources: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the level of `sample` by the settings `resources` and what raises it, the worst first.

    Unknown is what neither memory nor temperature is known of; what is known of the others says too little then.
    """
    if sample.ram_available_gb is None and sample.cpu_temp_c is None:
        return UNKNOWN, ()
    facts = facts_of(sample, resources)
    raised = [fact for fact in facts if fact.level not in (FINE, UNKNOWN)]
    raised.sort(key=lambda fact: ORDER.index(fact.level), reverse=True)
    return worst(fact.level for fact in facts), tuple(fact.detail for fact in raised)


def worst(levels: Iterable[str]) -> str:
    """Return the worst of the levels that are known; fine where none is."""
    return max((level for level in levels if level in ORDER), key=ORDER.index, default=FINE)


def _memory(sample: Sample, resources: dict[str, Any]) -> Fact:
    available_gb, total_gb = sample.ram_available_gb, sample.ram_total_gb or 0.0
    if available_gb is None:
        return Fact(MEMORY, UNKNOWN, "free memory cannot be read")
    for level in (CRITICAL, WARNING):
        bound_gb = max(resources[f"ram_{level}_gb"], total_gb * resources[f"ram_{level}_pct"] / 100.0)
        if available_gb < bound_gb:
            return Fact(MEMORY, level, f"{available_gb:.1f} GB of memory available, below {round(bound_gb, 1):g} GB")
    return Fact(MEMORY, FINE, f"{available_gb:.1f} GB of memory available")


def _temperature(sample: Sample, resources: dict[str, Any]) -> Fact:
    temperature_c = sample.cpu_temp_c
    if temperature_c is None:
        return Fact(TEMPERATURE, UNKNOWN, "no sensor for the processor's temperature")
    bounds = ((EMERGENCY, "temp_emergency_c"), (CRITICAL, "temp_critical_c"), (WARNING, "temp_warm_c"))
    for level, option in bounds:
        if temperature_c >= resources[option]:
            detail = f"processor at {temperature_c:.0f} °C, at or above {resources[option]:g} °C"
            return Fact(TEMPERATURE, level, detail)
    return Fact(TEMPERATURE, FINE, f"processor at {temperature_c:.0f} °C")


def _load(sample: Sample, resources: dict[str, Any]) -> Fact:
    if sample.load_pct is None:
        return Fact(LOAD, UNKNOWN, "the load cannot be read")
    # Much load makes work slow and never impossible.
    if sample.load_pct >= resources["load_warning_pct"]:
        detail = f"load at {sample.load_pct:.0f} % of the cores, at or above {resources['load_warning_pct']:g} %"
        return Fact(LOAD, WARNING, detail)
    return Fact(LOAD, FINE, f"load at {sample.load_pct:.0f} % of the cores")


def _power(sample: Sample, resources: dict[str, Any]) -> Fact:
    if sample.battery_pct is None:
        return Fact(POWER, FINE, "no battery")
    if sample.on_battery is None:
        return Fact(POWER, UNKNOWN, f"battery at {sample.battery_pct:.0f} %, and whether it is charged cannot be read")
    if not sample.on_battery:
        return Fact(POWER, FINE, "on mains power")
    for level in (CRITICAL, WARNING):
        bound_pct = resources[f"battery_{level}_pct"]
        if sample.battery_pct < bound_pct:
            return Fact(POWER, level, f"on battery at {sample.battery_pct:.0f} %, below {bound_pct:g} %")
    return Fact(POWER, FINE, f"on battery at {sample.battery_pct:.0f} %")


def _disk(sample: Sample, resources: dict[str, Any]) -> Fact:
    free_gb = sample.disk_free_gb
    if free_gb is None:
        return Fact(DISK, UNKNOWN, "free disk space cannot be read")
    for level in (CRITICAL, WARNING):
        bound_gb = resources[f"disk_{level}_gb"]
        if free_gb < bound_gb:
            return Fact(DISK, level, f"{free_gb:.1f} GB of disk space free, below {bound_gb:g} GB")
    return Fact(DISK, FINE, f"{free_gb:.0f} GB of disk space free")
