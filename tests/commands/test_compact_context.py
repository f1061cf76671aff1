"""`compact-context` explains three ways to free the context, and prunes into a copy that is proven faithful."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Ran, Scene
from tests.context import sessions
from tests.context.transcript import Transcript
from tests.support.environment import User
from watchkeeper.context import pages
from watchkeeper.readings.status import status
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen
from watchkeeper.transcripts import chain, fork_check

NEW = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def _one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every copy has the same id."""
    monkeypatch.setattr(pages, "new_session_id", lambda: NEW)


def run(scene: Scene, *arguments: str, **options: Any) -> Ran:
    return scene.run("compact-context", "--session", SESSION, *arguments, **options)


def view_of(scene: Scene, *arguments: str) -> dict[str, Any]:
    return scene.json("compact-context", "--session", SESSION, *arguments)


def transcripts(scene: Scene) -> list[Path]:
    return sorted(Path(scene.paths.projects).rglob("*.jsonl"))


@pytest.mark.parametrize("story", ["working", "full", "talkative", "compacted", "unknown-window"])
def test_page(scene: Scene, story: str) -> None:
    """What a person sees in each situation."""
    sessions.STORIES[story](scene)

    assert_golden(f"compact-context-{story}", lambda columns, colour: run(scene, columns=columns, colour=colour).out)


def test_page_of_a_copy(scene: Scene) -> None:
    """What a person is told after pruning: where the copy is, what it saves, how to go on."""
    sessions.full(scene)
    run(scene)
    app = scene.app()
    view = pages.compact_context(status(app, SESSION), app.paths, app.settings, pages.Wish(10, None, writes_copy=True))
    app.ledger.close()
    view["fork"]["path"] = f"/home/ada/.claude/projects/-home-ada-my-project/{NEW}.jsonl"

    assert_golden(
        "compact-context-pruned",
        lambda columns, colour: engine.render("compact-context", view, Pen(colour), columns, scene.now),
    )


def test_json_has_the_promised_keys(scene: Scene) -> None:
    """Without --prune there is no copy; ways, opportunities and what is recommended are there."""
    sessions.full(scene)

    view = view_of(scene)

    assert (None, "prune") == (view["fork"], view["recommended"])
    assert ["prune", "compact", "restart"] == [way["way"] for way in view["ways"]]
    assert all({"kind", "tokens", "count"} <= each.keys() for each in view["opportunities"])
    assert 151_000 == view["plan"]["tokens_before"]
    assert view["plan"]["tokens_after"] == view["ways"][0]["leaves_tokens"]


def test_pruning_writes_a_faithful_copy(scene: Scene) -> None:
    """The copy lies beside the original, which is as it was, and passes the proof once more."""
    sessions.full(scene)
    (original,) = transcripts(scene)
    before = original.read_bytes()

    view = view_of(scene, "--prune")

    fork = view["fork"]
    assert {"session_id", "path", "tokens_before", "tokens_after"} == fork.keys()
    assert (NEW, str(original.with_name(f"{NEW}.jsonl"))) == (fork["session_id"], fork["path"])
    assert (151_000, view["plan"]["tokens_after"]) == (fork["tokens_before"], fork["tokens_after"])
    assert fork["tokens_after"] < 60_000
    assert before == original.read_bytes()
    stubs = {call: text for call, text in results(fork["path"]).items() if text.startswith("[Left out by Watchkeeper")}
    assert sum(each["count"] for each in view["plan"]["left_out"]) == len(stubs)
    assert [] == fork_check.violations(str(original), len(before), fork["path"], NEW, stubs, 10)


def results(path: str) -> dict[str, str]:
    found = {}
    nodes = chain.read_graph(path).chain().nodes
    for record in chain.records(path, nodes):
        content = record.get("message", {}).get("content")
        for block in content if isinstance(content, list) else []:
            if block["type"] == "tool_result":
                found[block["tool_use_id"]] = block["content"]
    return found


def test_what_the_copy_used_is_not_counted_twice(scene: Scene) -> None:
    """The ledger's totals stay what they were: a copied response is the original's."""
    sessions.full(scene)
    scene.run("session-status")
    before = json.loads(scene.run("usage", "--json").out)

    view_of(scene, "--prune")

    assert before == json.loads(scene.run("usage", "--json").out)


def test_a_dry_run_writes_nothing(scene: Scene) -> None:
    """It promises what pruning would do."""
    sessions.full(scene)

    view = view_of(scene, "--prune", "--dry-run")

    assert view["fork"] is None
    assert 1 == len(transcripts(scene))
    assert view["plan"] == view_of(scene, "--prune")["plan"]


def test_nothing_to_prune_is_no_failure(scene: Scene) -> None:
    """Then there is no copy either."""
    sessions.compacted(scene)

    assert view_of(scene, "--prune")["fork"] is None
    assert 1 == len(transcripts(scene))


def test_a_target_is_reached_with_the_least(scene: Scene) -> None:
    """Less is left out for a higher share, and a share that cannot be reached is said to be missed."""
    sessions.full(scene)

    high, low = view_of(scene, "--target", "70"), view_of(scene, "--target", "5")

    assert 60 < high["plan"]["used_pct_after"] <= 70
    assert sum(each["count"] for each in high["plan"]["left_out"]) < sum(
        each["count"] for each in low["plan"]["left_out"]
    )
    assert "not to 5%" in " ".join(run(scene, "--target", "5").out.split())
    assert "not to" not in run(scene, "--target", "70").out


def test_a_target_needs_a_window(scene: Scene) -> None:
    """A share of nobody knows what cannot be reckoned."""
    sessions.unknown_window(scene)

    ran = run(scene, "--target", "50")

    assert (1, 1) == (ran.code, ran.err.count("\n"))
    assert "leave it out" in ran.err


@pytest.mark.parametrize("arguments", [("--keep-recent", "-1"), ("--target", "0"), ("--target", "101")], ids=" ".join)
def test_impossible_wishes_are_refused(scene: Scene, arguments: tuple[str, ...]) -> None:
    """Wrong usage, said in one sentence."""
    sessions.full(scene)

    ran = run(scene, *arguments)

    assert (2, 1) == (ran.code, ran.err.count("\n"))


def test_more_is_left_out_when_less_is_kept(scene: Scene) -> None:
    """--keep-recent decides what is recent."""
    sessions.working(scene)

    few, many = view_of(scene, "--keep-recent", "0"), view_of(scene, "--keep-recent", "40")

    assert few["plan"]["tokens_after"] < many["plan"]["tokens_after"] == many["plan"]["tokens_before"]


def test_the_instructions_are_printed_as_they_are(scene: Scene, real_processes: User) -> None:
    """Plain text for the summariser; as JSON with the essentials for later."""
    sessions.working(scene)

    ran = run(scene, "--instructions", columns=40)
    view = view_of(scene, "--instructions")

    assert ran.out.rstrip("\n") == view["instructions"]
    assert "Objective:\n- Build the parser, then its tests." in ran.out
    assert "We decided to keep the grammar in one file." in ran.out
    assert "src/part2.py (1 edit" in view["essentials"]


def test_instructions_of_nothing(scene: Scene) -> None:
    """A session in which nothing was said has none, and that is said."""
    scene.session(began_min=2)
    told = Transcript(SESSION, scene.project)
    told.line({"type": "mode", "mode": "normal", "sessionId": SESSION})
    told.write(Path(scene.paths.projects) / "-home-ada")

    ran = run(scene, "--instructions")
    ways = run(scene)

    assert (0, "Nothing was said in this session yet that a summary would have to keep.\n") == (ran.code, ran.out)
    assert (1, True) == (ways.code, "nothing to free" in ways.err)


def test_without_a_transcript(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which session was looked for and how to name another."""
    monkeypatch.chdir(tmp_path)
    scene.session(began_min=2)

    ran = run(scene)

    assert (1, True) == (ran.code, f"of session {SESSION[:8]}" in ran.err)
    assert "--session" in ran.err


def test_a_hostile_transcript_steers_nothing(scene: Scene, real_processes: User) -> None:
    """Names from a transcript reach neither the terminal nor the summariser nor the copy as they are."""
    sessions.hostile(scene)

    page, told = run(scene, "--keep-recent", "0"), run(scene, "--instructions")
    fork = view_of(scene, "--prune", "--keep-recent", "0")["fork"]

    assert (0, 0) == (page.code, told.code)
    assert all(line.isprintable() for line in (page.out + told.out).splitlines())
    assert "<" not in told.out
    stubs = [text for text in results(fork["path"]).values() if text.startswith("[Left out by Watchkeeper")]
    assert stubs
    assert all(text.isprintable() for text in stubs)
