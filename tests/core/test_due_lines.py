"""What jobs have to say reaches the session's user once; the quota alert says whether the plan still fits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.environment import User
from tests.support.watching import HOUR, SESSION, Hooks, report, response
from watchkeeper.core import due_lines
from watchkeeper.core.ledger import Ledger, Transaction

PLAN = {"file_path": "/home/dev/proj/plan.md"}
NOW = 1_795_000_000.0


@pytest.fixture
def hooks(home: User) -> Hooks:
    return Hooks(home)


def compare(hooks: Hooks, **columns: Any) -> None:
    """The session is compared with the estimate of a plan."""
    row = {
        "estimate_id": "e", "session_id": SESSION, "plan_path": "/home/dev/proj/plan.md", "made_at": NOW,
        "low_tokens": 1, "mid_tokens": 2, "high_tokens": 3, "coverage": 0.8, "counted": "input", "state": "running",
        "actual_tokens": 20_000, "projected_mid_tokens": 60_000, "projected_high_tokens": 90_000, **columns,
    }  # fmt: skip
    with hooks.ledger(NOW) as ledger, Transaction(ledger.state) as db:
        db.execute(f"INSERT INTO estimates ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", [*row.values()])


def let_tell(ledger: Ledger, text: str, at: float = NOW, session_id: str = SESSION) -> None:
    with Transaction(ledger.state) as db:
        due_lines.add(db, session_id, text, at)


def test_a_line_is_told_once(hooks: Hooks) -> None:
    """The next hook that is seen tells what is due to its session, in order, and no other does again."""
    with hooks.ledger(NOW) as ledger:
        let_tell(ledger, "Watchkeeper: two.", NOW + 1)
        let_tell(ledger, "Watchkeeper: one.")
        let_tell(ledger, "Not yours.", session_id="other")

    first = hooks.call("PostToolUse", NOW + 10)

    assert "Watchkeeper: one. Watchkeeper: two." == first["systemMessage"]
    assert "hookSpecificOutput" not in first, "the model is told nothing, so it costs nothing"
    assert {} == hooks.call("Stop", NOW + 20)


@pytest.mark.parametrize(
    ("event", "fields", "environ"),
    [
        ("PostToolUse", {"agent_id": "a1"}, {}),
        ("SessionEnd", {"reason": "other"}, {}),
        ("PostToolUse", {}, {"CLAUDE_CODE_SESSION_ATTENDED": "0"}),
    ],
    ids=["in a sub-agent", "at an end", "headless"],
)
def test_what_nobody_sees_is_kept(home: User, event: str, fields: dict[str, str], environ: dict[str, str]) -> None:
    """A line waits for a hook whose words are shown to somebody."""
    with Hooks(home).ledger(NOW) as ledger:
        let_tell(ledger, "Watchkeeper: news.")

    assert "systemMessage" not in Hooks(home, **environ).call(event, NOW + 10, **fields)
    assert "Watchkeeper: news." == Hooks(home).call("PostToolUse", NOW + 20)["systemMessage"]


def test_old_news_is_no_news(hooks: Hooks) -> None:
    """What nobody was there to hear for a day is dropped."""
    with hooks.ledger(NOW) as ledger:
        let_tell(ledger, "Watchkeeper: yesterday.")

        assert "" == due_lines.take(ledger.state, SESSION, NOW + 90_000)
        assert "" == due_lines.take(ledger.state, SESSION, NOW)


@pytest.mark.parametrize(
    ("used_pct", "projected", "said"),
    [
        (82.0, (60_000, 90_000), "(up to 70k): that does not fit in the 36k left; the next session needs about 4k."),
        (81.0, (50_000, 90_000), "that may just fit in the 38k left."),
        (81.0, (30_000, 40_000), "that fits in the 38k left."),
        (81.0, (20_000, 20_000), "All phases of the plan are done."),
    ],
    ids=["does not fit", "may fit", "fits", "done"],
)  # fmt: skip
def test_the_quota_alert_says_whether_the_plan_still_fits(
    hooks: Hooks, used_pct: float, projected: tuple[int, int], said: str
) -> None:
    """At 80 % the user is told what is still to come and whether the quota left holds it, once."""
    hooks.configure(quota={"plan": "pro"})
    compare(hooks, projected_mid_tokens=projected[0], projected_high_tokens=projected[1])
    hooks.used(response("m1", NOW - HOUR))
    hooks.report(report(used_pct, NOW, NOW + HOUR))

    told = hooks.call("PostToolUse", NOW + 10)["systemMessage"]

    assert said in told
    assert said not in hooks.call("PostToolUse", NOW + 20).get("systemMessage", "")


def test_below_danger_the_plan_is_not_mentioned(hooks: Hooks) -> None:
    """At half of the quota one line is enough; without a plan there is nothing to add."""
    hooks.used(response("m1", NOW - HOUR))
    compare(hooks)
    hooks.report(report(51.0, NOW, NOW + HOUR))
    assert "plan takes" not in hooks.call("PostToolUse", NOW + 10)["systemMessage"]

    with hooks.ledger(NOW) as ledger, Transaction(ledger.state) as db:
        db.execute("DELETE FROM estimates")
    hooks.report(report(81.0, NOW + 20, NOW + HOUR))
    assert "plan takes" not in hooks.call("PostToolUse", NOW + 30)["systemMessage"]


@pytest.mark.parametrize(
    ("event", "fields", "expected"),
    [
        ("PostToolUse", {"tool_name": "Edit", "tool_input": PLAN}, ("track",)),
        ("PostToolUse", {"tool_name": "Write", "tool_input": {"file_path": "/home/dev/proj/other.md"}}, ()),
        ("PostToolUse", {"tool_name": "Edit", "tool_input": {"file_path": "/home/dev/proj/plan.py"}}, ()),
        ("PostToolUse", {"tool_name": "Edit", "tool_input": ["x"]}, ()),
        ("PostToolUse", {"tool_name": "Read", "tool_input": PLAN}, ()),
        (
            "PostToolUse",
            {"tool_name": "Edit", "tool_input": PLAN, "agent_id": "a"},
            (),
        ),
        ("SessionEnd", {"reason": "clear"}, (f"report={SESSION}",)),
        ("SessionEnd", {"reason": "clear", "session_id": "other"}, ()),
        ("Stop", {}, ()),
    ],
)
def test_jobs(hooks: Hooks, event: str, fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    """An edit of the plan is looked at at once, the end of a compared session is settled; nothing else starts a job."""
    compare(hooks)

    jobs = hooks.jobs(event, NOW + 10, **fields)

    assert expected == tuple(job for job in jobs if job.startswith(("track", "report")))


@pytest.mark.parametrize(
    ("state", "made_at", "expected"),
    [
        ("running", 0.0, True),
        ("saved", NOW, True),
        ("saved", 0.0, False),
        ("done", NOW, False),
        ("replaced", NOW, False),
    ],
)
def test_whether_anything_is_followed(hooks: Hooks, state: str, made_at: float, expected: bool) -> None:
    """The job that follows sessions is worth starting only where one is compared, or one is waited for."""
    compare(hooks, state=state, made_at=made_at)

    with hooks.ledger(NOW) as ledger:
        assert expected == due_lines.is_any_followed(ledger.state, NOW - due_lines.WAITS_S)
