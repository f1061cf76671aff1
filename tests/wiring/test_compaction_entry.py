"""Tests of wiring/compaction_entry.py."""

from __future__ import annotations

from typing import Any

import pytest

from watchkeeper.wiring import compaction_entry

SHARE = ("env.CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "90")
WINDOW = ("autoCompactWindow", 1_000_000)
OURS = {"env": {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "90"}, "autoCompactWindow": 1_000_000}
OWN_SHARE = {"env": {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "70"}}


@pytest.mark.parametrize(
    ("settings", "pct", "expected"),
    [
        pytest.param({}, 90.0, (SHARE, WINDOW), id="share and window"),
        pytest.param({}, 0.0, (), id="left to the client"),
        pytest.param({}, 82.5, ((SHARE[0], "82.5"), WINDOW), id="a fraction"),
        pytest.param({"env": None, "autoCompactWindow": None}, 90.0, (SHARE, WINDOW), id="nulls"),
        pytest.param(OWN_SHARE, 90.0, (), id="a share of the user's own"),
        pytest.param({"autoCompactWindow": 500_000}, 90.0, (SHARE,), id="a window of the user's own"),
        pytest.param({"env": {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "500000"}}, 90.0, (SHARE,), id="or as a variable"),
        pytest.param({"env": []}, 90.0, (), id="no place for it"),
    ],
)
def test_what_is_put_in(settings: dict[str, Any], pct: float, expected: compaction_entry.Members) -> None:
    """The share goes in with a window that makes the client heed it; what the user has set is left."""
    assert expected == compaction_entry.members(settings, pct)


@pytest.mark.parametrize(
    ("settings", "pct", "expected"),
    [
        pytest.param(OURS, 90.0, True, id="as put"),
        pytest.param(OURS, 80.0, False, id="another share"),
        pytest.param(OURS, 0.0, False, id="none any more"),
        pytest.param({**OURS, **OWN_SHARE}, 90.0, False, id="the user's share, our window"),
        pytest.param({**OWN_SHARE, "autoCompactWindow": 500_000}, 90.0, True, id="both the user's"),
        pytest.param({}, 90.0, False, id="gone"),
        pytest.param({}, 0.0, True, id="gone and not wanted"),
    ],
)
def test_whether_anything_is_to_do(settings: dict[str, Any], pct: float, expected: bool) -> None:
    """Settings are as wanted when they hold what would be put in, and nothing else that was."""
    assert expected == compaction_entry.is_as_wanted(settings, pct, (SHARE, WINDOW))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param(OWN_SHARE, "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE of 70", id="share"),
        pytest.param({"autoCompactWindow": 500_000}, "autoCompactWindow of 500000 stays", id="window"),
        pytest.param({"env": {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "200000"}}, "WINDOW of 200000 stays", id="variable"),
        pytest.param({"env": 3}, "`env` that is no object", id="no place"),
    ],
)
def test_values_of_the_users_own_are_named(settings: dict[str, Any], said: str) -> None:
    """What decides beside or instead of ours is said in one sentence; without a wish there is nothing to say."""
    [sentence] = compaction_entry.remarks(settings, 90.0, ())

    assert said in sentence
    assert [] == compaction_entry.remarks(settings, 0.0, ())


def test_what_was_put_in_needs_no_word() -> None:
    """Our own members are not taken for the user's."""
    assert [] == compaction_entry.remarks(OURS, 90.0, (SHARE, WINDOW))
