"""Whether there is room for work, and when to save and stop: the interface that scripts use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.executor.conftest import COOL, LIMIT_TOKENS, MadeWorld
from tests.support.clock import NOON
from watchkeeper.executor import ResourceManager, SessionStrategy, Task, TaskResourceEstimate

FIRST_PHASE = [("1.1", 3_000), ("1.2", 5_000), ("1.3", 6_000), ("1.4", 7_000), ("1.5", 4_000), ("1.6", 8_000)]


def tasks(sizes: list[tuple[str, int]]) -> list[Task]:
    return [Task(id=name, prompt="do it", estimated_tokens=tokens) for name, tokens in sizes]


def test_normal_execution(manager: ResourceManager, world: MadeWorld, report: Callable[..., None]) -> None:
    """After half an hour and 32,000 of 200,000 tokens there are 158,000 left above the reserve, and work goes on."""
    world.at += 1_800
    report(32_000)
    manager.record_task_completion("phase-1", 32_000)
    summary = manager.get_session_summary()

    assert (32_000, 200_000, 158_000) == (
        summary["tokens_used"],
        summary["tokens_limit"],
        summary["tokens_remaining"],
    )
    assert 16.0 == pytest.approx(summary["quota_used_pct"])
    assert 64_000 == pytest.approx(summary["burn_tokens_per_hour"])
    assert 158_000 / 64_000 == pytest.approx(summary["hours_left"])
    assert summary["can_continue"]
    assert (True, "all resources are there") == manager.can_execute_task("task_2")
    assert (False, SessionStrategy.NORMAL) == manager.should_checkpoint_session()


def test_approaching_the_limit(manager: ResourceManager, world: MadeWorld, report: Callable[..., None]) -> None:
    """With 175,000 tokens used 15,000 are left: no further task starts, and what runs is finished first."""
    world.at += 4.2 * 3600
    report(175_000, NOON + 5 * 3600)

    assert (False, "Insufficient tokens (15,000 remaining, need ~5,000)") == manager.can_execute_task("task_35")
    assert (True, SessionStrategy.COMPLETE_CURRENT) == manager.should_checkpoint_session()


@pytest.mark.parametrize(
    ("used_tokens", "strategy"), [(159_000, "normal"), (161_000, "complete_current"), (181_000, "emergency_checkpoint")]
)
def test_strategies_by_tokens(
    manager: ResourceManager, report: Callable[..., None], used_tokens: int, strategy: str
) -> None:
    """Above the reserve of 10,000, a warning comes below 30,000 and an emergency below 10,000."""
    report(used_tokens)

    assert SessionStrategy(strategy) is manager.should_checkpoint_session()[1]


def test_heat_is_an_emergency(manager: ResourceManager, world: MadeWorld, report: Callable[..., None]) -> None:
    """At 92 °C nothing starts, whatever the tokens, and the work is saved at once."""
    report(0)
    world.sample = COOL._replace(cpu_temp_c=92.0)
    allowed, reason = manager.can_execute_task("task_10")

    assert (False, "Thermal constraint: emergency (processor at 92 °C, at or above 90 °C)") == (allowed, reason)
    assert (True, SessionStrategy.EMERGENCY_CHECKPOINT) == manager.should_checkpoint_session()


@pytest.mark.parametrize(("available_gb", "allowed"), [(2.4, True), (1.9, False), (1.4, False)])
def test_memory_blocks(
    manager: ResourceManager, world: MadeWorld, report: Callable[..., None], available_gb: float, allowed: bool
) -> None:
    """Below 2 GB of available memory no task starts."""
    report(0)
    world.sample = COOL._replace(ram_total_gb=3.7, ram_available_gb=available_gb)

    assert allowed == manager.can_execute_task("task_1")[0]


def test_what_a_task_needs_must_leave_the_target(home: object, world: MadeWorld, manager: ResourceManager) -> None:
    """A task that needs 0.5 GB starts where 2.4 GB stay available beside it, and not with less."""
    bound = ResourceManager(max_ram_gb=3.7, target_available_ram_gb=2.4, world=world, environ=manager.environ)
    bound.allocate_task_resources("t", TaskResourceEstimate(task_id="t", estimated_ram_gb=0.5))
    seen = []
    for used_gb in (0.7, 1.0):
        world.sample = COOL._replace(ram_total_gb=16.0, ram_available_gb=16.0 - used_gb)
        seen.append(bound.can_execute_task("t"))
    bound.close()

    assert [True, False] == [allowed for allowed, _ in seen]
    assert "Insufficient RAM (2.7 GB available, need ~0.5 beside 2.4 GB)" == seen[1][1]


def test_an_unknown_quota_is_told_and_allowed(manager: ResourceManager) -> None:
    """Where no plan is chosen and nothing was reported, the quota is unknown, which the settings may forbid."""
    manager.settings["quota"]["plan"] = ""
    allowed = manager.can_execute_task("t")
    manager.settings["executor"] = {**manager.settings["executor"], "allow_unknown": ["temperature"]}
    forbidden = manager.can_execute_task("t")

    assert manager.get_session_summary()["tokens_remaining"] is None
    assert allowed[0]
    assert (False, "the quota is not known, and executor.allow_unknown does not name tokens") == forbidden


@pytest.mark.parametrize(("used_tokens", "allowed"), [(0, True), (18_000, True), (25_000, False)])
def test_more_than_a_window_starts_in_a_fresh_one(
    manager: ResourceManager, report: Callable[..., None], used_tokens: int, allowed: bool
) -> None:
    """A task that no window has room for starts where nine tenths of one are left, since it could never start else."""
    report(used_tokens)
    manager.allocate_task_resources("huge", TaskResourceEstimate(task_id="huge", estimated_tokens=900_000))

    assert allowed == manager.can_execute_task("huge")[0]


def test_token_allocation_plan(manager: ResourceManager, report: Callable[..., None]) -> None:
    """Of 30 tasks of 5,000 tokens, 28 fit into 140,000; the rest is deferred, and the time is what the 28 take."""
    report(50_000)
    plan = manager.get_token_allocation_plan(tasks([(f"task_{number}", 5_000) for number in range(1, 31)]))

    assert 140_000 == plan["available_tokens"]
    assert {"task_id": "task_1", "tokens": 5_000, "minutes": 10.0} == plan["tasks_can_execute"][0]
    assert 28 == len(plan["tasks_can_execute"])
    assert {"task_id": "task_30", "reason": "insufficient_tokens"} == plan["tasks_deferred"][-1]
    assert "4h 40m" == plan["estimated_completion_time"]


def test_first_phase_takes_a_sixth_of_the_budget(manager: ResourceManager, report: Callable[..., None]) -> None:
    """The six tasks of a first phase need 33,000 tokens, 16.5 % of 200,000, and all fit."""
    report(0)
    plan = manager.get_token_allocation_plan(tasks(FIRST_PHASE))
    needed = sum(each["tokens"] for each in plan["tasks_can_execute"])

    assert (33_000, 16.5) == (needed, 100 * needed / LIMIT_TOKENS)
    assert [] == plan["tasks_deferred"]


def test_a_checkpoint_is_read_back(manager: ResourceManager, world: MadeWorld, report: Callable[..., None]) -> None:
    """What was saved is found again under the names that scripts know."""
    assert manager.load_checkpoint() is None
    world.at += 2.75 * 3600
    report(180_000, NOON + 4 * 3600)
    manager.record_task_completion("squirt_visual_1_2", 180_000)
    queue = {"queued_tasks": [{"task_id": f"squirt_visual_1_{number}"} for number in (4, 5, 6)]}
    path = manager.create_checkpoint(queue, {"task_id": "squirt_visual_1_3"})
    found = manager.load_checkpoint()

    assert found == json.loads(Path(path).read_text(encoding="utf-8"))
    assert found is not None
    assert (queue, {"task_id": "squirt_visual_1_3"}) == (found["queue_state"], found["current_task"])
    assert (180_000, 2.75, "Token budget preservation") == (
        found["tokens_used"],
        found["session_hours"],
        found["reason"],
    )
    assert {"tokens_remaining": 10_000, "ram_available_gb": 8.0, "cpu_temp": 50.0, "thermal_state": "ok"} == found[
        "resource_snapshot"
    ]


def test_a_broken_checkpoint_is_said(manager: ResourceManager) -> None:
    """A checkpoint that is none raises ValueError and is left as it is."""
    path = Path(manager.create_checkpoint({}))
    for text, why in (("{", "Expecting"), ("7", "holds no object"), ("[" * 100_000, "nested too deeply")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=why):
            manager.load_checkpoint()
        assert text == path.read_text(encoding="utf-8")


def test_the_summary_is_printed(manager: ResourceManager, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary says how tokens, memory and temperature stand, and whether work can go on."""
    manager.print_session_summary()
    printed = capsys.readouterr().out

    assert all(word in printed for word in ("Duration", "Quota", "8.0 GB available", "50 °C", "Can continue  yes"))
