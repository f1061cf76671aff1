"""What is known of a workspace's tokens: the worse of quota and context, and what that means."""

from __future__ import annotations

import pytest

from tests.commands import scene as scenes
from tests.commands.scene import SESSION, Scene
from watchkeeper.app import App
from watchkeeper.errors import UserError
from watchkeeper.monitor import MonitorConfig, TokenTracker
from watchkeeper.monitor.tracker import newest_session, state_of, usage_of

CONFIG = MonitorConfig()


@pytest.mark.parametrize(
    ("pct", "expected"),
    [(None, "unknown"), (0.0, "fine"), (79.99, "fine"), (80.0, "warning"), (89.99, "warning"), (90.0, "critical")],
)
def test_states(pct: float | None, expected: str) -> None:
    """A share is compared unrounded."""
    assert expected == state_of(pct, CONFIG)


@pytest.mark.parametrize(
    ("quota_pct", "context_tokens", "measure"),
    [(81.5, 10_000, "quota"), (12.0, 120_000, "context")],
    ids=["quota", "context"],
)
def test_the_worse_counts(scene: Scene, app: App, quota_pct: float, context_tokens: int, measure: str) -> None:
    """Of quota and context the one that is nearer to its end."""
    scene.session()
    scene.report(quota_pct, 100)
    scene.snapshot(context_tokens=context_tokens)

    found = usage_of(app, SESSION, CONFIG)

    assert (measure, "reported") == (found.measure, found.source)
    assert found.usage_pct == max(found.quota["used_pct"], found.context["used_pct"])


def test_the_context_is_measured_by_what_the_user_told_the_client(scene: Scene, app: App) -> None:
    """The window that the user gave the client is the one that fills, for the monitor as for the status line."""
    scene.session()
    scene.snapshot(context_tokens=60_000)
    (scene.user.config / "settings.json").write_text('{"autoCompactWindow": 100000}', encoding="utf-8")

    found = usage_of(app, SESSION, CONFIG)

    assert (67_000, "warning") == (found.context["limit_tokens"], found.state)


def test_nothing_known(scene: Scene, app: App) -> None:
    """A session of which nothing is known has no figure, not nought."""
    scene.session()

    found = usage_of(app, SESSION, CONFIG)

    assert (None, None, "unknown", "unknown", "") == (
        found.estimated_tokens,
        found.usage_pct,
        found.source,
        found.state,
        found.measure,
    )


def test_an_api_key_has_no_quota(scene: Scene, app: App) -> None:
    """Who pays by the token is measured by the context alone."""
    scenes.api_key(scene)

    assert usage_of(app, SESSION, CONFIG).measure in ("context", "")


def test_newest_session_of_a_project(scene: Scene, app: App) -> None:
    """The session of the folder that gave the last sign."""
    for name, ago_min in (("older", 30), (SESSION, 10)):
        scene.response(ago_min, session_id=name, tokens=(1, 1, 1, 1))
        scene.session(name, began_min=300)
    scene.response(1, session_id="elsewhere", tokens=(1, 1, 1, 1), cwd="/other")
    scene.session("elsewhere", began_min=300, project="/other", cwd="/other")

    assert SESSION == newest_session(app, scene.project)
    assert "" == newest_session(app, "/nowhere")


def test_python_interface(scene: Scene, app: App, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A tracker tells of a folder, and refuses what is none."""
    monkeypatch.chdir(str(tmp_path))
    scene.session(project=str(tmp_path), cwd=str(tmp_path))
    scene.report(42.0, 100)
    tracker = TokenTracker(app=app)

    found = tracker.get_current_usage()

    assert (SESSION, 42.0, "reported") == (found.session_id, found.usage_pct, found.source)
    assert found == tracker.get_current_usage(str(tmp_path))
    with pytest.raises(UserError, match="no folder"):
        tracker.get_current_usage("nowhere")
    tracker.close()
