"""Health is the worse of quota and context, in a word and a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.core.settings import DEFAULTS
from watchkeeper.readings.health import health_of

ORDER = ["good", "moderate", "danger", "critical"]
QUOTA_LEVELS = ["fresh", *DEFAULTS["quota"]["levels"]]
CONTEXT_LEVELS = ["fresh", *DEFAULTS["context"]["levels"]]


def quota(level: str, source: str = "reported", overage: bool = False) -> dict[str, Any]:
    return {"level": level, "source": source, "overage": overage}


def word(quota_level: str, context_level: str, source: str = "reported") -> str:
    return health_of(quota(quota_level, source), {"level": context_level})["word"]


@given(st.sampled_from(QUOTA_LEVELS), st.sampled_from(CONTEXT_LEVELS))
def test_the_worse_one_counts(quota_level: str, context_level: str) -> None:
    """Both together are as healthy as the worse of them alone."""
    alone = word(quota_level, "unknown"), word("unknown", context_level, "unknown")

    assert max(alone, key=ORDER.index) == word(quota_level, context_level)


@given(st.sampled_from(QUOTA_LEVELS), st.sampled_from([*CONTEXT_LEVELS, "unknown"]))
def test_an_estimate_is_at_most_moderate(quota_level: str, context_level: str) -> None:
    """What is not known for certain frightens nobody."""
    alone = word(quota_level, "unknown", "estimated")

    assert alone in ("good", "moderate")


@pytest.mark.parametrize(
    ("quota_view", "context_level", "sentence"),
    [
        (quota("good"), "fresh", "Quota and context are healthy: continue as you are."),
        (quota("good"), "unknown", "The quota is healthy (context unknown): continue as you are."),
        (quota("unknown", "unknown"), "healthy", "The context is healthy (quota unknown): continue as you are."),
        (quota("danger"), "warning", "The quota is running out: finish what is small and plan the next session."),
        (quota("good"), "critical", "The context is nearly used up: save your work now."),
        (quota("unknown", "unknown"), "unknown", "Neither quota nor context is known yet."),
        (
            quota("emergency", overage=True),
            "fresh",
            "The plan's quota is used up and extra usage is on: work goes on and is billed.",
        ),
        (
            quota("emergency", "estimated"),
            "unknown",
            "The quota is more than half used (context unknown, quota estimated): keep tasks medium-sized.",
        ),
    ],
)
def test_sentences(quota_view: dict[str, Any], context_level: str, sentence: str) -> None:
    """The sentence names the worse one, what is unknown, and what to do."""
    assert sentence == health_of(quota_view, {"level": context_level})["sentence"]
