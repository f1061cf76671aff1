"""What follows from the facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.automation.facts import NO, REFUSE, START, UNKNOWN, WAIT, YES, Fact, decide

LASTING = ("handoff", "project", "trusted", "claude", "login", "terminal", "permissions")
PASSING = (
    *("quota reset", "quota free", "estimate fits", "weekly limit"),
    *("machine", "idle project", "nobody waits", "open hours"),
)
FACTS = st.lists(
    st.builds(Fact, st.sampled_from(LASTING + PASSING), st.sampled_from((YES, NO, UNKNOWN)), st.just("why"))
)


@pytest.mark.parametrize(
    ("name", "action"), [*((name, REFUSE) for name in LASTING), *((name, WAIT) for name in PASSING)]
)
def test_a_no_waits_where_waiting_helps(name: str, action: str) -> None:
    """What somebody has to mend is told at once; what passes by itself is waited for, whatever may be unknown."""
    facts = [Fact("claude", YES, ""), Fact(name, NO, "why")]

    for even_if_unknown in (False, True):
        verdict = decide(facts, even_if_unknown)
        assert (action, f"{name}: why") == (verdict.action, verdict.reason)


@pytest.mark.parametrize(("allowed", "action"), [(False, WAIT), (True, START)])
def test_an_unknown_waits_unless_it_is_allowed(allowed: bool, action: str) -> None:
    """And it is named either way."""
    verdict = decide([Fact("login", UNKNOWN, "it does not say")], allowed)

    assert (action, "login: it does not say") == (verdict.action, verdict.reason)


@given(FACTS, st.booleans())
def test_nothing_starts_against_a_no(facts: list[Fact], allowed: bool) -> None:
    """And what starts without leave for the unknown has every fact for it."""
    verdict = decide(facts, allowed)

    if verdict.action == START:
        assert NO not in {each.state for each in facts}
        assert allowed or {each.state for each in facts} <= {YES}
    else:
        assert verdict.because
