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
    return scene.json("context-status", "--session", SESSION, *arguments)


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


def test_what_came_since_is_one_figure(scene: Scene) -> None:
    """What the transcript holds after the last response is the growth since, also where no hook has told of it."""
    told = sessions.work(scene)
    told.prompt("Read on. " * 400)
    sessions.write(scene, told, ago_min=2)

    view = status_of(scene)

    assert 500 < view["measured"]["pending_tokens"] < 2_000
    assert view["context"]["pending_tokens"] == view["measured"]["pending_tokens"]
    assert "more since" in scene.run("context-status", "--session", SESSION).out


def test_after_a_compaction_nothing_is_known_of_what_came_since(scene: Scene) -> None:
    """Growth is that of a size: where that is unknown, it is too."""
    sessions.compacted(scene)

    context = status_of(scene)["context"]

    assert (None, None, "unknown") == (context["used_tokens"], context["pending_tokens"], context["source"])


def test_a_rewound_session(scene: Scene) -> None:
    """Gone back to before a response, what that measured is shown as what it is."""
    told = sessions.work(scene)
    told.add("user", told.links[2], message={"role": "user", "content": "Rather in another way."})
    sessions.write(scene, told, ago_min=2)

    view = status_of(scene)

    assert view["measured"]["is_rewound"]
    assert "rewound" in scene.run("context-status", "--session", SESSION).out


@pytest.mark.parametrize("story", sessions.STORIES)
def test_no_other_session_is_called_rewound(scene: Scene, story: str) -> None:
    """Work, parallel calls and compactions go on from what was said last."""
    sessions.STORIES[story](scene)

    measured = status_of(scene)["measured"]

    assert measured is None or not measured["is_rewound"]


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
