"""Tests of core/message.py: what holds for every line, whatever the figures are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.watching import HOUR
from watchkeeper.core import alerts, message
from watchkeeper.core.alerts import Alert, Reading
from watchkeeper.core.context import LEARNED, Context
from watchkeeper.core.quota import FIVE_HOUR, MEASURED, REPORTED, SEVEN_DAY, Quota, Weekly, Window

SHARES = st.floats(0.0, 1_000.0)


@pytest.mark.parametrize("kind", [FIVE_HOUR, SEVEN_DAY, alerts.CONTEXT, alerts.CONTEXT_SIZE])
@given(
    SHARES, SHARES, st.integers(0, 10**9), st.floats(-24 * HOUR, 8 * 24 * HOUR), st.sampled_from([REPORTED, MEASURED])
)
def test_the_models_line_is_short(
    kind: str, used_pct: float, context_pct: float, tokens: int, left_s: float, source: str
) -> None:
    """Whatever an alert is about, the model reads one line of at most 240 characters."""
    window = Window(NOON + left_s - 5 * HOUR, NOON + left_s, source)
    reading = Reading(
        Quota(used_pct, source, NOON, window, 0, False, None, ""),
        Weekly(used_pct, NOON + left_s, source, NOON),
        Context(tokens, 0, 1_000_000, 967_000, context_pct, source, NOON, "model", 0.0, LEARNED),
    )

    line = message.for_model(Alert(kind, "", 80.0, (80.0,), 0.0, used_pct), reading, NOON)

    assert 0 < len(line) <= message.MOST_MODEL_CHARACTERS == 240
    assert "\n" not in line
