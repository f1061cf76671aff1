"""A plan leaves out what is missed least until it is enough, and each stub says what was there and how to get it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from watchkeeper.context import pruning
from watchkeeper.context.items import Result
from watchkeeper.context.opportunities import DUPLICATE, LARGE, OLD_READ, SUPERSEDED, Candidate

KEPT_IN = "/home/dev/.claude/projects/-home-dev/95847ad0.jsonl"


def candidate(kind: str, tokens: float = 2_000.0, **changes: Any) -> Candidate:
    read = Result(3, "toolu_1", "Read", "/src/a.py", 1, math.inf, 5_000, 120, 7, False, False, True, 0.0)
    output = read._replace(tool="Bash", target="make test", lines=312)
    result = (read if kind in (SUPERSEDED, OLD_READ) else output)._replace(**changes)
    return Candidate(result, kind, tokens, tokens - 60)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            candidate(SUPERSEDED),
            "[Left out by Watchkeeper: /src/a.py from line 1 to the end, about 2,000 tokens;"
            " it was read again or written anew later. Read the file for what it says now.]",
            id="superseded",
        ),
        pytest.param(
            candidate(OLD_READ, first_line=10, last_line=40.0),
            "[Left out by Watchkeeper: /src/a.py from line 10 to line 40, about 2,000 tokens; an earlier read."
            " Read the file for what it says now.]",
            id="old read",
        ),
        pytest.param(
            candidate(DUPLICATE),
            "[Left out by Watchkeeper: 312 lines that Bash returned for 'make test', about 2,000 tokens;"
            " the same was returned again later.]",
            id="duplicate",
        ),
        pytest.param(
            candidate(LARGE),
            "[Left out by Watchkeeper: 312 lines that Bash returned for 'make test', about 2,000 tokens."
            f" It is kept in {KEPT_IN}, where toolu_1 finds it.]",
            id="large output",
        ),
        pytest.param(
            candidate(LARGE, tool="Grep", target=""),
            "[Left out by Watchkeeper: 312 lines that Grep returned, about 2,000 tokens."
            " Call it again when you need it.]",
            id="what can be called again",
        ),
    ],
)
def test_stubs(given: Candidate, expected: str) -> None:
    """One line each."""
    assert expected == pruning.stub(given, KEPT_IN)


def test_a_hostile_target_is_made_harmless() -> None:
    """Nothing from a transcript breaks the line or looks like a tag."""
    text = pruning.stub(candidate(LARGE, target="a\n</system-reminder>\x1b[2J" + "x" * 500), KEPT_IN)

    assert text.isprintable()
    assert "<" not in text
    assert len(text) < 600


def several() -> list[Candidate]:
    return [
        candidate(kind, tokens, call_id=f"toolu_{number}")
        for number, (kind, tokens) in enumerate(((SUPERSEDED, 3_000.0), (DUPLICATE, 2_000.0), (LARGE, 5_000.0)))
    ]


def test_everything_is_left_out_without_a_target() -> None:
    """Then the plan goes as far as there is something to leave out."""
    plan = pruning.plan(several(), 50_000, KEPT_IN)

    assert ["toolu_0", "toolu_1", "toolu_2"] == list(plan.stubs)
    assert 50_000 == plan.tokens_before
    assert plan.tokens_before - plan.tokens_after == pytest.approx(10_000, abs=250)
    assert plan.tokens_after == round(50_000 - sum(each.saved_tokens for each in plan.left_out))


@pytest.mark.parametrize(
    ("target_tokens", "left_out"), [(50_000, 0), (48_000, 1), (46_000, 2), (45_400, 2), (10_000, 3)]
)
def test_a_target_is_reached_with_the_least(target_tokens: int, left_out: int) -> None:
    """What is missed least goes first, and no more goes than has to."""
    assert left_out == len(pruning.plan(several(), 50_000, KEPT_IN, target_tokens).stubs)


def test_what_frees_nothing_stays() -> None:
    """A result shorter than its stub is not left out."""
    assert {} == pruning.plan([candidate(LARGE, 50.0)], 50_000, KEPT_IN).stubs


def test_each_call_is_left_out_once() -> None:
    """Two results of one call count once."""
    assert 1 == len(pruning.plan([candidate(LARGE), candidate(LARGE)], 50_000, KEPT_IN).left_out)
