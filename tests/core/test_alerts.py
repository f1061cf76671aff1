"""Tests of core/alerts.py and of the hooks that tell alerts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.watching import HOUR, SESSION, Hooks, report, response
from watchkeeper.core import state
from watchkeeper.core.ledger import Transaction
from watchkeeper.quota.reset import reset_quota

RESET = NOON + HOUR
RISING = [0, 9, 10, 11, 24, 25, 32, 33, 49, 50, 65, 66, 79, 80, 81, 89, 90, 94, 95, 96, 100]


def user_line(answer: dict[str, Any]) -> str:
    return str(answer.get("systemMessage", ""))


def model_line(answer: dict[str, Any]) -> str:
    return str(answer.get("hookSpecificOutput", {}).get("additionalContext", ""))


def at_share(hooks: Hooks, used_pct: float, now: float) -> dict[str, Any]:
    hooks.report(report(used_pct, now, RESET))
    return hooks.call("PostToolUse", now)


@pytest.mark.parametrize(
    ("alerts", "shares", "told"),
    [
        pytest.param("hyperaware", RISING, [10, 25, 50, 80, 90, 95], id="hyperaware"),
        pytest.param("basic", RISING, [50, 80, 90], id="basic"),
        pytest.param([33, 66], RISING, [33, 66], id="a list of one's own"),
        pytest.param("hyperaware", [0, 60, 70], [60], id="several at once: the highest speaks"),
    ],
)
def test_each_threshold_is_told_once_per_window(home: User, alerts: Any, shares: list[int], told: list[int]) -> None:
    """As the share rises each threshold speaks once, at the first call on or above it."""
    hooks = Hooks(home)
    hooks.configure(quota={"alerts": alerts, "time_left_alerts_min": []})

    spoke = [pct for place, pct in enumerate(shares) if user_line(at_share(hooks, pct, NOON + place))]

    assert told == spoke


def test_shares_are_compared_unrounded(home: User) -> None:
    """79.9 percent is not 80, though a rounded figure would be."""
    hooks = Hooks(home)
    at_share(hooks, 79.9, NOON)

    assert "" == model_line(at_share(hooks, 79.99, NOON + 1))
    assert "80%" in model_line(at_share(hooks, 80.0, NOON + 2))


def test_a_new_window_tells_again(home: User) -> None:
    """Each window has its own alerts."""
    hooks = Hooks(home)
    at_share(hooks, 55, NOON)
    later = RESET + 2 * HOUR
    hooks.report(report(52, later, later + 3 * HOUR))

    assert "52%" in user_line(hooks.call("PostToolUse", later))


def test_a_headless_run_does_not_use_an_alert_up(home: User) -> None:
    """What nobody sees is told again to the person who sits down."""
    headless = Hooks(home, CLAUDE_CODE_SESSION_ATTENDED="0")
    assert "" == user_line(at_share(headless, 55, NOON))

    assert "55%" in user_line(Hooks(home).call("PostToolUse", NOON + 1))


def test_the_model_is_told_from_eighty_percent_once_per_session(home: User) -> None:
    """From 80 percent the main thread's model gets one line, in every session its own, of at most 240 characters."""
    hooks = Hooks(home)
    first = at_share(hooks, 81.5, NOON)
    second = hooks.call("PostToolUse", NOON + 1)
    other = hooks.call("PostToolUse", NOON + 2, session_id="another-session")

    assert "81%" in model_line(first)
    assert len(model_line(first)) <= 240
    assert {} == second
    assert ("", True) == (user_line(other), "81%" in model_line(other))


def test_a_sub_agent_is_told_nothing(home: User) -> None:
    """What a sub-agent's hook says is shown nowhere: the desktop is told once, all others by the main thread."""
    hooks = Hooks(home)
    hooks.report(report(81.5, NOON, RESET))

    deep = [hooks.call("PostToolUse", NOON, agent_id="ad20c5056cbf82f4d") for _ in range(2)]

    assert [["terminalSequence"], []] == [list(answer) for answer in deep]
    assert "81%" in user_line(hooks.call("PostToolUse", NOON + 1))


def test_a_sub_agents_call_without_its_id_is_told_apart(home: User) -> None:
    """A call without the agent's id that stands in a sub-agent's transcript tells the model nothing."""
    hooks = Hooks(home)
    hooks.report(report(81.5, NOON, RESET))
    folder = hooks.project / SESSION / "subagents"
    folder.mkdir(parents=True)
    (folder / "agent-abc.jsonl").write_text('{"message": {"content": [{"type": "tool_use", "id": "toolu_deep"}]}}\n')

    assert "" == model_line(hooks.call("PostToolUse", NOON, tool_use_id="toolu_deep"))
    assert "81%" in model_line(hooks.call("PostToolUse", NOON + 1, tool_use_id="toolu_main"))


def test_stop_tells_the_user_but_not_the_model(home: User) -> None:
    """At Stop a word to the model would start another turn, so only the user is told."""
    hooks = Hooks(home)
    hooks.report(report(81.5, NOON, RESET))

    answer = hooks.call("Stop", NOON, stop_hook_active=False)

    assert (True, "") == ("81%" in user_line(answer), model_line(answer))


def test_an_estimate_never_raises_an_alert(home: User) -> None:
    """A figure that was converted from learned shares is no reason for an alert."""
    hooks = Hooks(home)
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        db.execute("INSERT INTO learned VALUES ('', '', 0.001, 9, 0.1, 0)")
    hooks.used(response("m1", NOON - 60, 95_000))

    assert {} == hooks.call("PostToolUse", NOON)


def test_a_measured_plan_raises_alerts(home: User) -> None:
    """Tokens measured against a chosen plan are facts."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    hooks.used(response("m1", NOON - 60, 105_000))

    assert "52%" in user_line(hooks.call("PostToolUse", NOON))


def test_danger_says_what_is_left_and_what_to_do(home: User) -> None:
    """The alert at 80 percent names what is left, the reset and the next step, and shows a desktop notice."""
    answer = at_share(Hooks(home), 81.5, NOON)

    assert (
        "Watchkeeper: 81% of the five-hour quota is used; 19% left, about 54m at this pace, "
        "resets 13:00 (in 1h). Finish what is small (under 20k tokens) and plan the next session: /plan-next-session."
    ) == user_line(answer)
    assert answer["terminalSequence"].startswith("\x1b]9;Watchkeeper: 81%")


def test_minutes_left_are_told_above_eighty_percent(home: User) -> None:
    """60, 30 and 5 minutes before the reset are told once each when little quota is left, and not below 80 percent."""
    hooks = Hooks(home)
    at_share(hooks, 85, RESET - 2 * HOUR)
    spoke = [
        minute
        for minute in (90, 61, 60, 59, 31, 30, 29, 6, 5, 4)
        if "until the five-hour" in user_line(at_share(hooks, 85, RESET - 60 * minute))
    ]
    relaxed = Hooks(home)
    relaxed.report(report(40, RESET + HOUR, RESET + 5 * HOUR))

    assert [60, 30, 5] == spoke
    assert "until" not in user_line(relaxed.call("PostToolUse", RESET + 5 * HOUR - 200))


def test_the_week_has_thresholds_of_its_own(home: User) -> None:
    """75, 90 and 95 percent of the weekly limit are told once per week."""
    hooks = Hooks(home)
    week = NOON + 100 * HOUR
    spoke = []
    for place, pct in enumerate((60, 74, 75, 76, 89, 90, 91, 94, 95, 99)):
        hooks.report(report(pct, NOON + place, week, kind="seven_day"))
        if "weekly" in user_line(hooks.call("PostToolUse", NOON + place)):
            spoke.append(pct)

    assert [75, 90, 95] == spoke


def test_a_reset_is_told_as_good_news(home: User) -> None:
    """Whoever was told that little is left is told once that the window has reset."""
    hooks = Hooks(home)
    at_share(hooks, 92, NOON)

    assert "has reset" in user_line(hooks.call("PostToolUse", RESET + 60))
    assert {} == hooks.call("PostToolUse", RESET + 61)


def test_overage_is_not_called_an_emergency(home: User) -> None:
    """Where extra usage is in use the words say so and scold nobody."""
    hooks = Hooks(home)
    hooks.report(report(100, NOON, RESET, overage=True))

    line = user_line(hooks.call("PostToolUse", NOON))

    assert (True, False) == ("extra usage is on" in line, "Save now" in line)


def test_context_alerts_re_arm_after_a_compaction(home: User) -> None:
    """50, 80 and 90 percent of the usable context are told once each, and again after a compaction."""
    hooks = Hooks(home)

    def grown_to(tokens: int, now: float) -> str:
        hooks.status_line(now, model={"id": "m"}, context_window=window(tokens))
        return user_line(hooks.call("PostToolUse", now))

    first = [pct for pct in (49, 50, 51, 79, 80, 81, 89, 90, 99) if grown_to(1670 * pct, NOON + pct)]
    hooks.call("SessionStart", NOON + 200, source="compact")
    again = [pct for pct in (49, 50, 51, 79, 80, 81, 89, 90, 99) if grown_to(1670 * pct, NOON + 300 + pct)]

    assert [50, 80, 90] == first == again


def test_a_large_context_is_told_by_its_size(home: User) -> None:
    """200,000 tokens are worth a word even where they are a small share of the window."""
    hooks = Hooks(home)
    hooks.status_line(NOON, model={"id": "m"}, context_window=window(210_000, size=1_000_000))

    assert "210k tokens" in user_line(hooks.call("PostToolUse", NOON))
    assert {} == hooks.call("PostToolUse", NOON + 1)


def test_a_session_that_starts_in_danger_is_told_once(home: User) -> None:
    """SessionStart greets an attended user with what is left, once a window: no later start or call repeats it."""
    hooks = Hooks(home)
    hooks.report(report(91, NOON, RESET))

    headless = Hooks(home, CLAUDE_CODE_SESSION_ATTENDED="0")

    assert {} == headless.call("SessionStart", NOON, source="startup", session_id="h")
    assert "9% left" in user_line(hooks.call("SessionStart", NOON, source="startup"))
    assert {} == hooks.call("SessionStart", NOON + 1, source="clear")
    assert "" == user_line(hooks.call("PostToolUse", NOON + 2))


@pytest.mark.parametrize("project", ["", "/home/dev/proj"], ids=["everywhere", "in this project"])
def test_a_snooze_keeps_alerts_for_later(home: User, project: str) -> None:
    """While alerts are snoozed nothing is told, and afterwards what still holds is."""
    hooks = Hooks(home)
    with hooks.ledger() as ledger, Transaction(ledger.state) as db:
        db.execute("INSERT INTO mutes VALUES (?, 'alerts', ?)", (project, NOON + 600))

    assert {} == at_share(hooks, 55, NOON)
    assert "55%" in user_line(hooks.call("PostToolUse", NOON + 601))


@pytest.mark.parametrize("how", ["process", "settings", "project list", "mute"])
def test_switched_off_nothing_is_told_or_stored(home: User, how: str) -> None:
    """Switched off in the settings, for the project or for one process, a hook stores nothing."""
    hooks = Hooks(home, **({"WATCHKEEPER_OFF": "1"} if how == "process" else {}))
    if how == "settings":
        hooks.configure(watch={"enabled": False})
    if how == "project list":
        hooks.configure(watch={"projects_off": ["/home/dev/proj"]})
    with hooks.ledger() as ledger:
        if how == "mute":
            with Transaction(ledger.state) as db:
                db.execute("INSERT INTO mutes VALUES ('', 'everything', ?)", (NOON + 600,))

        assert {} == at_share(hooks, 55, NOON)
        assert 0 == ledger.usage.execute("SELECT count(*) FROM tool_calls").fetchone()[0]


def test_only_one_of_two_claims_is_granted(home: User) -> None:
    """Of two processes that find the same alert due one may tell it; the lower thresholds are marked told with it."""
    with Hooks(home).ledger() as ledger, Transaction(ledger.state) as db:
        claims = [state.claim_told(db, "user", "", "five_hour", (10, 25, 50), NOON, NOON + 1) for _ in range(2)]

        assert [True, False] == claims
        assert {10.0, 25.0, 50.0} == set(state.told_at(db, "user", "", "five_hour", NOON))


def window(tokens: int, size: int = 200_000) -> dict[str, Any]:
    return {
        "total_input_tokens": tokens,
        "context_window_size": size,
        "current_usage": {"input_tokens": tokens, "output_tokens": 1},
    }


def test_a_clock_behind_the_servers_does_not_repeat_alerts(home: User) -> None:
    """When the reset seems more than five hours away each alert is told once all the same."""
    hooks = Hooks(home)
    hooks.report(report(55, NOON, NOON + 5.5 * HOUR))

    assert [True, False, False] == ["55%" in user_line(hooks.call("PostToolUse", NOON + late)) for late in (0, 1, 2)]


def test_a_clock_that_was_set_back_keeps_alerts(home: User) -> None:
    """A report with a time that is still to come is void, so newer ones count."""
    hooks = Hooks(home)
    hooks.report(report(20, NOON + HOUR, NOON + 3 * HOUR))
    limits = {"five_hour": {"used_percentage": 70, "resets_at": NOON + 3 * HOUR}}

    assert "5h 70% reported" in hooks.status_line(NOON, rate_limits=limits)
    assert "70%" in user_line(hooks.call("PostToolUse", NOON))


def test_a_corrected_figure_can_be_told_again(home: User) -> None:
    """When a figure has fallen well below what was told, reaching it once more is news; wobbling around it is not."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "free"})
    hooks.used(response("m1", NOON - 60, 48_000))
    first = user_line(hooks.call("PostToolUse", NOON))
    hooks.configure(quota={"plan": "pro"})
    between = user_line(hooks.call("PostToolUse", NOON + 1))
    hooks.used(response("m2", NOON + 2, 142_000))

    assert ("96%" in first, "95%" in user_line(hooks.call("PostToolUse", NOON + 3))) == (True, True)
    assert "" == between


def test_another_accounts_tokens_do_not_count(home: User) -> None:
    """What a session on an API key uses is no part of a subscriber's plan."""
    hooks = Hooks(home)
    hooks.configure(quota={"plan": "pro"})
    paying = Hooks(home, ANTHROPIC_API_KEY="sk-made-up")
    paying.call("SessionStart", NOON - 100, source="startup", session_id="paying")
    hooks.used(response("m1", NOON - 60, 190_000, session_id="paying"))

    assert {} == hooks.call("PostToolUse", NOON)


def test_whoever_is_told_limits_is_warned_whatever_the_environment(home: User) -> None:
    """With an API key in the environment of a subscriber, hooks read what the status line was told."""
    hooks = Hooks(home, ANTHROPIC_API_KEY="sk-made-up")
    hooks.call("SessionStart", NOON, source="startup")
    hooks.status_line(NOON + 1, rate_limits={"five_hour": {"used_percentage": 85, "resets_at": RESET}})

    assert "85%" in user_line(hooks.call("PostToolUse", NOON + 2))


def test_a_terminal_drawn_anew_is_not_told_anew(home: User) -> None:
    """An idle terminal repeats old figures: they keep their age, and never push a newer one down."""
    idle, busy = Hooks(home, NO_COLOR="1"), Hooks(home, NO_COLOR="1")
    old = {
        "rate_limits": {"five_hour": {"used_percentage": 60, "resets_at": RESET}},
        "cost": {"total_api_duration_ms": 9},
    }
    new = {"rate_limits": {"five_hour": {"used_percentage": 85, "resets_at": RESET}}, "session_id": "busy"}
    idle.status_line(NOON, **old)
    busy.status_line(NOON + 60, **new)

    shown = [idle.status_line(NOON + late, **old) for late in (120, 400, 1500)]

    assert ["85%", "85%", "85%"] == [line.split("5h ")[1][:3] for line in shown]
    assert "reported 24m ago" in shown[-1]


def test_desktop_notices_can_be_switched_off(home: User) -> None:
    """`notices.desktop = false` leaves the line and takes the notice away."""
    hooks = Hooks(home)
    hooks.configure(notices={"desktop": False})

    answer = at_share(hooks, 81.5, NOON)

    assert ("81%" in user_line(answer), "terminalSequence" in answer) == (True, False)


def test_alerts_use_the_users_own_advice(home: User) -> None:
    """The recommendation of a level can be worded in the settings."""
    hooks = Hooks(home)
    hooks.configure(advice={"quota": {"danger": "Stretch your legs."}})

    assert user_line(at_share(hooks, 81.5, NOON)).endswith("Stretch your legs.")


def test_a_hand_reset_outlives_the_next_status_line(home: User) -> None:
    """After `quota reset` the old window's figure does not come back with the next drawing of the line."""
    hooks = Hooks(home)
    hooks.report(report(85, NOON, RESET))
    with hooks.ledger() as ledger:
        reset_quota(ledger, "", NOON + 60, NOON + 60)
    limits = {"five_hour": {"used_percentage": 85, "resets_at": RESET}}

    assert "85%" not in hooks.status_line(NOON + 120, rate_limits=limits)
    lower = {"five_hour": {"used_percentage": 3, "resets_at": RESET}}
    hooks.status_line(NOON + 180, rate_limits=lower, cost={"total_api_duration_ms": 5})
    assert "5h 3% reported" in hooks.status_line(NOON + 400, rate_limits=lower, cost={"total_api_duration_ms": 9})
