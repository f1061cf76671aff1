"""`snooze` mutes alerts for a while."""

from __future__ import annotations

import json

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from watchkeeper.core import state


def test_page(scene: Scene) -> None:
    """What a person is told."""
    assert_golden("snoozed", lambda columns, colour: scene.run("snooze", "2h", columns=columns, colour=colour).out)


def test_alerts_are_muted_and_counting_goes_on(scene: Scene) -> None:
    """Only alerts are muted, everywhere, until then."""
    scene.run("snooze", "90m")

    with scene.ledger as ledger:
        muted = [state.is_muted(ledger.state, "/any", what, scene.now) for what in ("alerts", "everything")]
        later = state.is_muted(ledger.state, "/any", "alerts", scene.now + 90 * 60)
    assert ([True, False], False) == (muted, later)


def test_json_says_until_when(scene: Scene) -> None:
    """Scripts learn the state and its end."""
    view = json.loads(scene.run("snooze", "1h30m", "--json").out)

    assert ("snoozed", "2026-11-20T13:30:00+00:00") == (view["watching"]["state"], view["watching"]["until_at"])


@pytest.mark.parametrize("words", [(), ("soon",), ("2h", "more"), ("-5m",)])
def test_wrong_usage(scene: Scene, words: tuple[str, ...]) -> None:
    """Without a duration, or with none that makes sense, nothing is muted."""
    ran = scene.run("snooze", *words)

    assert (2, "") == (ran.code, ran.out)
    assert 1 == ran.err.count("\n")
