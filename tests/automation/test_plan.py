"""What may be written into a booking."""

from __future__ import annotations

from typing import Any

import pytest

from watchkeeper.automation import plan
from watchkeeper.errors import UserError

HOSTILE = ["it's", '"quoted"', "$(id)", "`id`", "a;b", "%PATH%", "ünïcödé 名", "a b", "a%20b", "x" * 200, "\\", "*"]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_a_name(name: str) -> None:
    """Agents and models are called as their users like; the name stays data."""
    made = plan.made(agent=name, model=name)

    assert plan.read(made.model_dump_json()) == made
    assert (name, name) == (made.agent, made.model)


@pytest.mark.parametrize(
    "fields",
    [
        {"agent": "--model"},
        {"agent": "-x"},
        {"agent": " x"},
        {"agent": "a\nb"},
        {"agent": "a\0b"},
        {"agent": "a\x1b[2Jb"},
        {"agent": "x" * 201},
        {"model": "--help"},
        {"permission_mode": "yolo"},
        {"budget_usd": 0.0, "headless": True},
        {"budget_usd": float("nan"), "headless": True},
        {"budget_usd": 5.0},
        {"extra": ["--resume", "x"]},
        {"extra": ["--session-id=1"]},
        {"extra": ["-p"]},
        {"extra": ["-r0a5b1c2d"]},
        {"extra": ["--"]},
        {"extra": ["a\nb"]},
        {"extra": ["x"] * 51},
        {"estimated_tokens": -1},
        {"headless": "yes"},
    ],
    ids=repr,
)
def test_what_the_client_must_not_be_given_is_refused(fields: dict[str, Any]) -> None:
    """In one sentence, before anything is booked."""
    with pytest.raises(UserError, match=r"book again|--headless") as refused:
        plan.made(**fields)

    assert 2 == refused.value.exit_code
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "bypasses"),
    [
        ({}, False),
        ({"permission_mode": "acceptEdits"}, False),
        ({"permission_mode": "bypassPermissions"}, True),
        ({"extra": ["--dangerously-skip-permissions"]}, True),
        ({"extra": ["--settings", '{"permissions": {"defaultMode": "bypassPermissions"}}']}, True),
    ],
    ids=["nothing", "edits", "mode", "option", "settings"],
)
def test_a_bypass_is_only_what_was_written(fields: dict[str, Any], bypasses: bool) -> None:
    """Nothing is added to what the user wrote."""
    assert bypasses is plan.made(**fields).bypasses
