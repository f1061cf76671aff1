"""What a hook and the status line cost, as whole processes: `python tests/bench/hook_bench.py`.

Prints ratios measured in one run: against a bare `python -I -S -c pass` with the same interpreter and against
`node -e 0`, with an empty ledger, with a long history in it, and beside a large transcript.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "lib")]

from tests.bench.pairs import Command, Timing, timed
from tests.support.environment import User, make_user
from watchkeeper.core import settings
from watchkeeper.core.ledger import Ledger
from watchkeeper.core.paths import paths_in
from watchkeeper.transcripts.refresh import refresh
from watchkeeper.wiring import interpreter, programs
from watchkeeper.wiring.hook_entries import BOOT, FLAGS

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
SCENES = (("a", "empty ledger"), ("b", "long history"), ("c", "large transcript"))
CORPUS = ROOT.parent / "shared" / "bench" / "gen_corpus.py"


class Scene:
    """A made-up user whose ledger holds something, and the input of their hooks."""

    def __init__(self, name: str, folder: Path, python: str) -> None:
        self.name = name
        self.user = make_user(folder, os.environ)
        self.python = python
        self.transcript = self.user.config / "projects" / "-p" / f"{SESSION}.jsonl"
        self.transcript.parent.mkdir(parents=True)
        self.transcript.write_text("")
        self._payload = folder / "payload.json"
        self._status = folder / "status.json"
        self._calls = 0
        reset = int(time.time()) + 3600
        self._status.write_text(
            json.dumps(
                {
                    "session_id": SESSION,
                    "transcript_path": str(self.transcript),
                    "cwd": str(self.user.home),
                    "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
                    "context_window": {
                        "total_input_tokens": 64_000,
                        "context_window_size": 200_000,
                        "current_usage": {"input_tokens": 64_000},
                    },
                    "rate_limits": {"five_hour": {"used_percentage": 42, "resets_at": reset}},
                }
            )
        )

    @property
    def environ(self) -> dict[str, str]:
        return {**self.user.environ, "CLAUDE_CODE_SESSION_ATTENDED": "1"}

    def new_call(self) -> None:
        """Write the payload of one more tool call, and what the transcript gains by it."""
        self._calls += 1
        with self.transcript.open("a") as file:
            file.write(response_line(f"{self.name}-{self._calls}"))
        payload = {
            "session_id": SESSION,
            "transcript_path": str(self.transcript),
            "cwd": str(self.user.home),
            "tool_name": "Bash",
            "tool_use_id": f"toolu_{self._calls}",
            "tool_input": {"command": "ls"},
            "tool_response": {"stdout": "x" * 2000, "stderr": ""},
        }
        self._payload.write_text(json.dumps(payload))

    def hook(self) -> Command:
        return Command(
            f"PostToolUse, {self.name}", self._argv("post_tool_use"), self._payload, self.environ, self.new_call
        )

    def status_line(self) -> Command:
        return Command(f"status line, {self.name}", self._argv("status_line"), self._status, self.environ)

    def _argv(self, hook: str) -> list[str]:
        return [self.python, *FLAGS, "-c", BOOT, str(ROOT / "hooks" / f"{hook}.py")]


def response_line(message_id: str) -> str:
    """One record of a response, as the client writes it."""
    usage = {
        "input_tokens": 5,
        "output_tokens": 150,
        "cache_creation_input_tokens": 1200,
        "cache_read_input_tokens": 64_000,
    }
    message = {
        "id": message_id,
        "model": "claude-opus-5-5",
        "usage": usage,
        "content": [{"type": "text", "text": "x" * 800}],
    }
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return json.dumps({"type": "assistant", "sessionId": SESSION, "timestamp": now, "message": message}) + "\n"


def with_history(scene: Scene, megabytes: int) -> None:
    """Fill the scene's transcripts and ledger with generated history."""
    generated = scene.user.home / "generated"
    subprocess.run(
        [sys.executable, str(CORPUS), "--home", str(generated), "--size-mb", str(megabytes), "--now", "auto"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for project in (generated / ".claude" / "projects").iterdir():
        shutil.move(str(project), scene.user.config / "projects")
    take_in(scene.user)


def with_large_transcript(scene: Scene, megabytes: int) -> None:
    """Let the session's transcript be large, and read to its end."""
    with scene.transcript.open("w") as file:
        number = 0
        while file.tell() < megabytes * 1_000_000:
            number += 1
            file.write(response_line(f"large-{number}").replace("x" * 800, "x" * 4000))
    take_in(scene.user)


def take_in(user: User) -> None:
    where = paths_in(str(user.config), user.environ)
    with Ledger(where.state, time.time()) as ledger, contextlib.redirect_stderr(io.StringIO()):
        refresh(ledger, where, settings.DEFAULTS, time.time())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--history-mb", type=int, default=1000)
    parser.add_argument("--transcript-mb", type=int, default=100)
    options = parser.parse_args()
    python = interpreter.chosen(
        interpreter.candidates(os.environ), lambda path: interpreter.prove(path, programs.run)
    ).path
    programs.run([python, "-I", "-m", "compileall", "-q", str(ROOT / "lib" / "watchkeeper" / "core")])
    with tempfile.TemporaryDirectory() as folder:
        scenes = [Scene(name, Path(folder, place), python) for place, name in SCENES]
        if CORPUS.exists():
            with_history(scenes[1], options.history_mb)
        with_large_transcript(scenes[2], options.transcript_mb)
        bare = [Command("python -I -S -c pass", [python, "-I", "-S", "-c", "pass"])]
        node = shutil.which("node")
        bare += [Command("node -e 0", [node, "-e", "0"])] if node else []
        commands = [*bare, *(scene.hook() for scene in scenes), *(scene.status_line() for scene in scenes)]
        timings = timed(commands, options.rounds, warm_up=3)
    show(timings, len(bare))


def show(timings: list[Timing], bare: int) -> None:
    """Print a row for each command with its ratios to the bare ones and to its own kind with an empty ledger."""
    against = "".join(f"{timing.command.name:>22}" for timing in timings[:bare])
    print(f"{'':32}{against}{'empty ledger':>16}{'peak MiB':>12}")
    for number, timing in enumerate(timings):
        ratios = "".join(f"{timing.ratio_to(other):>22.2f}" for other in timings[:bare])
        first = timings[bare + (0 if number < bare + 3 else 3)]
        own = f"{timing.ratio_to(first):>16.2f}" if number >= bare else f"{'':16}"
        print(f"{timing.command.name:32}{ratios}{own}{timing.peak_mib:>12.1f}")


if __name__ == "__main__":
    main()
