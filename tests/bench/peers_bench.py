"""Side by side with the peers, in one run: `python tests/bench/peers_bench.py [--size-mb N] [--peers DIR]`.

Prints two tables: the totals of one generated history against what its generator wrote, with the time to read it all,
and the time of one status line with that history behind it. The peers are fetched into a temporary folder, or are in
`--peers` from an earlier run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "lib")]

from tests.bench.pairs import Command, timed
from tests.bench.usage_bench import CCUSAGE, CORPUS, KINDS, ccusage, truth
from tests.support.environment import clean_environ
from watchkeeper.wiring.hook_entries import BOOT, FLAGS

MONITOR, STATUSBAR = "claude-monitor==4.0.0", "claude-statusbar==3.52.2"
OURS = "Watchkeeper"
# Its tables show the hours since a reset only; this is what they are made of.
MONITOR_TOTALS = """if True:
    import json, sys
    from claude_monitor.data.reader import load_usage_entries
    found, _ = load_usage_entries(data_path=sys.argv[1], hours_back=None)
    names = ("input_tokens", "output_tokens", "cache_creation_tokens", "cache_read_tokens")
    print(json.dumps([sum(getattr(each, name) for each in found) for name in names]))
"""


class Row(NamedTuple):
    """One line of a table: who, how long, how many times as long as ours, and what it counted too much in percent."""

    name: str
    seconds: float
    ratio: float
    off_pct: float | None = None


def main() -> None:
    """Fetch, generate, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        peers = fetched(options.peers or Path(temporary, "peers"))
        home = Path(temporary, "home")
        generate = [
            sys.executable,
            str(CORPUS),
            "--home",
            str(home),
            "--size-mb",
            str(options.size_mb),
            "--now",
            "auto",
        ]
        subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
        environ = clean_environ(os.environ, home) | {"CLAUDE_STATUSBAR_NO_UPDATE": "1"}
        print(f"{options.size_mb} MB of transcripts, {options.rounds} rounds, Python {sys.version.split()[0]}\n")
        show("the whole history", histories(peers, home, environ, options.rounds))
        show("one status line", status_lines(peers, home, environ, options.rounds))


def fetched(folder: Path) -> Path:
    """Return a folder with the peers in it: `v` from PyPI and `node_modules` from npm."""
    if not (folder / "v").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder / "v")], check=True)
        pip = [str(folder / "v" / "bin" / "python"), "-m", "pip", "install", "--quiet", MONITOR, STATUSBAR]
        subprocess.run(pip, check=True)
    return folder


def histories(peers: Path, home: Path, environ: Mapping[str, str], rounds: int) -> list[Row]:
    """Return the time to read everything and how far the totals are off."""
    projects = str(home / ".claude" / "projects")
    state = home / ".claude" / "watchkeeper"
    main_file = str(ROOT / "lib" / "watchkeeper" / "__main__.py")
    ours = [sys.executable, "-I", "-X", "utf8", main_file, "usage", "--json"]
    monitor = [str(peers / "v" / "bin" / "python"), "-c", MONITOR_TOTALS, projects]
    commands = [
        Command(f"{OURS}, first time", ours, None, environ, lambda: shutil.rmtree(state, ignore_errors=True)),
        Command(f"{OURS}, from then on", ours, None, environ),
        Command(CCUSAGE, [ccusage(peers), "daily", "--json", "--offline"], None, environ),
        Command(MONITOR.replace("==", "@"), monitor, None, environ),
    ]
    right = truth(home)
    timings = timed(commands, rounds)
    found = []
    for timing in timings:
        off = sum(total(timing.command, environ)) - sum(right.values())
        ratio = timing.ratio_to(timings[0])
        found.append(Row(timing.command.name, timing.median_s, ratio, off * 100.0 / sum(right.values())))
    return found


def total(command: Command, environ: Mapping[str, str]) -> list[int]:
    """Return what a program counted: input, output, cache written, cache read."""
    said = json.loads(subprocess.run(command.argv, env=dict(environ), check=True, capture_output=True).stdout)
    if isinstance(said, list):
        return said
    if "totals" in said:
        names = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")
        return [said["totals"][name] for name in names]
    return [said[name] for name in KINDS.values()]


def status_lines(peers: Path, home: Path, environ: Mapping[str, str], rounds: int) -> list[Row]:
    """Return the time of one status line after one more response, told the same by the client."""
    transcript = next((home / ".claude" / "projects").glob("*/*.jsonl"))
    window = {"used_percentage": 41.5, "resets_at": time.time() + 7_200}
    told = {
        "session_id": transcript.stem,
        "transcript_path": str(transcript),
        "cwd": str(home),
        "model": {"id": "claude-sonnet-5-5", "display_name": "Sonnet 5.5"},
        "workspace": {"current_dir": str(home), "project_dir": str(home)},
        "cost": {"total_cost_usd": 1.0, "total_duration_ms": 60_000},
        "context_window": {"context_window_size": 200_000, "used_percentage": 21.0, "total_input_tokens": 42_000},
        "rate_limits": {"five_hour": window, "seven_day": {**window, "resets_at": time.time() + 200_000}},
    }
    asked, bin_folder = home / "told.json", peers / "v" / "bin"
    asked.write_text(json.dumps(told), encoding="utf-8")
    programs = {
        OURS: [sys.executable, *FLAGS, "-c", BOOT, str(ROOT / "hooks" / "status_line.py")],
        f"{CCUSAGE} statusline": [ccusage(peers), "statusline", "--offline"],
        STATUSBAR.replace("==", "@"): [str(bin_folder / "cs")],
        MONITOR.replace("==", "@"): [str(bin_folder / "claude-monitor"), "--statusline"],
    }
    # A status line is asked for because something was answered: what is kept from the last one is out of date.
    answered = partial(answer, transcript)
    timings = timed([Command(name, argv, asked, environ, answered) for name, argv in programs.items()], rounds * 4)
    return [Row(each.command.name, each.median_s, each.ratio_to(timings[0])) for each in timings]


def answer(transcript: Path) -> None:
    """Write the transcript's last response once more, as one of its own."""
    lines = transcript.read_text(encoding="utf-8").splitlines()
    record = next(record for record in map(json.loads, reversed(lines)) if record["type"] == "assistant")
    record["uuid"] = record["requestId"] = record["message"]["id"] = f"msg_{uuid.uuid4().hex}"
    record["timestamp"] = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with transcript.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def show(title: str, rows: list[Row]) -> None:
    """Print rows as a Markdown table."""
    counts = any(row.off_pct is not None for row in rows)
    print(f"| {title} | time | ratio |" + (" totals |" if counts else ""))
    print("| --- | ---: | ---: |" + (" ---: |" if counts else ""))
    for row in rows:
        exact = "" if row.off_pct is None else " exact |" if row.off_pct == 0 else f" {row.off_pct:+.3f} % |"
        print(f"| {row.name} | {row.seconds:.3f} s | {row.ratio:.2f} |{exact}")
    print(flush=True)


if __name__ == "__main__":
    main()
