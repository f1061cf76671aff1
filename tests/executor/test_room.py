"""Whether there is room for a task: one look at limits, machine and disk a step, and what is waited for or not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import COOL, MadeWorld
from tests.executor.doing import OK, QUICK, diary, noting, states
from tests.support.clock import NOON

pytestmark = pytest.mark.usefixtures("real_processes")


def test_without_room_the_rest_is_deferred(
    execute: Callable[..., Any], report: Callable[..., None], folder: Path, tmp_path: Path
) -> None:
    """With less than 15 % of the quota above the reserve nothing starts; everything is saved for another run."""
    report(170_000)
    results = execute({"id": "a", "command": noting(folder, "a")})
    saved = json.loads((tmp_path / "out" / "checkpoint.json").read_text())

    assert {"a": "deferred"} == states(results)
    assert [] == diary(folder)
    assert ["a"] == [task["task_id"] for task in saved["queue_state"]["queued_tasks"]]
    assert (20_000, "Insufficient tokens (20,000 remaining, need ~0)") == (
        saved["resource_snapshot"]["tokens_remaining"],
        saved["reason"],
    )
    assert not saved["is_over"]


def test_waiting_for_the_reset(
    execute: Callable[..., Any], report: Callable[..., None], world: MadeWorld, folder: Path
) -> None:
    """Asked to wait, a run pauses until a minute after the reset and goes on."""
    report(190_000, NOON + 1_000)
    results = execute({"id": "a", "command": noting(folder, "a")}, wishes=QUICK._replace(waits_for_reset=True))

    assert {"a": "done"} == states(results)
    assert NOON + 1_060 == world.at


def test_a_reset_after_the_end_is_not_waited_for(
    execute: Callable[..., Any], report: Callable[..., None], world: MadeWorld
) -> None:
    """A run that may go on until a time does not wait for a reset after it."""
    report(190_000, NOON + 9_000)
    wishes = QUICK._replace(waits_for_reset=True, until_at=NOON + 3_600)
    results = execute({"id": "a", "command": OK}, wishes=wishes)

    assert "deferred" == results[0]["state"]
    assert NOON == world.at


def test_heat_is_waited_for(execute: Callable[..., Any], world: MadeWorld) -> None:
    """Warm, nothing starts; once it is cool again, the run goes on."""
    world.sample = COOL._replace(cpu_temp_c=80.0)

    def cool() -> None:
        if world.at >= NOON + 300:
            world.sample = COOL

    world.on_pause = cool
    results = execute({"id": "a", "command": OK})

    assert "done" == results[0]["state"]
    assert NOON + 300 == world.at


def test_heat_that_lasts_ends_the_run(execute: Callable[..., Any], world: MadeWorld) -> None:
    """After half an hour without room the rest is deferred with the reason."""
    world.sample = COOL._replace(cpu_temp_c=80.0)
    results = execute({"id": "a", "command": OK})

    assert "deferred" == results[0]["state"]
    assert "Thermal constraint: warning (processor at 80 °C, at or above 75 °C)" == results[0]["reason"]
    assert NOON + 1_800 == world.at


def test_an_emergency_ends_the_run_at_once(execute: Callable[..., Any], world: MadeWorld) -> None:
    """At 90 °C the run is saved and over without any waiting."""
    world.sample = COOL._replace(cpu_temp_c=90.0)
    results = execute({"id": "a", "command": OK})

    assert ("deferred", NOON) == (results[0]["state"], world.at)


def test_heat_during_a_task_ends_the_run(execute: Callable[..., Any], world: MadeWorld) -> None:
    """A task that is ended at 90 °C ends the run, although without it the machine is cool again at once."""
    looks: list[str] = []

    def look(folder: str) -> Any:
        looks.append(folder)
        return COOL._replace(cpu_temp_c=91.0 if len(looks) == 8 else 50.0)

    world.look = look  # type: ignore[method-assign, assignment]
    sleeping = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)")
    results = execute({"id": "a", "command": sleeping}, {"id": "b", "command": OK})

    assert ["interrupted", "deferred"] == [each["state"] for each in results]
    assert results[0]["reason"] == results[1]["reason"]


def test_a_clock_that_is_set_back_lengthens_no_wait(execute: Callable[..., Any], world: MadeWorld) -> None:
    """While the machine is warm the clock is set back by a day; the run goes on as soon as it is cool."""
    world.sample = COOL._replace(cpu_temp_c=80.0)
    pauses: list[float] = []

    def step() -> None:
        pauses.append(world.at)
        if len(pauses) == 1:
            world.at -= 86_400.0
            world.sample = COOL

    world.on_pause = step
    results = execute({"id": "a", "command": OK})

    assert ("done", 1) == (results[0]["state"], len(pauses))


def test_one_look_serves_a_whole_step(execute: Callable[..., Any], world: MadeWorld, tmp_path: Path) -> None:
    """However many tasks wait for room, the machine is looked at once between two pauses, and once for a summary."""
    looks: list[float] = []
    whole = world.look

    def look(folder: str) -> Any:
        looks.append(world.at)
        return whole(folder)._replace(ram_available_gb=8.0 + len(looks) / 10.0)

    world.look = look  # type: ignore[method-assign, assignment]
    results = execute(*({"id": f"t{number}", "command": OK, "estimated_ram_gb": 64.0} for number in range(20)))
    waited = [at for at in looks if NOON < at < NOON + 1_800]

    assert {"deferred"} == set(states(results).values())
    assert sorted(set(waited)) == waited
    # The beginning, the step after each of 61 pauses of half a minute, and the end.
    assert 63 == len(looks)


def test_the_disk_of_the_output_folder_counts(execute: Callable[..., Any], world: MadeWorld, tmp_path: Path) -> None:
    """Where the disk that holds what a run keeps is nearly full nothing starts, whatever is free elsewhere."""
    looked_at = str(tmp_path / "out")
    world.look = lambda folder: COOL._replace(  # type: ignore[method-assign, assignment]
        at=world.at, disk_free_gb=3.0 if folder == looked_at else 500.0
    )
    (result,) = execute({"id": "a", "command": OK})

    assert ("deferred", "Disk warning: 3.0 GB of disk space free, below 5 GB") == (result["state"], result["reason"])


@pytest.mark.parametrize(
    ("weekly_pct", "state", "reason"),
    [(94.9, "done", ""), (96.0, "deferred", "Weekly limit: 96% used, at or above 95%")],
)
def test_the_week_counts(
    execute: Callable[..., Any], report: Callable[..., None], weekly_pct: float, state: str, reason: str
) -> None:
    """Nothing starts once as much of the weekly limit is used as plans may use, however fresh the window is."""
    report(0)
    report(2_000 * weekly_pct, NOON + 80 * 3_600, kind="seven_day")
    (result,) = execute({"id": "a", "command": OK})

    assert (state, reason) == (result["state"], result["reason"])


def test_the_weeks_reset_is_waited_for(
    execute: Callable[..., Any], report: Callable[..., None], world: MadeWorld
) -> None:
    """Asked to wait, a run that the week keeps from starting goes on a minute after the week's reset."""
    report(0)
    report(196_000, NOON + 9_000, kind="seven_day")
    (result,) = execute({"id": "a", "command": OK}, wishes=QUICK._replace(waits_for_reset=True))

    assert ("done", NOON + 9_060) == (result["state"], world.at)
