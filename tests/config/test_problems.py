"""What is wrong is said so that a person can put it right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config.problems import nearest_option, problems_in

ALERTS = 'quota.alerts must be "hyperaware", "basic" or a list of percentages such as [50, 80, 90].'
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"quota": {"plan": "gold"}}, "quota.plan must be one of '', 'free', 'pro', 'team', 'max5', 'max20' or 'custom'."),
    ({"quota": {"plna": "pro"}}, "quota.plna is no option; did you mean quota.plan?"),
    ({"qouta": {"plan": "pro"}}, "qouta is no option; did you mean quota?"),
    ({"plan": "pro"}, "plan is no option; did you mean quota.plan?"),
    ({"zzz": 1}, "zzz is no option; remove it."),
    ({"quota": 5}, "quota must be a table of options."),
    ({"quota": {"levels": {"danger": 180}}}, "quota.levels.danger must be at most 100."),
    ({"quota": {"levels": {"danger": 0}}}, "quota.levels.danger must be more than 0."),
    ({"quota": {"levels": {"danger": "80"}}}, "quota.levels.danger must be a number."),
    ({"quota": {"levels": {"danger": 95}}}, "quota.levels must ascend, but danger is 95 and critical 90."),
    ({"quota": {"alerts": "never"}}, ALERTS),
    ({"quota": {"alerts": 5}}, ALERTS),
    ({"quota": {"alerts": [50, 800]}}, "quota.alerts in item 2 must be at most 100."),
    ({"quota": {"weekly_alerts": [75, "x"]}}, "quota.weekly_alerts in item 2 must be a number."),
    ({"quota": {"counted": []}}, "quota.counted must be a list of at least 1."),
    ({"quota": {"counted": ["input", "input"]}}, "quota.counted must name nothing twice."),
    ({"quota": {"plan": "custom"}}, "quota has the plan custom, which needs limit_tokens above 0."),
    ({"quota": {"limit_tokens": 2.5}}, "quota.limit_tokens must be a whole number."),
    ({"quota": {"limit_tokens": True}}, "quota.limit_tokens must be a whole number."),
    ({"watch": {"enabled": "yes"}}, "watch.enabled must be true or false."),
    ({"watch": {"projects_off": "/a"}}, "watch.projects_off must be a list in square brackets."),
    ({"resources": {"ram_critical_gb": 3.0}}, "resources must not have ram_critical_gb above ram_warning_gb."),
    ({"resources": {"temp_warm_c": 88}}, "resources must ascend, but temp_warm_c is 88 and temp_critical_c 85."),
    ({"storage": {"retention_days": 3}}, "storage.retention_days must be at least 8."),
    ({"advice": {"quota": {"good": "x" * 201}}}, "advice.quota.good must be at most 200 characters long."),
    ({"advice": {"quota": {"good": 5}}}, "advice.quota.good must be text in quotes."),
]


@pytest.mark.parametrize(("data", "sentence"), FAULTS, ids=[str(data)[:70] for data, _ in FAULTS])
def test_faults_are_sentences(data: dict[str, Any], sentence: str) -> None:
    """A fault names its option, what it must be and, for an unknown one, what is probably meant."""
    assert [sentence] == [str(each) for each in problems_in(data)]


def test_all_faults_are_found() -> None:
    """Several faults are all told, each option once."""
    data = {"quota": {"plan": "gold", "alerts": ["x", "y"]}, "storage": {"retention_days": 0}, "extra": 1}

    assert ["quota.plan", "quota.alerts", "storage.retention_days", "extra"] == [
        each.option for each in problems_in(data)
    ]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"quota": {"plan": "max5", "alerts": [1, 99.5]}},
        {"quota": {"plan": "custom", "limit_tokens": 5}},
        {"resources": {"ram_warning_gb": 2, "ram_critical_gb": 2}},
    ],
    ids=["nothing", "some", "custom plan", "whole numbers for fractions"],
)
def test_good_settings_have_no_fault(data: dict[str, Any]) -> None:
    """What can be used has no fault, also when most of it is left to the defaults."""
    assert [] == problems_in(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["quota", "levels", "plan", "alerts", "danger", "watch", "x"]), inner)
        ),
    ).filter(lambda value: isinstance(value, dict))
)
def test_any_shape_is_judged(data: dict[str, Any]) -> None:
    """Whatever a file holds, there is a verdict in sentences."""
    assert all(str(each)[-1] in ".?" for each in problems_in(data))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("quota.level.danger", "quota.levels.danger"),
        ("notifications.desktop", "notices.desktop"),
        ("context.alert_token", "context.alert_tokens"),
        ("status-line.format", "status_line.format"),
        ("nothing.like.it", None),
    ],
)
def test_nearest_option(name: str, nearest: str | None) -> None:
    """A slip of the pen is recognised, something else is not."""
    assert nearest == nearest_option(name)
