"""What pruning frees in real transcripts, how well sizes are reckoned, and what a look at a large transcript costs.

Run: python tests/bench/context_bench.py [FOLDER]. Copies are written to a temporary folder and thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lib"), str(ROOT)]

from tests.context.sizes import sizes_before_compactions
from tests.context.transcript import BEGAN_AT, MODEL, SESSION
from tests.transcripts.samples import stamp
from watchkeeper.context import analysis
from watchkeeper.context.opportunities import EXCHANGES, PRUNABLE
from watchkeeper.transcripts import fork

TRANSCRIPTS = ROOT.parent / "shared" / "transcripts"
KEEP_RECENT = (10, 3, 0)
SIZES_MB = (1, 10, 100)
LARGE_CONTEXT_TOKENS = 20_000

# Run on its own, so that the memory is this look's alone.
_LOOK = """
import sys, time
sys.path.insert(0, sys.argv[1])
from watchkeeper.context import analysis

started = time.perf_counter()
with open(sys.argv[2], "rb") as file:
    while file.read(1 << 20):
        pass
alone_s = time.perf_counter() - started

def held_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

bare_kb = held_kb()
started = time.perf_counter()
found = analysis.analyse(sys.argv[2])
print(time.perf_counter() - started, alone_s, held_kb() - bare_kb, len(found.graph.nodes), len(found.chain.nodes))
"""


def main(folder: Path) -> int:
    """Print the tables; 1 when there are no transcripts."""
    paths = [path for path in sorted(folder.rglob("*.jsonl")) if "_growth_series" not in path.parts]
    if not paths:
        print(f"no transcripts in {folder}")
        return 1
    _print_strategies(paths)
    _print_sizes(paths)
    _print_costs()
    return 0


def _print_strategies(paths: list[Path]) -> None:
    print("Pruned copies: tokens of context freed by each strategy, all copies proven faithful\n")
    kinds = "".join(f"{kind:>19}" for kind in PRUNABLE)
    print(f"{'keep':>4}{'copies':>8}{'pruned':>8}{'before':>12}{'after':>12}{kinds}")
    for keep_recent in KEEP_RECENT:
        freed: Counter[str] = Counter()
        counts: Counter[str] = Counter()
        for path in paths:
            found = analysis.analyse(str(path), keep_recent)
            if found.chain.leaf:
                counts["copies"] += _copies_well(path, found, keep_recent)
                counts["pruned"] += bool(found.plan.stubs)
                counts["before"] += found.plan.tokens_before
                counts["after"] += found.plan.tokens_after
            for candidate in found.plan.left_out:
                freed[candidate.kind] += round(candidate.saved_tokens)
        row = "".join(f"{freed[kind]:>19,}" for kind in PRUNABLE)
        sums = f"{counts['before']:>12,}{counts['after']:>12,}"
        print(f"{keep_recent:>4}{counts['copies']:>8}{counts['pruned']:>8}{sums}{row}")
    print()


def _copies_well(path: Path, found: analysis.Analysis, keep_recent: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source = shutil.copyfile(path, Path(folder) / path.name)
        # Raises when the copy is not faithful.
        fork.write(str(source), found.graph, found.plan.stubs, str(uuid.uuid4()), keep_recent)
    return True


def _print_sizes(paths: list[Path]) -> None:
    shares, rests, errors, old = [], [], [], []
    for path in paths:
        found = analysis.analyse(str(path))
        whole = found.composition
        errors += [abs(reckoned - noted) / noted for noted, reckoned in sizes_before_compactions(str(path))]
        if whole.total_tokens >= LARGE_CONTEXT_TOKENS and found.reading.responses:
            shares.append(100.0 * (whole.total_tokens - found.plan.tokens_after) / whole.total_tokens)
            rests.append(100.0 * sum(part.tokens for part in whole.parts if part.part == "rest") / whole.total_tokens)
            old.append(sum(each.tokens for each in found.opportunities if each.kind == EXCHANGES))
    print(f"{len(shares)} contexts of {LARGE_CONTEXT_TOKENS:,} tokens or more: pruning (keep 10)")
    print(f"frees {_spread(shares)} %;")
    print(f"not in the transcript is {_spread(rests)} %; old exchanges hold {_spread(old)} tokens")
    median, worst = 100.0 * statistics.median(errors), 100.0 * max(errors)
    print(
        f"size before {len(errors)} compactions against the client's: median {median:.2f} % off, worst {worst:.1f} %\n"
    )


def _spread(values: list[float] | list[int]) -> str:
    ordered = sorted(values)
    low, middle, high = (ordered[int(len(ordered) * share)] for share in (0.1, 0.5, 0.9))
    return f"{middle:,.1f} (tenth to ninth decile {low:,.1f} to {high:,.1f})"


def _print_costs() -> None:
    print(
        "One look at a transcript: seconds and memory beyond a bare start, in a process of its own; `read`: its bytes"
    )
    print(
        "alone; `command`: the whole of `watchkeeper context-status`, once the ledger has them, with its peak memory\n"
    )
    heads = "".join(f"{head:>9}" for head in ("read", "look", "MB held", "links", "on chain", "command", "MB peak"))
    print(f"{'written by':<22}{'MB':>6}{heads}")
    for kind in ("new client", "old client"):
        for size_mb in SIZES_MB:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "projects" / "-home-dev-project" / f"{SESSION}.jsonl"
                path.parent.mkdir(parents=True)
                with path.open("wb") as file:
                    file.writelines(_lines(size_mb * 1_000_000, records_requests=kind == "new client"))
                command = [sys.executable, "-c", _LOOK, str(ROOT / "lib"), str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})
                seconds, alone_s, held_kb, links, on_chain = done.stdout.split()
                cost = f"{path.stat().st_size / 1e6:>6.0f}{float(alone_s):>9.2f}{float(seconds):>9.2f}"
                command_s, peak_mb = _command(folder)
                whole = f"{command_s:>9.2f}{peak_mb:>9.0f}"
                print(f"{kind:<22}{cost}{int(held_kb) / 1e3:>9.1f}{links:>9}{on_chain:>9}{whole}")


def _command(config: str) -> tuple[float, float]:
    """Return the seconds and the peak megabytes of the second of two runs of /context-status, in a terminal's way."""
    argv = [sys.executable, str(ROOT / "lib" / "watchkeeper" / "__main__.py"), "context-status", "--session", SESSION]
    environ = {"PATH": os.environ["PATH"], "HOME": config, "CLAUDE_CONFIG_DIR": config, "LANG": "C.UTF-8"}
    seconds = peak_kb = 0.0
    for _ in range(2):
        started = time.perf_counter()
        with subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds, peak_kb = time.perf_counter() - started, used.ru_maxrss
        assert process.returncode == 0
    return seconds, peak_kb / 1e3


def _lines(most_bytes: int, records_requests: bool) -> Iterator[bytes]:
    """A session that reads and runs on and on, compacted whenever it is full."""
    written = number = 0
    parent: str | None = None
    context_tokens = 20_000
    text = "a line of some length with words in it\n" * 90

    def record(kind: str, **fields: object) -> bytes:
        nonlocal parent, number
        number += 1
        named = f"00000000-0000-4000-8000-{number:012d}"
        base = {"parentUuid": parent, "isSidechain": False, "type": kind, "uuid": named, "sessionId": SESSION}
        base |= {"timestamp": stamp(BEGAN_AT + number), "cwd": "/home/dev/project", "version": "2.1.329"}
        parent = named
        return json.dumps({**base, **fields}, separators=(",", ":")).encode() + b"\n"

    while written < most_bytes:
        call = f"toolu_{number:08d}"
        usage = {"input_tokens": 2, "cache_read_input_tokens": context_tokens, "output_tokens": 90}
        answer = {"id": f"msg_{number:08d}", "role": "assistant", "model": MODEL, "usage": usage}
        asked = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": f"make step{number}"}}
        returned = {"type": "tool_result", "tool_use_id": call, "content": text}
        lines = [
            record("assistant", message={**answer, "content": [{"type": "text", "text": "On it."}]}),
            record("assistant", message={**answer, "content": [asked]}),
            record("user", message={"role": "user", "content": [returned]}, toolUseResult={"stdout": text}),
        ]
        if records_requests:
            snapshot = {"type": "prompt_snapshot", "systemPrompt": [text * 8]}
            lines.append(record("attachment", attachment=snapshot))
            request = {"type": "api-request-shape", "sessionId": SESSION, "shape": {"system": text * 12}}
            lines.append(json.dumps(request, separators=(",", ":")).encode() + b"\n")
        context_tokens += 1_200
        if context_tokens > 160_000:
            context_tokens = 30_000
            before, parent = parent, None
            metadata = {"trigger": "auto", "preTokens": 160_000}
            lines.append(
                record("system", subtype="compact_boundary", logicalParentUuid=before, compactMetadata=metadata)
            )
            lines.append(record("user", message={"role": "user", "content": "Summary"}, isCompactSummary=True))
        written += sum(map(len, lines))
        yield from lines


if __name__ == "__main__":
    started = time.perf_counter()
    code = main(Path(sys.argv[1]) if len(sys.argv) > 1 else TRANSCRIPTS)
    print(f"\n{time.perf_counter() - started:.0f} s in all")
    raise SystemExit(code)
