"""A world whose clock and machine a test moves, and a manager of a made-up user in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.executor.doing import QUICK
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import FIVE_HOUR
from watchkeeper.core.state import Report, Sample, save_report
from watchkeeper.executor import OvernightExecutor, Task
from watchkeeper.executor.manager import ResourceManager
from watchkeeper.executor.run import Wishes

HOUR_S = 3600.0
LIMIT_TOKENS = 200_000
# Bounds that a busy machine does not reach, for what runs on the real one.
CALM = {
    "load_warning_pct": 10_000,
    "ram_warning_gb": 0,
    "ram_warning_pct": 0,
    "disk_warning_gb": 0,
    "temp_warm_c": 128,
    "temp_critical_c": 129,
    "temp_emergency_c": 130,
    "battery_warning_pct": 0,
}
COOL = Sample(NOON, 8.0, 16.0, 50.0, 20.0, None, None, 100.0, "unknown")


class MadeWorld:
    """Time goes by only when somebody waits; the machine is what the test says."""

    def __init__(self) -> None:
        self.at = NOON
        self.sample = COOL
        self.on_pause: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.at

    def pause(self, seconds: float) -> None:
        self.at += seconds
        self.on_pause()

    def look(self, _: str) -> Sample:
        return self.sample._replace(at=self.at)


@pytest.fixture
def world() -> MadeWorld:
    return MadeWorld()


@pytest.fixture
def manager(home: User, world: MadeWorld) -> Iterator[ResourceManager]:
    """What watches the resources of a user on the plan of 200,000 tokens."""
    compiled = home.config / "watchkeeper" / "settings.json"
    compiled.parent.mkdir(parents=True, exist_ok=True)
    compiled.write_text(json.dumps({"quota": {"plan": "pro"}}), encoding="utf-8")
    made = ResourceManager(world=world, environ=home.environ)
    yield made
    made.close()


@pytest.fixture
def report(manager: ResourceManager) -> Callable[..., None]:
    """Lets the client report how much of a limit is used, as tokens of 200,000: the five-hour one by default."""

    def save(used_tokens: float, resets_at: float = NOON + 3 * HOUR_S, kind: str = FIVE_HOUR) -> None:
        now = manager.world.now()
        share = 100.0 * used_tokens / LIMIT_TOKENS
        told = Report(manager.accounts.account, kind, resets_at, share, now, "status_line", False)
        with Transaction(manager.ledger.state) as db:
            save_report(db, told, now)

    return save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder."""
    made = tmp_path / "project"
    made.mkdir()
    return made


@pytest.fixture
def execute(manager: ResourceManager, tmp_path: Path, folder: Path) -> Callable[..., list[dict[str, Any]]]:
    """Runs tasks in the project's folder; unless something else was reported, the whole quota is free."""

    def run(*tasks: dict[str, Any], wishes: Wishes = QUICK, out: str = "out") -> list[dict[str, Any]]:
        listed = [Task(project=str(folder), **task) for task in tasks]
        return OvernightExecutor(tmp_path / out, manager).execute_task_list(listed, wishes)

    return run
