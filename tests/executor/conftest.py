"""A world whose clock and machine a test moves, and a manager of a made-up user in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.state import Report, Sample, save_report
from watchkeeper.executor.manager import ResourceManager

HOUR_S = 3600.0
LIMIT_TOKENS = 200_000
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
    """Lets the client report how much of the five-hour limit is used."""

    def save(used_tokens: float, resets_at: float = NOON + 3 * HOUR_S) -> None:
        now = manager.world.now()
        share = 100.0 * used_tokens / LIMIT_TOKENS
        told = Report(manager.accounts.account, "five_hour", resets_at, share, now, "status_line", False)
        with Transaction(manager.ledger.state) as db:
            save_report(db, told, now)

    return save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder."""
    made = tmp_path / "project"
    made.mkdir()
    return made
