"""Tests of transcripts/retention.py: what is too old is forgotten, and no total changes by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.transcripts.samples import KINDS, History, response
from watchkeeper.core import state
from watchkeeper.transcripts import report, retention

DAY = 86_400.0
UTC = ZoneInfo("UTC")


def kept_for(days: int) -> dict[str, dict[str, Any]]:
    return {"storage": {"retention_days": days}}


@pytest.fixture
def history(home: User) -> History:
    return History(home)


def prune(history: History, days: int, now: float = NOON, zone: Any = UTC) -> int:
    with history.ledger() as ledger:
        return retention.prune(ledger, kept_for(days), now, zone)


def reported(history: History, by: str | None = None) -> Any:
    """What the usage command says: the totals, and the figures of each group by its name."""
    with history.ledger() as ledger:
        view = report.report(ledger.usage, by, zone=UTC)
    figures = (*KINDS, "total_tokens", "messages", "cost_usd")
    return tuple(view[each] for each in figures), {group[by]: group["total_tokens"] for group in view["groups"]}


def write_days(history: History) -> None:
    for day in range(20):
        changes = {"sessionId": f"s{day}", "cwd": f"/p{day % 3}", "model": f"model {day % 2}"}
        records = [
            response(f"m{day}-{each}", (day, 1, 2, each), NOON - day * DAY + each, **changes) for each in range(3)
        ]
        history.write(f"p/s{day}.jsonl", *records, {"type": "cost-state", "sessionId": f"s{day}", "totalCostUSD": 0.5})
    history.refresh()


@pytest.mark.parametrize("by", [None, "day", "project", "model"])
def test_totals_do_not_change(history: History, by: str | None) -> None:
    """Folding changes neither the total nor what a day, a project or a model used."""
    write_days(history)
    before = reported(history, by)
    folded = prune(history, 7)

    assert 3 * 12 == folded
    assert 3 * 8 == history.totals()[0]
    assert before == reported(history, by)


@pytest.mark.parametrize("by", ["session", "window"])
def test_what_is_folded_stands_under_no_name(history: History, by: str) -> None:
    """Sessions and windows of that time are no longer told apart, and still add up to the total."""
    write_days(history)
    before, _ = reported(history)
    prune(history, 7)
    with history.ledger() as ledger:
        view = report.report(ledger.usage, by, zone=UTC)

    assert before[-3] == view["total_tokens"] == sum(group["total_tokens"] for group in view["groups"])
    assert (3 * 12, None) == (
        view["groups"][0]["messages"],
        view["groups"][0]["session" if by == "session" else "window_at"],
    )
    assert 9 == len(view["groups"])


@pytest.mark.parametrize("rebuild", [True, False])
def test_older_copies_read_later_do_not_count_twice(history: History, rebuild: bool) -> None:
    """Reading old transcripts again, or a copy of what they hold, adds nothing."""
    write_days(history)
    before = reported(history, "day")
    prune(history, 7)
    history.write("p/resumed.jsonl", response("m15-0", (15, 1, 2, 0), NOON - 15 * DAY, sessionId="resumed"))
    history.refresh(rebuild=rebuild)
    prune(history, 7, NOON + 1)

    assert before == reported(history, "day")


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_any_course_of_days_gives_the_same_totals(home: User, retention_days: list[int], repeats: int) -> None:
    """Pruning with any retentions, day after day, with rebuilds in between, keeps every day's total."""
    history = History(home)
    write_days(history)
    before = reported(history, "day")
    for later, days in enumerate(retention_days):
        for _ in range(repeats):
            prune(history, days, NOON + later * DAY)
        history.refresh(NOON + later * DAY, rebuild=True)

    assert before == reported(history, "day")


def test_days_are_folded_whole(history: History, time_zone: Callable[[str], None]) -> None:
    """The retention ends where a day of the user's begins."""
    time_zone("Asia/Kathmandu")
    midnight = 1_795_112_100.0  # 2026-11-20 00:00 there
    for number, at in enumerate((midnight - 1, midnight, midnight + DAY - 1)):
        history.write(f"p/s{number}.jsonl", response(f"m{number}", (1, 1, 1, 1), at))
    history.refresh()

    assert 1 == prune(history, 1, midnight + DAY + 60, None)
    assert 0 == prune(history, 1, midnight + DAY + 7200, None)
    assert [("2026-11-19",)] == history.rows("SELECT day FROM totals")


def test_responses_without_a_time_stay(history: History) -> None:
    """What cannot be dated cannot be too old."""
    history.write("p/s.jsonl", response("m1", (1, 1, 1, 1), timestamp=None))
    history.refresh()
    prune(history, 7)
    history.refresh(rebuild=True)

    assert 1 == history.totals()[0]
    assert 4 == reported(history)[0][4]


DATED = {
    "tool_calls": "tool_use_id, session_id, agent_id, name, at, failed, call_tokens, result_tokens",
    "compactions": "session_id, at, trigger, pre_tokens, post_tokens",
    "agents": "agent_id, session_id, started_at, last_at",
    "windows": "started_at",
    "sessions": "session_id, started_at, last_at",
    "stretches": "session_id, started_at, ended_at, active_s, task_type, certainty, tools_say, words_say, calls,"
    " prompts, libraries, input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens",
    "reports": "account, kind, resets_at, used_pct, at, source",
    "report_changes": "account, kind, at, resets_at, used_pct",
    "told": "latch, subject, kind, threshold, at",
    "samples": "at, level",
    "handoffs": "handoff_id, project, session_id, path, state, marked_at, start",
}


@pytest.mark.parametrize("table", DATED)
def test_everything_dated_is_forgotten(history: History, table: str) -> None:
    """Of every table that holds what happened at some time, what is too old is deleted and the rest is kept."""
    columns = DATED[table].split(", ")
    with history.ledger() as ledger:
        db = ledger.state if table in {"reports", "report_changes", "told", "samples", "handoffs"} else ledger.usage
        for at in (NOON - 10 * DAY, NOON - 3600):
            values = [at if column.endswith("at") else f"{column} {at}" for column in columns]
            db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(values))})", values)
        retention.prune(ledger, kept_for(7), NOON, UTC)

        assert 1 == db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_claims_of_jobs_do_not_pile_up(history: History) -> None:
    """A claim that is older than any interval is forgotten long before the retention; a recent one holds."""
    with history.ledger() as ledger:
        for days in (0, 1, 8, 30):
            state.claim_job(ledger.state, f"draft danger s{days}", 30.0, NOON - days * DAY)
        retention.prune(ledger, kept_for(400), NOON, UTC)

        left = ledger.state.execute("SELECT name FROM jobs ORDER BY name").fetchall()
    assert [("draft danger s0",), ("draft danger s1",)] == left


def test_positions_of_gone_transcripts_are_forgotten(history: History) -> None:
    """The position in an old transcript stays as long as its file is there."""
    history.write("p/gone.jsonl", response("m1", (1, 1, 1, 1)), modified_at=NOON - 10 * DAY)
    history.write("p/old.jsonl", response("m2", (1, 1, 1, 1)), modified_at=NOON - 10 * DAY)
    history.write("p/recent.jsonl", response("m3", (1, 1, 1, 1)), modified_at=NOON - DAY)
    history.refresh()
    for name in ("gone", "recent"):
        (history.projects / "p" / f"{name}.jsonl").unlink()
    prune(history, 7)

    assert [("old",), ("recent",)] == history.rows("SELECT session_id FROM transcripts ORDER BY 1")


def test_the_open_window_keeps_its_start(history: History) -> None:
    """A window that began before the retention ends anchors the ones after it, also in a rebuild."""
    midnight = NOON - NOON % DAY
    for number, at in enumerate((midnight - 3600, midnight + 3600, midnight + 4.5 * 3600)):
        history.write(f"p/s{number}.jsonl", response(f"m{number}", (1, 1, 1, 1), at))
    history.refresh()
    before = history.rows("SELECT * FROM windows")
    prune(history, 0, midnight + DAY / 2)
    history.refresh(rebuild=True)

    assert [(midnight - 3600,), (midnight + 4.5 * 3600,)] == before == history.rows("SELECT * FROM windows")
