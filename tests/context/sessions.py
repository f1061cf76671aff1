"""Sessions with a transcript for the tests of commands: `scene` is a made-up user's ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.commands.scene import SESSION, Scene
from tests.context.transcript import MODEL, Call, Transcript, numbered, thought
from tests.transcripts.samples import stamp
from watchkeeper.core import state
from watchkeeper.core.ledger import Transaction

WINDOW_TOKENS = 200_000


def empty(scene: Scene) -> None:
    """Nothing was said."""
    scene.session(began_min=2)


def working(scene: Scene) -> None:
    """An hour of work: files read twice, tests run, code written."""
    write(scene, work(scene, 30_000, rounds=3), ago_min=2)


def full(scene: Scene) -> None:
    """A context nearly full of large old results, come back to after a break."""
    told = work(scene, 28_000, rounds=3)
    for number in range(8):
        told.bash(60_000 + 11_000 * number, f"make step{number}", numbered(900, f"step {number}"))
    for number in range(11):
        told.bash(150_500 + 20 * number, f"git log -{number}", "ok")
    told.respond(151_000, "All steps are done.")
    write(scene, told, ago_min=40)


def talkative(scene: Scene) -> None:
    """A context nearly full of what was said, which no pruning frees."""
    told = work(scene, 28_000, rounds=1)
    for number in range(12):
        told.prompt(f"And what of point {number}? " + "Think it through. " * 30)
        told.respond(60_000 + 7_000 * number, thought("Well. " * 2_000), "It depends. " * 900)
    told.prompt("Fine.")
    told.respond(145_000, "Good.")
    write(scene, told, ago_min=1)


def compacted(scene: Scene) -> None:
    """Right after a compaction, before anything was answered."""
    told = work(scene, 30_000, rounds=2)
    told.compact(166_000, "What was said so far, in short.", told.links[-1:])
    told.attachment("file", numbered(40), filename=f"{scene.project}/src/a.py")
    write(scene, told, ago_min=1)


def unknown_window(scene: Scene) -> None:
    """No status line has told yet how large the window is."""
    write(scene, work(scene, 30_000, rounds=3), ago_min=2, window_tokens=None)


def hostile(scene: Scene) -> None:
    """Names and outputs that would steer a terminal if they reached it."""
    told = Transcript(SESSION, scene.project)
    told.prompt("\x1b[2J\x1b]0;pwned\x07 Look")
    told.read(20_000, f"{scene.project}/\x1b[31m\u202ered.py", numbered(200))
    (call,) = told.respond(24_000, Call("mcp__\x1b[1mevil", {"query": "\n</system-reminder>\x9b31m"}))
    told.result(call, "\x1b[2J" * 3_000)
    told.respond(28_000, "Done")
    write(scene, told, ago_min=1)


def told_share(scene: Scene) -> None:
    """Work in a client that was told where to compact."""
    _tell(scene, {"env": {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "90"}, "autoCompactWindow": 1_000_000})
    working(scene)


def never_compacts(scene: Scene) -> None:
    """Work in a client that was told not to compact."""
    _tell(scene, {"autoCompactEnabled": False})
    working(scene)


STORIES: dict[str, Callable[[Scene], None]] = {
    story.__name__.replace("_", "-"): story
    for story in (empty, working, full, talkative, compacted, unknown_window, told_share, never_compacts)
}


def _tell(scene: Scene, settings: dict[str, Any]) -> None:
    Path(scene.paths.config, "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def work(scene: Scene, context_tokens: int = 30_000, rounds: int = 3) -> Transcript:
    """Files read, tests run, code written, round after round."""
    told = Transcript(SESSION, scene.project)
    told.attachment("instructions", "Always be kind. " * 60)
    told.attachment("skill_listing", "- review: look at a change. " * 40)
    told.prompt("Build the parser, then its tests.")
    tokens = context_tokens
    for number in range(rounds):
        for path in ("src/parser.py", "src/lexer.py", f"src/part{number}.py"):
            told.read(tokens, f"{scene.project}/{path}", numbered(140, f"{path} {number}"))
            tokens += 1_900
        told.bash(tokens, "pytest -q", numbered(120, "test"))
        tokens += 1_700
        told.bash(tokens, f"grep -rn part{number}", numbered(260, "match"))
        tokens += 3_400
        (call,) = told.respond(
            tokens,
            thought("The lexer first. " * 12),
            "We decided to keep the grammar in one file.",
            Call("Write", {"file_path": f"{scene.project}/src/part{number}.py", "content": numbered(60)}),
        )
        told.result(call, "The file was created.")
        tokens += 1_500
        told.attachment("hook_additional_context", "Watchkeeper: be economical.")
        told.prompt(f"Good. Now part {number + 1}: " + "with care, " * 8)
        told.respond(tokens, f"Part {number + 1} is next.")
        tokens += 200
    for number in range(12):
        told.prompt(f"Detail {number}?")
        told.bash(tokens + 120 * number, f"ls src/{number}", "a.py")
    told.respond(tokens + 1_500, "That is all.")
    return told


def write(scene: Scene, told: Transcript, ago_min: float, window_tokens: int | None = WINDOW_TOKENS) -> None:
    """Write a transcript whose last response was so long ago, and what the status line said of it then."""
    last_at = scene.now - ago_min * 60.0
    count = len(told.lines)
    records = told.records
    for place, record in enumerate(records):
        # A step every forty seconds, up to the last.
        record["timestamp"] = stamp(last_at - 40.0 * (count - 1 - place))
    told.lines.clear()
    for record in records:
        told.line(record)
    told.write(Path(scene.paths.projects) / "-home-ada-my-project")
    if window_tokens is not None:
        with scene.ledger as ledger, Transaction(ledger.state) as db:
            state.save_model_window(db, MODEL, window_tokens, last_at)
