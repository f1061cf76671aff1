"""`usage` adds up what was recorded, to the token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene, danger

KINDS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def week(scene: Scene) -> None:
    """Work on three days, in two projects, with two models and a sub-agent."""
    danger(scene)
    scene.session("1f0c5a77-other", began_min=3_000, project="/home/ada/other", cwd="/home/ada/other", cost_usd=4.2)
    for days in (1, 2):
        ago_min = days * 1_440.0
        scene.response(
            ago_min,
            session_id="1f0c5a77-other",
            cwd="/home/ada/other",
            tokens=(1_000 * days, 20_000, 1_234_567, 98_765_432),
        )
        scene.response(
            ago_min - 5,
            session_id="1f0c5a77-other",
            cwd="/home/ada/other",
            model="claude-haiku-4-5",
            agent_id="a1",
            tokens=(10, 200, 3_000, 0),
        )


def used(scene: Scene, *arguments: str) -> dict[str, Any]:
    return scene.json("usage", *arguments)


@pytest.mark.parametrize("by", ["", "day", "session", "project", "model", "window"])
def test_page(scene: Scene, by: str) -> None:
    """What a person sees, in all and in rows."""
    week(scene)
    arguments = ["--by", by] if by else []

    assert_golden(
        f"usage-{by or 'all'}",
        lambda columns, colour: scene.run("usage", *arguments, columns=columns, colour=colour).out,
    )


def test_totals_are_exact(scene: Scene) -> None:
    """Each kind by itself, and all of them together."""
    danger(scene)

    view = used(scene)

    assert (10_000, 40_500, 110_000, 131_000) == tuple(view[kind] for kind in KINDS)
    assert (291_500, 3) == (view["total_tokens"], view["messages"])


@pytest.mark.parametrize("by", ["day", "session", "project", "model", "window"])
def test_rows_add_up_to_the_totals(scene: Scene, by: str) -> None:
    """Nothing is lost or doubled between the rows."""
    week(scene)

    view = used(scene, "--by", by)

    assert by == view["by"]
    for key in (*KINDS, "total_tokens", "messages"):
        assert view[key] == sum(group[key] for group in view["groups"])


def test_a_span(scene: Scene) -> None:
    """From and until bound what is added up; a day counts to its end."""
    week(scene)

    yesterday = used(scene, "--since", "yesterday", "--until", "2026-11-19")

    assert (2, "2026-11-20T00:00:00+00:00") == (yesterday["messages"], yesterday["until_at"])
    assert 3 == used(scene, "--since", "today")["messages"]


def test_a_duration_is_since_then(scene: Scene) -> None:
    """`3d` is three days ago, as durations are written everywhere."""
    week(scene)

    assert used(scene, "--since", "3d ago") == used(scene, "--since", "3d")
    assert used(scene, "--until", "1d ago") == used(scene, "--until", "1d")


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_names_stay_different_where_it_is_narrow(scene: Scene, columns: int) -> None:
    """Models with the same beginning and folders far down are told apart, and totals are shown, at every width."""
    shared = "/home/ada/companies/the-longest-name-of-all/clients"
    for number, model in enumerate(("opus-5-5-20260901", "sonnet-4-5-20250929", "sonnet-4-5-20250930")):
        scene.response(5.0 + number, session_id=f"s{number}", cwd=f"{shared}/{number}", model=f"claude-{model}")

    for by, names in (("model", ("opus-5-5-20260901", "5-20250929", "5-20250930")), ("project", ("/0", "/1", "/2"))):
        shown = scene.run("usage", "--by", by, columns=columns).out
        head, *rows = shown.split("\n\n")[1].splitlines()
        assert head.endswith("Total")
        assert set(names) == {name for row in rows for name in names if row.split()[0].endswith(name)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "colour"), "choose one of day, session, project, model, window"),
        (("--since", "whenever"), "is no time"),
        (("--since", "today", "--until", "yesterday"), "--since has to be the earlier one"),
    ],
)
def test_wrong_usage(scene: Scene, words: tuple[str, ...], said: str) -> None:
    """A mistake is one sentence and exit code 2."""
    ran = scene.run("usage", *words)

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert 1 == ran.err.count("\n")


def test_rebuilding_keeps_what_is_gone(scene: Scene) -> None:
    """Half of the transcripts are swept away, everything is read again, and the totals stay."""
    folder = Path(scene.paths.projects, "-home-ada")
    folder.mkdir(parents=True)
    for number in range(4):
        record = {
            "type": "assistant",
            "sessionId": f"s{number}",
            "timestamp": "2026-11-20T11:00:00Z",
            "message": {"id": f"m{number}", "usage": {"input_tokens": 3, "output_tokens": number}},
        }
        (folder / f"s{number}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    before = used(scene)
    for number in (0, 1):
        (folder / f"s{number}.jsonl").unlink()

    assert before == used(scene, "--rebuild")
    assert (12, 6, 4) == (before["input_tokens"], before["output_tokens"], before["messages"])


def test_an_empty_ledger_is_all_zeros(scene: Scene) -> None:
    """Before anything was recorded the totals are zero, and no row is shown."""
    view = used(scene, "--by", "day")

    assert (0, []) == (view["total_tokens"], view["groups"])
