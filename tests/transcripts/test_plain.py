"""Tests of transcripts/plain.py: the short way comes to what the long way comes to."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcripts.samples import json_values, odd_records, response
from watchkeeper.core.records import Response, fact_of
from watchkeeper.transcripts.plain import plain_row


@given(odd_records() | json_values(), st.booleans())
def test_the_short_way_is_the_long_way(record: object, in_agent_file: bool) -> None:
    """For any record the row is that of the fact, or there is none."""
    try:
        decoded = orjson.loads(json.dumps(record))
    except ValueError:
        return
    row = plain_row(decoded, in_agent_file)
    if row is not None:
        fact = fact_of(decoded, "the file's", in_agent_file)

        assert isinstance(fact, Response)
        assert (fact[:10], fact.cwd) == (row, decoded["cwd"])


@pytest.mark.parametrize("in_agent_file", [True, False])
def test_what_clients_write_goes_the_short_way(in_agent_file: bool) -> None:
    """A response as today's client writes it needs no long way, in either kind of file."""
    record = response("m1", (1, 2, 3, 4))
    fact = fact_of(record, "", in_agent_file)

    assert fact is not None
    assert fact[:10] == plain_row(record, in_agent_file)


@pytest.mark.parametrize(
    "changes",
    [
        {"isApiErrorMessage": True},
        {"forkedFrom": {"sessionId": "s0"}},
        {"timestamp": "2026-11-20T12:00:00"},
        {"timestamp": ""},
        {"isSidechain": 1},
        {"agentId": None},
        {"sessionId": ""},
        {"cwd": "/prøject"},
        {"model": "<synthetic>"},
        {"type": "user"},
    ],
    ids=str,
)
def test_everything_else_goes_the_long_way(changes: dict[str, Any]) -> None:
    """What needs a second look is left to the long way."""
    assert plain_row(response("m1", (1, 2, 3, 4), **changes), in_agent_file=False) is None


@pytest.mark.parametrize("tokens", [(0, 0, 0, 0), (-1, 2, 3, 4), (1, 2, 10**12, 4), (1, 2, 3, 4.0), (1, True, 3, 4)])
def test_odd_figures_go_the_long_way(tokens: tuple[int, ...]) -> None:
    """Figures that may stand elsewhere, or are none, are left to the long way."""
    assert plain_row(response("m1", tokens), in_agent_file=False) is None
