"""Hostile names in every field that becomes a path end below our folders or in a sentence; nothing is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_table import Commands
from tests.support.hostile import HOSTILE, NOT_UTF8
from tests.support.household import Household, broke_in, ended_badly

# Of the hooks' payloads, and of the status line's.
FIELDS = ("session_id", "agent_id", "transcript_path", "cwd", "tool_use_id", "prompt_id", "agent_transcript_path")
ALWAYS = "$(touch pwned)"
NAMES = [
    pytest.param(name, id=ascii(name), marks=() if name == ALWAYS else pytest.mark.slow)
    for name in (*HOSTILE, NOT_UTF8, "../../x", "/", "~root", "nul", "x" * 300)
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_payload(household: Household, name: str, record_property: Callable[[str, object], None]) -> None:
    """Hooks and the status line take it in silence and write below the configuration directory alone."""
    outside = outside_of(household)
    count = 0
    for text in (name, f"../../{name}", f"{household.user.home}/{name}"):
        for field in FIELDS:
            told = json.dumps(household.payload("SessionStart" if count % 2 else "PostToolUse", **{field: text}))
            done = household.hook("SessionStart" if count % 2 else "PostToolUse", stdin=told)
            assert (0, "") == (done.returncode, done.stderr), (field, text)
            count += 1

    assert outside == outside_of(household)
    record_property("hostile names in payloads", count)


@pytest.mark.parametrize("name", [each for each in NAMES if "\0" not in str(each.values[0])])
def test_a_name_in_a_command(household: Household, name: str, record_property: Callable[[str, object], None]) -> None:
    """A command takes it as an argument, or says in a sentence what is wrong with it."""
    outside = outside_of(household)
    tried: Commands = (
        ("session-status", "--session", name),
        ("plan-next-session", "--draft", "--session", name),
        ("estimate-session", "--", name),
        ("run", "--", name),
        ("queue", "add", "--name", name, "--objective", name, "--tokens", "9k", "--hours", "1", "--project", name),
        ("queue", "show", "--", name),
        ("handoffs", "show", "--", name),
        ("memory", "--project", name),
        ("estimates", "report", "--", name),
        ("automation", "fire", "--", name),
        ("create-calendar-events",),
        ("config", "set", "general.state_dir", "--", name),
    )
    # Wrong usage is a stated failure with its own code.
    badly = {
        words: text for words, text in ended_badly(household, tried).items() if not text.startswith("2: watchkeeper:")
    }

    assert {} == badly
    assert {} == broke_in(household, ("PostToolUse",))
    assert outside == outside_of(household)
    record_property("hostile names in commands", len(tried))


def outside_of(household: Household) -> list[Path]:
    """Return what is in the home and beside it, but for the configuration directory."""
    beside = list(household.user.home.parent.glob("*"))
    within = [path for path in household.user.home.rglob("*") if not path.is_relative_to(household.user.config)]
    return sorted(beside + within)
