"""`quota` shows the limits and starts a fresh window without touching history."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene, danger, measured


def quota_of(scene: Scene, *arguments: str) -> dict[str, Any]:
    return scene.json("quota", *arguments)


def test_page(scene: Scene) -> None:
    """What a person sees of the limits alone."""
    danger(scene)

    assert_golden("quota", lambda columns, colour: scene.run("quota", "show", columns=columns, colour=colour).out)


def test_page_after_a_reset(scene: Scene) -> None:
    """A window that was started by hand says so."""
    measured(scene)
    scene.run("quota", "reset", "--at", "30m ago")

    assert_golden("quota-reset", lambda columns, colour: scene.run("quota", columns=columns, colour=colour).out)


def test_show_is_the_default(scene: Scene) -> None:
    """`quota` alone shows it."""
    danger(scene)

    assert scene.run("quota").out == scene.run("quota", "show").out


def test_a_reset_starts_a_fresh_window_and_keeps_history(scene: Scene) -> None:
    """What was used before counts no longer; the responses are still there."""
    measured(scene)
    before = quota_of(scene)["quota"]["used_tokens"]

    after = quota_of(scene, "reset", "--at", "30m ago")["quota"]

    assert (85_000, 63_500) == (before, after["used_tokens"])
    assert "2026-11-20T11:48:00+00:00" == after["window"]["started_at"]
    with scene.ledger as ledger:
        assert (2,) == ledger.usage.execute("SELECT count(*) FROM responses").fetchone()


def test_a_reset_now_waits_for_the_next_response(scene: Scene) -> None:
    """Right after a reset no window is open."""
    measured(scene)

    after = quota_of(scene, "reset")["quota"]

    assert (0, None) == (after["used_tokens"], after["window"]["started_at"])


def test_a_report_from_before_the_reset_counts_no_longer(scene: Scene) -> None:
    """A report is believed again once it is newer than the reset."""
    danger(scene)
    quota_of(scene, "reset")
    measured_again = quota_of(scene)["quota"]["source"]
    scene.report(5.0, 290, ago_min=-1)

    assert ("measured", "reported") == (measured_again, quota_of(scene)["quota"]["source"])


@pytest.mark.parametrize(
    ("at", "said"), [("tomorrow", "is still to come"), ("in 5m", "is still to come"), ("noonish", "is no time")]
)
def test_a_wrong_time_is_a_sentence(scene: Scene, at: str, said: str) -> None:
    """A time that makes no sense is wrong usage, and nothing is stored."""
    ran = scene.run("quota", "reset", "--at", at)

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    with scene.ledger as ledger:
        assert (0,) == ledger.state.execute("SELECT count(*) FROM quota_resets").fetchone()
