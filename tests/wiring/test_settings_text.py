from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wiring.test_json_text import KEYS, LAYOUTS, VALUES
from watchkeeper.wiring import hook_entries, settings_text, status_line_entry

STATE = "/home/dev/.claude/watchkeeper"
HOOKS_FOLDER = f"{STATE}/app/hooks"
WANTED = settings_text.Wanted(
    hook_entries.installed_groups("/usr/bin/python3", HOOKS_FOLDER, ["session-status"], exec_form=True),
    status_line_entry.command("/usr/bin/python3", HOOKS_FOLDER),
    [STATE],
)
COMPACTING = WANTED._replace(auto_compact_pct=90.0)
OLDER = settings_text.Wanted(
    hook_entries.installed_groups(
        "/opt/python3.10", "/old/place/watchkeeper/app/hooks", ["session-status"], exec_form=False
    ),
    status_line_entry.command("/opt/python3.10", "/old/place/watchkeeper/app/hooks"),
    ["/old/place/watchkeeper"],
)

HANDLERS = st.fixed_dictionaries(
    {"type": st.just("command"), "command": st.text(max_size=12)},
    optional={"args": st.lists(st.text(max_size=5), max_size=2), "timeout": st.integers(1, 600)},
)
GROUPS = st.fixed_dictionaries(
    {"hooks": st.none() | st.lists(HANDLERS, max_size=3)}, optional={"matcher": st.text(max_size=8), "x": VALUES}
)
EVENTS = st.sampled_from([*hook_entries.SCRIPTS, "PreToolUse", "Notification"])
STATUS_LINES = st.fixed_dictionaries(
    {"command": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)},
    optional={
        "type": st.sampled_from(["command", None]),
        "padding": st.integers(0, 3),
        "refreshInterval": st.integers(1, 60),
    },
)
VARIABLES = st.sampled_from(["CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "CLAUDE_CODE_AUTO_COMPACT_WINDOW", "LANG", ""])
SETTINGS = st.builds(
    lambda others, ours: {**others, **ours},
    st.dictionaries(
        KEYS.filter(lambda key: key not in {"hooks", "statusLine", "env", "autoCompactWindow"}), VALUES, max_size=4
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "hooks": st.none() | st.dictionaries(EVENTS, st.none() | st.lists(GROUPS, max_size=3), max_size=4),
            "statusLine": st.none() | STATUS_LINES,
            "env": st.none() | st.dictionaries(VARIABLES, st.none() | st.text(max_size=5), max_size=3) | VALUES,
            "autoCompactWindow": st.sampled_from([None, "auto", 500_000]),
        },
    ),
)
TEXTS = st.builds(
    lambda settings, layout, is_ascii: json.dumps(settings, ensure_ascii=is_ascii, **layout) + "\n",
    SETTINGS,
    st.sampled_from(list(LAYOUTS.values())),
    st.booleans(),
)


@given(text=TEXTS, wanted=st.sampled_from([WANTED, COMPACTING]))
def test_what_is_merged_is_taken_out_exactly(text: str, wanted: settings_text.Wanted) -> None:
    """Merged and taken out again, any settings are what they were, byte for byte."""
    wired, undo = settings_text.wired(text, wanted)

    assert settings_text.is_wired(json.loads(wired), wanted, undo.members)
    assert text == settings_text.unwired(wired, undo, [STATE])


@given(text=TEXTS, seed=st.integers(), wanted=st.sampled_from([WANTED, COMPACTING]))
def test_rewritten_settings_lose_only_ours(text: str, seed: int, wanted: settings_text.Wanted) -> None:
    """After the client wrote everything anew, keys in any order, removal leaves exactly the user's settings."""
    wired, undo = settings_text.wired(text, wanted)
    rewritten = json.dumps(shuffled(json.loads(wired), random.Random(seed)), indent=2)

    assert json.loads(text) == json.loads(settings_text.unwired(rewritten, undo, [STATE]))


@given(text=TEXTS, seed=st.integers())
def test_rewritten_settings_are_still_wired(text: str, seed: int) -> None:
    """Entries that stand elsewhere or in another order are the same entries, so that nothing has to be written."""
    wired, _ = settings_text.wired(text, WANTED)

    assert settings_text.is_wired(shuffled(json.loads(wired), random.Random(seed)), WANTED)


@given(text=TEXTS)
def test_merging_changes_no_setting_of_the_user(text: str) -> None:
    """Every key, hook and status line option of the user's is in the result, in the same order."""
    before = json.loads(text)

    after = json.loads(settings_text.wired(text, WANTED)[0])

    assert [key for key in before if key not in {"hooks", "statusLine"}] == [
        key for key in after if key not in {"hooks", "statusLine"}
    ]
    for event, groups in (before.get("hooks") or {}).items():
        assert (groups or []) == (after["hooks"][event] or [])[: len(groups or [])]
    for key, value in (before.get("statusLine") or {}).items():
        assert key in {"command", "type"} or value == after["statusLine"][key]


@given(text=TEXTS)
def test_without_a_receipt_nothing_of_the_user_is_lost(text: str) -> None:
    """Taken out without any knowledge, every hook group and the status line command of the user's are still there."""
    before = json.loads(text)

    after = json.loads(settings_text.unwired(settings_text.wired(text, WANTED)[0], None, [STATE]))

    assert list(settings_text.groups_in(before)) == list(settings_text.groups_in(after))
    assert status_line_entry.command_of(before.get("statusLine")) == status_line_entry.command_of(
        after.get("statusLine")
    )


@given(text=TEXTS)
def test_a_status_line_can_be_left_alone(text: str) -> None:
    """Where the user's status line is to stay, wiring the hooks alone touches nothing of it."""
    hooks_alone = WANTED._replace(status_line=None)

    wired, undo = settings_text.wired(text, hooks_alone)

    assert json.loads(text).get("statusLine", 0) == json.loads(wired).get("statusLine", 0)
    assert settings_text.is_wired(json.loads(wired), hooks_alone)
    assert text == settings_text.unwired(wired, undo, [STATE])


@given(text=TEXTS)
def test_an_earlier_form_is_replaced(text: str) -> None:
    """Entries in another form, of another interpreter and place are recognised, and ours of today take their place."""
    earlier, undo = settings_text.wired(text, OLDER)

    base = settings_text.unwired(earlier, undo, [STATE])

    assert not settings_text.is_wired(json.loads(earlier), WANTED)
    assert settings_text.wired(text, WANTED)[0] == settings_text.wired(base, WANTED)[0]


def test_without_a_receipt_what_is_left_empty_goes() -> None:
    """Without knowledge of what was there before, no empty hook lists stay behind."""
    wired, _ = settings_text.wired('{\n  "model": "opus"\n}\n', WANTED)

    assert '{\n  "model": "opus"\n}\n' == settings_text.unwired(wired, None, [STATE])


def test_entries_added_to_our_lists_stay() -> None:
    """What others put beside our entries, even into our own groups, is kept."""
    wired, undo = settings_text.wired("{}\n", WANTED)
    settings = json.loads(wired)
    theirs = {"type": "command", "command": "echo theirs"}
    settings["hooks"]["Stop"][0]["hooks"].append(theirs)
    settings["hooks"]["PreToolUse"] = [{"hooks": [theirs]}]

    left = json.loads(settings_text.unwired(json.dumps(settings, indent=2), undo, [STATE]))

    assert {"hooks": {"Stop": [{"hooks": [theirs]}], "PreToolUse": [{"hooks": [theirs]}]}} == left


def test_another_status_line_stays() -> None:
    """A status line that the user chose after the installation is not ours to take away."""
    wired, undo = settings_text.wired("{}\n", WANTED)
    settings = {**json.loads(wired), "statusLine": {"type": "command", "command": "echo mine"}}

    left = json.loads(settings_text.unwired(json.dumps(settings), undo, [STATE]))

    assert {"statusLine": {"type": "command", "command": "echo mine"}} == left


def test_ours_twice_is_not_wired_and_goes_entirely() -> None:
    """Entries of ours that stand twice are not in order, and removal finds each of them."""
    wired, undo = settings_text.wired("{}\n", WANTED)
    settings = json.loads(wired)
    settings["hooks"]["Stop"] *= 2

    assert not settings_text.is_wired(settings, WANTED)
    assert {} == json.loads(settings_text.unwired(json.dumps(settings), undo, [STATE]))


def test_count_of_ours() -> None:
    """Each hook and the status line count once."""
    wired, _ = settings_text.wired("{}\n", WANTED)

    assert len(hook_entries.SCRIPTS) + 1 == settings_text.count_ours(json.loads(wired), [STATE])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        pytest.param([], "is not a JSON object", id="list"),
        pytest.param({"hooks": []}, "has `hooks` that are not an object", id="hooks a list"),
        pytest.param({"hooks": 0}, "has `hooks` that are not an object", id="hooks a number"),
        pytest.param(
            {"hooks": {"Stop": {}}}, "has hooks for Stop that are not a list of objects", id="groups an object"
        ),
        pytest.param(
            {"hooks": {"Stop": ["x"]}}, "has hooks for Stop that are not a list of objects", id="group a text"
        ),
        pytest.param(
            {"hooks": {"Stop": [{"hooks": "x"}]}},
            "has a hook group for Stop whose `hooks` are not a list of objects",
            id="handlers a text",
        ),
        pytest.param(
            {"hooks": {"Stop": [{"hooks": ["x"]}]}},
            "has a hook group for Stop whose `hooks` are not a list of objects",
            id="handler a text",
        ),
        pytest.param({"statusLine": "x"}, "has a statusLine that is not a command", id="status line a text"),
        pytest.param({"hooks": {"Stop": [None]}}, "has hooks for Stop that are not a list of objects", id="group null"),
        pytest.param({"statusLine": {}}, "has a statusLine that is not a command", id="status line empty"),
        pytest.param(
            {"statusLine": {"type": "static", "command": "x"}},
            "has a statusLine that is not a command",
            id="status line of another type",
        ),
        pytest.param(
            {"statusLine": {"type": "command"}},
            "has a statusLine that is not a command",
            id="status line without command",
        ),
        pytest.param(
            {"statusLine": {"type": "command", "command": "\ud800"}},
            "has a statusLine command that is not text",
            id="status line not text",
        ),
        pytest.param(
            {"statusLine": {"type": "command", "command": "a\0b"}},
            "has a statusLine command that no program can be given",
            id="status line with a zero byte",
        ),
    ],
)
def test_hostile_shapes_are_named(settings: Any, reason: str) -> None:
    """Settings into which nothing can be merged are named with the reason."""
    assert reason == settings_text.problem(settings)


@given(settings=SETTINGS)
def test_ordinary_shapes_have_no_problem(settings: dict[str, Any]) -> None:
    """What the client itself would take is taken."""
    assert settings_text.problem(settings) is None


def shuffled(value: Any, chance: random.Random) -> Any:
    """`value` with the members of each object in another order."""
    if isinstance(value, dict):
        members = list(value.items())
        chance.shuffle(members)
        return {key: shuffled(item, chance) for key, item in members}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value
