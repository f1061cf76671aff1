"""A bundle whose compiled files a full disk has cut short, which Python before 3.12.8 never gets over by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.household import HOOKS, Household, is_stated

COMPILED = f"*.{sys.implementation.cache_tag}.pyc"


@pytest.fixture
def cut_short(household: Household) -> Iterator[Household]:
    """The household, with half of each compiled file of its bundle."""
    whole = {path: path.read_bytes() for path in household.bundle.rglob(COMPILED)}
    for path, content in whole.items():
        path.write_bytes(content[: max(20, len(content) // 2)])
    yield household
    for path, content in whole.items():
        path.write_bytes(content)


def core_of(household: Household) -> list[Path]:
    """Return the compiled files of the hot ring."""
    return list((household.bundle / "lib" / "watchkeeper" / "core").rglob(COMPILED))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(
            event, marks=() if event in {"StatusLine", "PostToolUse", "UserPromptExpansion"} else pytest.mark.slow
        )
        for event in ("StatusLine", *HOOKS)
    ],
)
def test_a_hook_gets_over_them(cut_short: Household, event: str) -> None:
    """The hook that meets them works, and so does the next, from files that are whole."""
    before = [path.stat().st_size for path in core_of(cut_short)]

    for _ in range(2):
        done = cut_short.hook(event)

        assert (0, "") == (done.returncode, done.stderr)
        assert bool(done.stdout) or event not in {"StatusLine", "UserPromptExpansion"}
    assert not (cut_short.state / "logs" / "hooks.log").exists()
    assert sorted(before) != sorted(path.stat().st_size for path in core_of(cut_short))


def test_a_command_gets_over_them(cut_short: Household) -> None:
    """The command that meets them works, or says that it has to be typed again, and then it works."""
    first = cut_short.command("usage")
    again = cut_short.command("usage")

    assert is_stated(first, ("usage",)), first.stderr
    assert 0 == again.returncode, again.stderr


def test_a_module_that_is_needed_later_is_got_over_too(household: Household) -> None:
    """What is imported in the middle of the work is removed where it was cut short; the next run works."""
    late = next((household.bundle / "lib" / "watchkeeper" / "render").rglob(f"engine{COMPILED[1:]}"))
    whole = late.read_bytes()
    late.write_bytes(whole[:500])

    first = household.command("session-status")
    again = household.command("session-status")

    late.write_bytes(whole)
    assert is_stated(first, ("session-status",)), first.stderr
    assert 0 == again.returncode, again.stderr
