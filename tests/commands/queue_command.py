"""`watchkeeper queue` as tests call it."""

from __future__ import annotations

from typing import Any

from tests.commands.scene import Ran, Scene


def queue(scene: Scene, *options: str, **how: Any) -> Ran:
    return scene.run("queue", *options, **how)


def told(scene: Scene, *options: str, **how: Any) -> dict[str, Any]:
    return scene.json("queue", *options, **how)


def add(scene: Scene, name: str, *options: str, **how: Any) -> dict[str, Any]:
    session: dict[str, Any] = told(scene, "add", "--name", name, *options, **how)["session"]
    return session


def states(scene: Scene) -> dict[str, str]:
    return {each["id"]: each["state"] for each in told(scene, "list", "--all")["sessions"]}
