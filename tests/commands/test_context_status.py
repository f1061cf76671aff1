"""`context-status` shows what fills the context, what could be freed, and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Scene
from tests.context import sessions


def status_of(scene: Scene, *arguments: str) -> dict[str, Any]:
    ran = scene.run("context-status", "--session", SESSION, "--json", *arguments)
    assert (0, "") == (ran.code, ran.err)
    view: dict[str, Any] = json.loads(ran.out)
    return view


@pytest.mark.parametrize("story", sessions.STORIES)
def test_page(scene: Scene, story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person sees in each situation."""
    monkeypatch.chdir(tmp_path)
    sessions.STORIES[story](scene)

    assert_golden(
        f"context-status-{story}",
        lambda columns, colour: scene.run("context-status", "--session", SESSION, columns=columns, colour=colour).out,
    )


def test_json_has_the_promised_keys(scene: Scene) -> None:
    """The keys that scripts rely on are there, and the parts add up."""
    sessions.working(scene)

    view = status_of(scene)

    assert {"used_tokens", "limit_tokens", "used_pct", "level", "source"} <= view["context"].keys()
    assert all({"part", "tokens", "count"} <= part.keys() for part in view["composition"])
    assert all({"kind", "tokens", "count"} <= each.keys() for each in view["opportunities"])
    assert view["measured"]["tokens"] == sum(part["tokens"] for part in view["composition"])
    assert view["context"]["used_tokens"] == view["measured"]["tokens"]
    assert {"superseded_reads", "large_outputs", "old_exchanges"} <= {each["kind"] for each in view["opportunities"]}


@pytest.mark.parametrize(
    ("story", "way"),
    [("working", "none"), ("full", "prune"), ("talkative", "compact"), ("unknown-window", "none")],
)
def test_what_is_recommended(scene: Scene, story: str, way: str) -> None:
    """Nothing while there is room, then the cheapest way that frees enough."""
    sessions.STORIES[story](scene)

    assert way == status_of(scene)["recommended"]["way"]


def test_nothing_said_yet(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first response there is nothing to show, which is no failure."""
    monkeypatch.chdir(tmp_path)

    ran = scene.run("context-status", "--json")

    assert (0, []) == (ran.code, json.loads(ran.out)["composition"])


def test_a_hostile_transcript_steers_nothing(scene: Scene) -> None:
    """Names from a transcript reach the terminal without control characters."""
    sessions.hostile(scene)

    ran = scene.run("context-status", "--session", SESSION)

    assert 0 == ran.code
    assert all(line.isprintable() for line in ran.out.splitlines())
