"""Tests of core/autocompact.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.environment import User
from watchkeeper.core import autocompact
from watchkeeper.core.autocompact import Control
from watchkeeper.core.paths import paths_in

SHARE, WINDOW = autocompact.PCT_VARIABLE, autocompact.WINDOW_VARIABLE


def read(home: User, settings: object, **variables: str) -> Control:
    text = settings if isinstance(settings, str) else json.dumps(settings)
    (home.config / "settings.json").write_text(text, encoding="utf-8")
    return autocompact.read(paths_in(str(home.config), home.environ), variables)


@pytest.mark.parametrize(
    ("settings", "variables", "expected"),
    [
        pytest.param({}, {}, Control(), id="nothing told"),
        pytest.param({"env": {SHARE: "90"}}, {}, Control(pct=90.0), id="a share in the settings"),
        pytest.param({}, {SHARE: "82.5"}, Control(pct=82.5), id="a share in a variable"),
        pytest.param({"env": {SHARE: "90"}}, {SHARE: "50"}, Control(pct=90.0), id="the settings lie over the shell"),
        pytest.param(
            {"env": {SHARE: "90"}},
            {SHARE: "50", "CLAUDECODE": "1"},
            Control(pct=50.0),
            id="below the client all is told",
        ),
        pytest.param({"autoCompactWindow": 500_000}, {}, Control(window_tokens=500_000), id="a window"),
        pytest.param({"autoCompactWindow": "auto"}, {}, Control(), id="no window"),
        pytest.param(
            {"autoCompactWindow": 500_000}, {WINDOW: "50000"}, Control(window_tokens=100_000), id="the variable wins"
        ),
        pytest.param({}, {WINDOW: "500k"}, Control(), id="no number"),
        pytest.param(
            {"modelSettings": {"m": {"autoCompactWindow": 300_000}, "n": 3}},
            {},
            Control(model_windows=(("m", 300_000),)),
            id="for a model",
        ),
        pytest.param({"autoCompactEnabled": False}, {}, Control(is_on=False), id="off in the settings"),
        pytest.param({}, {"DISABLE_AUTO_COMPACT": "1"}, Control(is_on=False), id="off by a variable"),
        pytest.param({"env": {"DISABLE_COMPACT": "0"}}, {}, Control(), id="not off"),
        pytest.param({}, {SHARE: "nan"}, Control(), id="not a number"),
        pytest.param({}, {SHARE: "101"}, Control(), id="more than all"),
        pytest.param("{broken", {}, Control(), id="broken settings"),
        pytest.param({"env": [1], "modelSettings": 3}, {}, Control(), id="odd settings"),
        pytest.param('\ufeff{"autoCompactWindow": 500000}', {}, Control(window_tokens=500_000), id="a mark before it"),
        pytest.param('{"\\u0061utoCompactWindow": 500000}', {}, Control(window_tokens=500_000), id="an escaped letter"),
        pytest.param({"hooks": {"PreCompact": []}, "env": {"A": "1"}}, {}, Control(), id="other settings"),
    ],
)
def test_what_the_user_has_told(home: User, settings: Any, variables: dict[str, str], expected: Control) -> None:
    """Variables and settings are read as the client reads them; what it would not heed says nothing."""
    assert expected == read(home, settings, **variables)


@pytest.mark.parametrize(
    ("control", "window", "expected"),
    [
        # Each of these was seen in the client: the compaction came at the first response above.
        pytest.param(Control(window_tokens=100_000), 1_000_000, 67_000, id="a smaller window"),
        pytest.param(Control(pct=50.0, window_tokens=100_000), 1_000_000, 40_000, id="half of it"),
        pytest.param(
            Control(pct=55.0, window_tokens=100_000), 1_000_000, 44_000, id="the share, not the usual reserve"
        ),
        pytest.param(Control(pct=99.0, window_tokens=100_000), 1_000_000, 67_000, id="the share only lowers"),
        pytest.param(Control(pct=90.0), 1_000_000, 882_000, id="a share of the model's window"),
        pytest.param(Control(pct=90.0, window_tokens=1_000_000), 200_000, 162_000, id="a window larger than it is"),
        pytest.param(Control(window_tokens=200_000), 1_000_000, 167_000, id="the variable's window"),
        pytest.param(Control(pct=90.0), 200_000, None, id="a share alone does nothing in a small window"),
        pytest.param(Control(), 1_000_000, None, id="nothing told"),
        pytest.param(
            Control(window_tokens=1_000_000, model_windows=(("m", 100_000),)), 1_000_000, 67_000, id="a model's own"
        ),
        pytest.param(Control(window_tokens=1_000_000, model_windows=(("n", 1),)), 1_000_000, 967_000, id="another's"),
    ],
)
def test_where_the_client_compacts(control: Control, window: int, expected: int | None) -> None:
    """The share is one of the window less 20,000 tokens, and never later than 33,000 before its end."""
    assert expected == autocompact.threshold_tokens(control, "m", window)
