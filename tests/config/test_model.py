"""The model and the defaults say the same."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from watchkeeper.adapters.notifier.choose import candidates
from watchkeeper.config import model
from watchkeeper.config.model import Config, options, tables
from watchkeeper.core.settings import DEFAULTS, PLAN_LIMITS_TOKENS


def flat(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


def test_options_are_those_with_defaults() -> None:
    """Every default has an option and every option a default, in the same order."""
    assert list(flat(DEFAULTS)) == list(options())


def test_defaults_are_valid() -> None:
    """The defaults pass their own checks."""
    assert DEFAULTS == Config.model_validate(DEFAULTS).model_dump()


@pytest.mark.parametrize("option", options())
def test_every_option_is_described(option: str) -> None:
    """Each option says in a sentence what it is."""
    description = options()[option]

    assert description.endswith(".")
    assert description[0].isupper()


def test_tables() -> None:
    """The tables are those of the defaults, inner ones too."""
    assert {name.rpartition(".")[0] for name in options()} | {"advice"} == set(tables())


def test_plans_are_those_with_a_limit() -> None:
    """A plan can be chosen if its limit is known, is given, or is left open."""
    assert {*PLAN_LIMITS_TOKENS, "custom", ""} == set(get_args(model.Plan))


def test_notifiers_are_those_there_are() -> None:
    """Each notifier can be named, and `auto`."""
    assert {"auto", *(each.name for each in candidates({}))} == set(get_args(model.Notifier))
