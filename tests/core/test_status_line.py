"""Tests of core/status_line.py."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, SESSION, Hooks, report, response
from watchkeeper.core import state, status_line

LIMITS = {"five_hour": {"used_percentage": 41.6, "resets_at": NOON + HOUR}}
PLAIN = {"NO_COLOR": "1", "COLUMNS": "120"}


def told(**changes: Any) -> dict[str, Any]:
    window = {"total_input_tokens": 64_000, "context_window_size": 200_000, "current_usage": {"input_tokens": 64_000}}
    return {"model": {"id": "m", "display_name": "M 5"}, "context_window": window, "rate_limits": LIMITS, **changes}


def test_a_report_is_shown_and_stored(home: User) -> None:
    """The reported share, its reset and the context stand in one line, floored; hooks find them in the ledger."""
    hooks = Hooks(home, **PLAIN)

    assert "good · 5h 41% reported · resets 13:00 in 1h · context 38%" == hooks.status_line(NOON, **told())
    with hooks.ledger() as ledger:
        found = state.latest_report(ledger.state, "", "five_hour", NOON)
        snapshot = state.snapshot_of(ledger.state, SESSION)
    assert found is not None
    assert snapshot is not None
    assert (41.6, 64_000, 200_000) == (found.used_pct, snapshot.context_tokens, snapshot.window_tokens)


def test_an_old_figure_carries_its_age(home: User) -> None:
    """A terminal that was told nothing for a while shows how old the figure is."""
    hooks = Hooks(home, **PLAIN)
    hooks.report(report(30, NOON - 720, NOON + HOUR))

    assert "5h 30% reported 12m ago" in hooks.status_line(NOON, **told(rate_limits=None))


def test_an_unknown_quota_is_called_unknown(home: User) -> None:
    """Without report and plan the line says unknown, and shows what it knows."""
    assert "5h unknown · context 38%" == Hooks(home, **PLAIN).status_line(NOON, **told(rate_limits=None))


def test_an_api_key_shows_the_cost(home: User) -> None:
    """Sessions that pay by the token have no window: the line shows what the client reckons they cost."""
    hooks = Hooks(home, **PLAIN, ANTHROPIC_API_KEY="sk-made-up")

    line = hooks.status_line(NOON, **told(rate_limits=None, cost={"total_cost_usd": 3.214}))

    assert "$3.21 so far · context 38%" == line


def test_a_pace_that_ends_before_the_reset_is_shown(home: User) -> None:
    """When the limit comes before the reset at this pace, the line says when; not in the first ten minutes."""
    hooks = Hooks(home, **PLAIN)
    fast = {"five_hour": {"used_percentage": 60, "resets_at": NOON + 4 * HOUR}}
    young = {"five_hour": {"used_percentage": 60, "resets_at": NOON + 5 * HOUR - 300}}

    assert "full in 40m at this pace" in hooks.status_line(NOON, **told(rate_limits=fast))
    assert "pace" not in Hooks(home, **PLAIN).status_line(NOON, **told(rate_limits=young))


def test_the_machine_is_shown_when_it_is_not_fine(home: User) -> None:
    """A machine level other than fine stands in the line as long as the look at it is fresh."""
    hooks = Hooks(home, **PLAIN)
    with hooks.ledger() as ledger:
        ledger.state.execute(
            "INSERT INTO samples VALUES (?,?,8,?,NULL,NULL,NULL,NULL,'critical')", (NOON - 30, 0.9, 50)
        )

    assert hooks.status_line(NOON, **told()).endswith("machine critical")
    assert "machine" not in hooks.status_line(NOON + 700, **told())


def test_colours_follow_the_level_and_no_color(home: User) -> None:
    """Levels are coloured in the terminal's own sixteen colours; NO_COLOR keeps the line plain."""
    danger = told(rate_limits={"five_hour": {"used_percentage": 85, "resets_at": NOON + HOUR}})

    assert "\x1b[33mdanger\x1b[0m" in Hooks(home, COLUMNS="120").status_line(NOON, **danger)
    assert "\x1b" not in Hooks(home, **PLAIN).status_line(NOON, **danger)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        pytest.param("200", "good · 5h 41% reported · resets 13:00 in 1h · context 38%", id="wide"),
        pytest.param("50", "good · 5h 41% rep · in 1h · ctx 38%", id="short forms"),
        pytest.param("30", "good · 5h 41% rep", id="parts dropped"),
        pytest.param("24", "good · 5h 41% rep", id="level and quota stay longest"),
    ],
)
def test_a_narrow_terminal_gets_less(home: User, columns: str, line: str) -> None:
    """Where it is narrow the short forms serve, then the least wanted parts go; the quota stays."""
    shown = Hooks(home, NO_COLOR="1", COLUMNS=columns).status_line(NOON, **told())

    assert len(shown) <= max(20, int(columns) - 4)
    assert "5h 41%" in shown
    assert line == shown


def test_the_user_can_lay_it_out_anew(home: User) -> None:
    """`status_line.format` chooses the parts and their order; a group without anything to show vanishes."""
    hooks = Hooks(home, **PLAIN)
    hooks.configure(status_line={"format": "WK {context} · {machine} · {quota}"})

    assert "WK context 38% · 5h 41% reported" == hooks.status_line(NOON, **told())


def test_after_a_compaction_the_context_is_unknown_until_the_next_response(home: User) -> None:
    """Right after a compaction the client tells no usage: what was measured before is not shown on."""
    hooks = Hooks(home, **PLAIN)
    hooks.used(response("m1", NOON - 60, 10, input_tokens=150_000))
    hooks.call("SessionStart", NOON, source="compact")
    empty = {"total_input_tokens": 0, "context_window_size": 200_000, "current_usage": None}

    assert "context" not in hooks.status_line(NOON + 1, **told(context_window=empty))


def test_a_terminal_that_is_told_limits_has_a_subscription(home: User) -> None:
    """Where the client reports limits although an API key stands in the environment, they count."""
    hooks = Hooks(home, **PLAIN, ANTHROPIC_API_KEY="sk-made-up")

    assert "5h 41% reported" in hooks.status_line(NOON, **told())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["model", "cost", "context_window", "rate_limits", "agent", "cwd", "version"]), _JSON
    )
)
def test_no_shape_of_input_breaks_the_line(home: User, fields: dict[str, Any]) -> None:
    """Wrong types in any field give a line all the same."""
    assert isinstance(Hooks(home).status_line(NOON, **fields), str)


@given(
    st.dictionaries(
        st.sampled_from(["level", "quota", "reset", "pace", "context", "machine"]), st.text("ab c%·", max_size=40)
    ),
    st.integers(20, 150),
)
def test_the_line_never_exceeds_the_terminal(parts: dict[str, str], columns: int) -> None:
    """Whatever there is to show, the line fits."""
    template = "{level} · {quota} · {reset} · {pace} · {context} · {machine}"
    segments = status_line.Segments(parts, {name: text[:9] for name, text in parts.items()}, {})

    assert len(status_line.lay_out(segments, template, columns, colour=False)) <= columns
