"""The keys that docs/commands.md promises to scripts are in the JSON of each command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.automation.outside import Outside
from tests.automation.stage import Stage
from tests.commands.scene import SESSION, Scene, danger
from tests.context import sessions
from tests.docs.promises import JSON_KEYS
from tests.estimates import plans
from tests.handoff.test_said import WRITTEN
from tests.support.clock import SettableClock


@pytest.fixture
def here(
    scene: Scene, outside: Outside, clock: SettableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """A session at 81 % in a project with a plan and a handoff."""
    project = tmp_path / "my-app"
    project.mkdir()
    (project / "plan.md").write_text(plans.RECKONED, encoding="utf-8")
    monkeypatch.chdir(project)
    scene.project = str(project)
    danger(scene)
    scene.environ["PATH"] = str(tmp_path)
    Stage(scene, outside, str(tmp_path / "claude")).write_handoff()
    return scene


def queued(scene: Scene) -> None:
    scene.run("queue", "add", "--name", "Tests", "--tokens", "20k", "--at", "18:05")


def booked(scene: Scene) -> None:
    assert 0 == scene.run("automation", "book", "--at", "18:05", "--json").code


def the_booking(scene: Scene) -> list[str]:
    booked(scene)
    view = json.loads(scene.run("automation-status", "--json").out)
    return [view["bookings"][0]["id"]]


CALLS: dict[str, tuple[Callable[[Scene], list[str] | None], list[str]]] = {
    "session-status": (booked, []),
    "context-status": (sessions.full, ["--session", SESSION]),
    "compact-context": (sessions.full, ["--session", SESSION, "--prune"]),
    "plan-next-session": (queued, ["--input", "-"]),
    "save-and-restart": (queued, ["--input", "-"]),
    "start-next-session": (queued, []),
    "queue list": (queued, []),
    "queue add": (queued, ["--name", "Polish"]),
    "queue show": (queued, ["tests"]),
    "queue plan": (queued, []),
    "create-calendar-events": (queued, []),
    "automation book": (queued, ["--at", "18:05"]),
    "automation fire": (the_booking, []),
    "automation check-quota": (queued, []),
    "automation-status": (booked, []),
    "cancel-next-session": (booked, []),
    "estimate-session": (queued, ["plan.md"]),
    "estimates": (queued, []),
    "handoffs": (queued, []),
    "memory": (queued, []),
    "sessions": (queued, []),
    "quota": (queued, []),
    "snooze": (queued, ["1h"]),
    "config show": (queued, ["quota"]),
    "usage": (queued, []),
    "monitor status": (queued, []),
    "monitor check-tokens": (queued, []),
    "doctor": (queued, []),
}
# Runs processes of its own: tests/commands/test_run.py looks at these keys.
ELSEWHERE = {"run"}


def missing(keys: str, view: Any) -> list[str]:
    """The keys that a view does not have; `{}` holds those of an object, `[{}]` those of each object in a list."""
    faults = []
    for name, inner in _parts(keys):
        if name not in view:
            faults.append(name)
            continue
        values = view[name] if inner.startswith("[") else [view[name]]
        wanted = inner.strip("[]")[1:-1] if inner else ""
        faults += [f"{name}.{fault}" for value in values or () if wanted for fault in missing(wanted, value)]
        faults += [f"{name} is empty"] if inner.startswith("[") and not values else []
    return faults


def _parts(keys: str) -> list[tuple[str, str]]:
    found, depth, text = [], 0, ""
    for character in keys + ",":
        depth += (character in "{[") - (character in "}]")
        if character == "," and not depth:
            name = re.match(r"\s*(\w+)(.*)", text, re.DOTALL)
            assert name is not None, text
            found.append((name[1], name[2].strip()))
            text = ""
        else:
            text += character
    return found


def test_every_promise_is_looked_at() -> None:
    """No command with promised keys is left out."""
    assert JSON_KEYS.keys() == CALLS.keys() | ELSEWHERE


@pytest.mark.parametrize("command", CALLS)
def test_the_promised_keys_are_there(here: Scene, command: str) -> None:
    """Each key is in the JSON, with the objects and lists that are promised in it."""
    arrange, options = CALLS[command]
    more = arrange(here) or []

    ran = here.run(*command.split(), *more, *options, "--json", stdin=WRITTEN)

    assert [] == missing(JSON_KEYS[command], json.loads(ran.out)), ran.err


def test_a_missing_key_is_found() -> None:
    """What is not there is told with its place."""
    assert ["a.x", "c", "b.y"] == missing("a{x}, c, b[{y}]", {"a": {}, "b": [{"y": 1}, {}]})
