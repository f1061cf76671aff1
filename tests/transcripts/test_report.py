"""Tests of transcripts/report.py: the figures of the usage command, in all and in groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.transcripts.samples import KINDS, History, response
from watchkeeper.core import usage
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.records import Cost
from watchkeeper.transcripts import report, retention

DAY = 86_400.0
HOUR = 3600.0
UTC = ZoneInfo("UTC")

RECORDS = {
    "s1": [("m1", (1, 2, 3, 4), NOON, "opus"), ("m2", (10, 20, 30, 40), NOON + HOUR, "haiku")],
    "s2": [("m3", (100, 200, 300, 400), NOON + 6 * HOUR, "opus")],
    "s3": [("m4", (1000, 2000, 3000, 4000), NOON + DAY, "opus")],
}
PROJECTS = {"s1": "/a", "s2": "/b", "s3": "/a"}


@pytest.fixture
def history(home: User) -> History:
    made = History(home)
    for session_id, records in RECORDS.items():
        changes: dict[str, Any] = {"sessionId": session_id, "cwd": PROJECTS[session_id]}
        made.write(f"p/{session_id}.jsonl", *[response(*each[:3], model=each[3], **changes) for each in records])
    made.refresh()
    return made


def reported(history: History, by: str | None = None, **options: Any) -> dict[str, Any]:
    with history.ledger() as ledger:
        return report.report(ledger.usage, by, **{"zone": UTC, **options})


def groups(history: History, by: str, **options: Any) -> dict[Any, int]:
    name = "window_at" if by == "window" else by
    return {group[name]: group["total_tokens"] for group in reported(history, by, **options)["groups"]}


def test_the_totals_of_everything(history: History) -> None:
    """The keys that scripts rely on, over everything there is."""
    view = reported(history)

    expected = {"messages": 4, **dict(zip(KINDS, (1111, 2222, 3333, 4444), strict=True)), "total_tokens": 11_110}
    assert expected == {name: view[name] for name in expected}
    assert [] == view["groups"]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", {"2026-11-20": 1110, "2026-11-21": 10_000}),
        ("session", {"s1": 110, "s2": 1000, "s3": 10_000}),
        ("project", {"/a": 10_110, "/b": 1000}),
        ("model", {"opus": 11_010, "haiku": 100}),
        ("window", {NOON: 110, NOON + 6 * HOUR: 1000, NOON + DAY: 10_000}),
    ],
)
def test_groups_in_their_order(history: History, by: str, expected: dict[Any, int]) -> None:
    """Days, sessions and windows stand in the order of time, projects and models by how much they used."""
    assert list(expected.items()) == list(groups(history, by).items())


@pytest.mark.parametrize("by", report.GROUPINGS)
@pytest.mark.parametrize(
    ("since_at", "until_at"),
    [(None, None), (NOON + 1, None), (None, NOON + DAY), (NOON, NOON + HOUR), (NOON + 2 * DAY, None)],
)
def test_groups_add_up(history: History, by: str, since_at: float | None, until_at: float | None) -> None:
    """In any span the groups add up to the total, and the total is of the responses in the span."""
    view = reported(history, by, since_at=since_at, until_at=until_at)
    inside = [
        sum(tokens)
        for records in RECORDS.values()
        for _, tokens, at, _ in records
        if (since_at is None or at >= since_at) and (until_at is None or at < until_at)
    ]

    assert (len(inside), sum(inside)) == (view["messages"], view["total_tokens"])
    assert sum(inside) == sum(group["total_tokens"] for group in view["groups"])


def test_days_are_the_users(history: History, time_zone: Callable[[str], None]) -> None:
    """The same responses lie on other days in another zone."""
    time_zone("Pacific/Auckland")

    assert {"2026-11-21": 1110, "2026-11-22": 10_000} == groups(history, "day", zone=None)


def test_a_session_says_when_and_where(history: History) -> None:
    """A session's line has its project and its time, and its cost if the client reckoned it."""
    with history.ledger() as ledger, Transaction(ledger.usage) as db:
        usage.merge_facts(db, [Cost("s1", 0.0, 0.75)])
    first, second, _ = reported(history, "session")["groups"]

    assert ("/a", NOON, NOON + HOUR, 0.75) == (
        first["project"],
        first["started_at"],
        first["last_at"],
        first["cost_usd"],
    )
    assert second["cost_usd"] is None


def test_a_window_says_when_it_ends(history: History) -> None:
    """A window lasts five hours from its first response."""
    ends = [group["ends_at"] - group["window_at"] for group in reported(history, "window")["groups"]]

    assert [5 * HOUR] * 3 == ends


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param({}, 1.5, id="everything"),
        pytest.param({"since_at": NOON + 2 * HOUR}, 1.0, id="sessions that ended later"),
        pytest.param({"until_at": NOON + 2 * HOUR}, 0.5, id="sessions that ended before"),
        pytest.param({"since_at": NOON + 2 * DAY}, None, id="none"),
    ],
)
def test_costs_are_the_clients(history: History, span: dict[str, Any], expected: float | None) -> None:
    """Costs are those that the client reckoned for the sessions of the span; without any they are unknown."""
    with history.ledger() as ledger, Transaction(ledger.usage) as db:
        usage.merge_facts(db, [Cost("s1", 0.0, 0.5), Cost("s3", 0.0, 1.0)])

    assert expected == reported(history, **span)["cost_usd"]


def test_what_is_folded_counts_by_whole_days(history: History) -> None:
    """Beyond the retention a span takes in every day that it touches."""
    with history.ledger() as ledger:
        retention.prune(ledger, {"storage": {"retention_days": 7}}, NOON + 30 * DAY, UTC)

    assert 11_110 == reported(history)["total_tokens"]
    assert 1110 == reported(history, until_at=NOON)["total_tokens"]
    assert 1110 == reported(history, until_at=NOON + DAY / 2)["total_tokens"]
    assert 10_000 == reported(history, since_at=NOON + DAY)["total_tokens"]
    assert {None: 11_110} == groups(history, "session")
    assert {"2026-11-20": 1110} == groups(history, "day", since_at=NOON, until_at=NOON + 1)
    assert {"opus": 11_010, "haiku": 100} == groups(history, "model")
    assert {"/a": 10_110, "/b": 1000} == groups(history, "project")


def test_what_names_nothing_has_no_name(home: User) -> None:
    """Responses without a time, a model or a project are counted, and stand under no name."""
    history = History(home)
    history.write("p/s.jsonl", response("m1", (1, 1, 1, 1), timestamp=None, model=None, cwd=None))
    history.refresh()

    for by in ("day", "project", "model", "window"):
        assert {None: 4} == groups(history, by)
    assert 0 == reported(history, since_at=1.0)["messages"]


def test_nothing_is_nothing(home: User) -> None:
    """Before the first session every figure is zero, and no group is there."""
    history = History(home)

    for by in (None, *report.GROUPINGS):
        view = reported(history, by)
        assert (0, 0, None, []) == (view["messages"], view["total_tokens"], view["cost_usd"], view["groups"])
