"""Fitting the growth by tool calls to one's own history."""

from __future__ import annotations

import json
import random
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quota.records import assistant, results
from tests.support.clock import NOON
from watchkeeper.core import growth, state
from watchkeeper.core.ledger import Ledger
from watchkeeper.quota import growth_fit
from watchkeeper.quota.growth_fit import estimated_tokens, fit, learn
from watchkeeper.quota.growth_steps import Call, Step


def steps(count: int, tool: str, truth: tuple[float, float, float], noise: float = 0.1, seed: int = 1) -> list[Step]:
    chance = random.Random(seed)
    made = []
    for number in range(count):
        call = Call(tool, chance.randrange(20, 3000), chance.randrange(0, 20_000), 0)
        exact = truth[0] + truth[1] * call.call_characters + truth[2] * call.result_characters
        made.append(Step(f"{tool} {number}", (call,), round(exact * chance.uniform(1 - noise, 1 + noise)) + 1))
    return made


def error(about: list[Step], fits: dict[str, growth_fit.Fit]) -> float:
    return statistics.median(
        abs(estimated_tokens(each, fits) - each.growth_tokens) / each.growth_tokens for each in about
    )


def test_truth_is_found() -> None:
    """With enough steps the fit is what made them."""
    truth = (200.0, 0.45, 0.5)

    fitted = fit(steps(1000, "Bash", truth))["Bash"]

    assert truth == pytest.approx(fitted[:3], rel=0.15)
    assert 1000 == fitted.calls


def test_fit_is_better_than_the_defaults() -> None:
    """On calls it has not seen, a fit to the same tool's history is nearer than the defaults."""
    history, later = steps(400, "Read", (150.0, 0.5, 0.5)), steps(200, "Read", (150.0, 0.5, 0.5), seed=2)

    assert error(later, fit(history)) < 0.08
    assert error(later, {}) > 0.2


def test_few_steps_change_little() -> None:
    """A few steps move the figures a little, many move them far."""
    one, many = fit(steps(1, "Bash", (400.0, 1.0, 1.0)))["Bash"], fit(steps(500, "Bash", (400.0, 1.0, 1.0)))["Bash"]

    assert growth.DEFAULT[2] < one.per_result_character < 0.45
    assert 0.9 < many.per_result_character < 1.1


def test_a_tool_with_few_steps_is_like_the_others() -> None:
    """What is known of all tools is what a new one is taken for."""
    fits = fit([*steps(500, "Bash", (105.0, 0.5, 0.5)), *steps(1, "Novel", (105.0, 0.5, 0.5))])

    assert fits[""].per_result_character == pytest.approx(0.5, abs=0.05)
    assert fits["Novel"].per_result_character == pytest.approx(fits[""].per_result_character, abs=0.05)


def test_outliers_do_not_matter() -> None:
    """A tenth of the steps may have grown by anything."""
    good = steps(500, "Bash", (105.0, 0.34, 0.366))
    wild = [each._replace(growth_tokens=each.growth_tokens + 50_000) for each in steps(50, "Bash", (1, 1, 1), seed=3)]

    assert error(good, fit([*good, *wild])) < 0.07


def test_pictures_are_taken_as_they_are() -> None:
    """The tokens of pictures are not spread over characters."""
    plain = steps(300, "Read", (105.0, 0.34, 0.366))
    seen = [
        Step(each.message_id, (each.calls[0]._replace(picture_tokens=1600),), each.growth_tokens + 1600)
        for each in plain
    ]

    assert fit(plain)["Read"][:3] == pytest.approx(fit(seen)["Read"][:3], rel=0.1)


def test_means_begin_at_the_table() -> None:
    """A tool's mean is the table's at first and its own with time; all tools together have none."""
    few = fit([Step("a", (Call("Edit", 10, 10, 0),), 300)])
    many = fit([Step(str(number), (Call("Edit", 10, 10, 0),), 300) for number in range(500)])

    assert 1000 < few["Edit"].mean_tokens < 1500
    assert many["Edit"].mean_tokens == pytest.approx(300, rel=0.05)
    assert 0 == few[""].mean_tokens


@given(
    st.lists(
        st.builds(
            Step,
            st.text(max_size=3),
            st.lists(st.builds(Call, st.sampled_from(["", "Bash"]), *[st.integers(0, 10**7)] * 3), max_size=3).map(
                tuple
            ),
            st.integers(-(10**6), 10**9),
        ),
        max_size=20,
    )
)
def test_any_steps_give_sound_figures(found: list[Step]) -> None:
    """Whatever was measured, no figure is negative, endless or out of proportion."""
    for each in fit(found).values():
        assert 0 <= each.base_tokens <= 5000
        assert 0.05 <= each.per_call_character <= 2
        assert 0.05 <= each.per_result_character <= 2
        assert 0 <= each.mean_tokens <= 200_000


def test_learning_stores_what_hooks_read(tmp_path: Path) -> None:
    """A transcript on disk becomes coefficients in the ledger, each response counted once."""
    lines = []
    for number in range(200):
        call = (f"t{number}", "Bash", {"command": "x" * (number % 50)})
        lines.append(json.dumps(assistant(f"m{number}", 1000 + 800 * number, call)))
        lines.append(json.dumps(results(**{f"t{number}": "y" * 1000})))
    for name in ("one.jsonl", "copy.jsonl"):
        (tmp_path / name).write_text("\n".join([*lines, "{broken", ""]), encoding="utf-8")

    with Ledger(str(tmp_path / "state"), NOON) as ledger:
        paths = [str(tmp_path / name) for name in ("one.jsonl", "copy.jsonl", "missing.jsonl")]
        fits = learn(ledger, paths, NOON)
        learn(ledger, paths, NOON)

        assert 199 == fits["Bash"].calls
        stored = state.growth_coefficients(ledger.state, "Bash")
        assert fits["Bash"][:4] == stored
        assert fits[""][:4] == state.growth_coefficients(ledger.state, "Novel")
    estimate = growth.estimate("Bash", {"command": "x" * 25}, {"stdout": "y" * 1000, "stderr": ""}, None, stored)
    assert 800 == pytest.approx(sum(estimate), rel=0.05)


def test_without_steps_nothing_is_stored(tmp_path: Path) -> None:
    """An empty history leaves what was learned before."""
    with Ledger(str(tmp_path / "state"), NOON) as ledger:
        assert {} == learn(ledger, [], NOON)
        assert state.growth_coefficients(ledger.state, "Bash") is None
